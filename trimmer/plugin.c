// SPDX-License-Identifier: Apache-2.0
/*
 * plugin.c - the table of other programs that start this one
 *
 * In: argv. Out: its words as imagetrim takes them. Never acts on one.
 */
#include "plugin.h"
#include "path.h"

/* kubectl refuses flags before a plugin's name, so these come after it or not at all. */
static const char *const kubectl_early[] = { "-n", "--namespace", "--context", "--kubeconfig",
					     NULL };

static const struct plugin plugins[] = {
	{ "kubectl-trim", "kubectl trim", "kube", kubectl_early },
};

const struct plugin *plugin_find(const char *argv0)
{
	const char *file = argv0 ? path_base(argv0) : "";

	for (size_t i = 0; i < ARRAY_SIZE(plugins); i++)
		if (strcmp(plugins[i].file, file) == 0)
			return &plugins[i];
	return NULL;
}

/* How many words the early option that begins with word is: 0 if it is none. */
static size_t early_words(const struct plugin *plugin, const char *word)
{
	size_t len = strcspn(word, "=");

	for (const char *const *name = plugin->early; *name; name++) {
		bool is_letter = (*name)[1] != '-';

		if (strcmp(*name, word) == 0)
			return 2;
		if (is_letter ? strncmp(*name, word, 2) == 0
			      : strlen(*name) == len && strncmp(*name, word, len) == 0)
			return 1;
	}
	return 0;
}

void plugin_order(const struct plugin *plugin, char *const argv[], size_t n, char **words)
{
	size_t early = 0, n_words = 0, step;

	while (plugin && early < n && (step = early_words(plugin, argv[early])) > 0)
		early = MIN(early + step, n);
	if (early < n)
		words[n_words++] = argv[early];
	for (size_t i = 0; i < n; i++)
		if (i != early)
			words[n_words++] = argv[i];
	words[n_words] = NULL;
}
