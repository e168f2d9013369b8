// SPDX-License-Identifier: Apache-2.0
/*
 * plugin.c - the table of other programs that start this one
 *
 * In: argv. Out: its words as imagetrim takes them. Never acts on one.
 */
#include "plugin.h"
#include "path.h"

#include <stdio.h>

/* kubectl refuses flags before a plugin's name, so these come after it or not at all. */
static const char *const kubectl_early[] = { "-n", "--namespace", "--context", "--kubeconfig",
					     NULL };

/* docker/cli's own, which it leaves to the plugin to hand on. */
static const char *const docker_handed[] = {
	"--config=",   "-c=",	       "--context=", "-D",	     "--debug",
	"-H=",	       "--host=",      "-l=",	     "--log-level=", "--tls",
	"--tlsverify", "--tlscacert=", "--tlscert=", "--tlskey=",    NULL
};

static const struct plugin plugins[] = {
	{ .file = "kubectl-trim",
	  .usage = "kubectl trim",
	  .group = "kube",
	  .early = kubectl_early },
	{ .file = "docker-trim",
	  .usage = "docker trim",
	  .called = "trim",
	  .handed = docker_handed,
	  .engine = "docker" },
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

/* ---- docker ------------------------------------------------------------------------------- */

/* How many words the option is that docker hands on: 0 if it is none of its own. */
static size_t handed_words(const struct plugin *plugin, const char *word)
{
	for (const char *const *row = plugin->handed; *row; row++) {
		size_t len = strcspn(*row, "=");
		bool has_value = (*row)[len] == '=';

		if (strncmp(word, *row, len) != 0)
			continue;
		if (!word[len])
			return has_value ? 2 : 1;
		/* --host=H, --tls=false, -HH */
		if (word[len] == '=' || (word[1] != '-' && has_value))
			return 1;
	}
	return 0;
}

/*
 * [OPTION...] trim WORD..., and of docker's "help" and "__complete", which stand before our name,
 * what imagetrim calls so.
 */
static size_t take_docker(const struct plugin *plugin, char *const argv[], size_t n,
			  char **words, char **handed)
{
	static char help[] = "--help";
	size_t i = 0, n_words = 0, n_handed = 0, step;

	for (; i < n && strcmp(argv[i], plugin->called) != 0; i += step) {
		step = handed_words(plugin, argv[i]);
		if (step) {
			step = MIN(step, n - i);
			memcpy(&handed[n_handed], &argv[i], step * sizeof(*argv));
			n_handed += step;
			continue;
		}
		words[n_words++] = strcmp(argv[i], "help") == 0 ? help : argv[i];
		step = 1;
	}
	for (i++; i < n; i++)
		words[n_words++] = argv[i];
	words[n_words] = handed[n_handed] = NULL;
	return n_words;
}

bool plugin_tell(const struct plugin *plugin, char *const words[])
{
	if (!plugin || !plugin->called || !words[0] ||
	    strcmp(words[0], "docker-cli-plugin-metadata") != 0)
		return false;
	puts("{\"SchemaVersion\":\"0.1.0\",\"Vendor\":\"imagetrim\","
	     "\"Version\":\"" IMAGETRIM_VERSION "\","
	     "\"ShortDescription\":\"Make images small by watching what they use\"}");
	return true;
}

size_t plugin_order(const struct plugin *plugin, char *const argv[], size_t n, char **words,
		    char **handed)
{
	size_t early = 0, n_words = 0, step;

	handed[0] = NULL;
	if (plugin && plugin->called)
		return take_docker(plugin, argv, n, words, handed);
	while (plugin && early < n && (step = early_words(plugin, argv[early])) > 0)
		early = MIN(early + step, n);
	if (early < n)
		words[n_words++] = argv[early];
	for (size_t i = 0; i < n; i++)
		if (i != early)
			words[n_words++] = argv[i];
	words[n_words] = NULL;
	return n_words;
}
