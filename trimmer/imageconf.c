// SPDX-License-Identifier: Apache-2.0
/*
 * imageconf.c - what an image config says
 *
 * In: a parsed config. Out: words and texts in one form, whatever the producer wrote. Never
 * changes anything: that is imageconf_edit.c.
 */
#include "imageconf.h"

#include <stdio.h>

static const struct json *inner(const struct json *config)
{
	return json_get(config, "config");
}

/* A NULL-terminated list that grows. */
struct words {
	char **items;
	size_t n, cap;
};

static void add_word(struct words *w, const char *text)
{
	xgrow(&w->items, &w->cap, w->n + 1, sizeof(*w->items));
	w->items[w->n++] = xstrdup(text);
	w->items[w->n] = NULL;
}

static char **take_words(struct words *w)
{
	if (!w->items)
		w->items = xcalloc(1, sizeof(*w->items));
	return w->items;
}

static void add_array(struct words *w, const struct json *array, size_t from)
{
	for (size_t i = from; i < json_count(array); i++) {
		const char *text = json_text(json_at(array, i));

		add_word(w, text ? text : "");
	}
}

static char **command(const struct json *value)
{
	const char *text = json_text(value);
	struct words w = { 0 };

	if (text && *text)
		add_word(&w, text);
	/* [""] means none to every engine (formats.md 4.3). */
	text = json_text(json_at(value, 0));
	if (json_count(value) > 1 || (text && *text))
		add_array(&w, value, 0);
	return take_words(&w);
}

char **imageconf_entrypoint(const struct json *config)
{
	return command(json_get(inner(config), "Entrypoint"));
}

char **imageconf_cmd(const struct json *config)
{
	return command(json_get(inner(config), "Cmd"));
}

char **imageconf_healthcheck(const struct json *config)
{
	const struct json *test = json_get(json_get(inner(config), "Healthcheck"), "Test");
	const struct json *shell = json_get(inner(config), "Shell");
	const char *kind = json_text(json_at(test, 0));
	struct words w = { 0 };

	if (kind && strcmp(kind, "CMD") == 0) {
		add_array(&w, test, 1);
	} else if (kind && strcmp(kind, "CMD-SHELL") == 0 && json_count(test) > 1) {
		if (json_count(shell)) {
			add_array(&w, shell, 0);
		} else {
			add_word(&w, "/bin/sh");
			add_word(&w, "-c");
		}
		add_array(&w, test, 1);
	}
	return take_words(&w);
}

const char *imageconf_env(const struct json *config, const char *name)
{
	const struct json *env = json_get(inner(config), "Env");
	size_t len = strlen(name);

	/* The last one counts, as in the runtimes. */
	for (size_t i = json_count(env); i-- > 0;) {
		const char *text = json_text(json_at(env, i));

		if (text && strncmp(text, name, len) == 0 && text[len] == '=')
			return text + len + 1;
	}
	return NULL;
}

const char *imageconf_user(const struct json *config)
{
	const char *text = json_get_text(inner(config), "User");

	return text ? text : "";
}

const char *imageconf_workdir(const struct json *config)
{
	const char *text = json_get_text(inner(config), "WorkingDir");

	return text ? text : "";
}

char **imageconf_volumes(const struct json *config)
{
	const struct json *volumes = json_get(inner(config), "Volumes");
	struct words w = { 0 };

	for (size_t i = 0; i < json_members(volumes); i++) {
		const char *key = NULL;

		json_member(volumes, i, &key);
		add_word(&w, key);
	}
	return take_words(&w);
}

bool imageconf_needs_docker_types(const struct json *config)
{
	static const char *const keys[] = { "Healthcheck", "OnBuild", "Shell" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_get(inner(config), keys[i]))
			return true;
	return false;
}

void argv_free(char **argv)
{
	for (size_t i = 0; argv && argv[i]; i++)
		free(argv[i]);
	free(argv);
}

const char *imageconf_created_by(const struct json *config, size_t i)
{
	const struct json *history = json_get(config, "history");

	for (size_t k = 0; k < json_count(history); k++) {
		const struct json *entry = json_at(history, k);

		if (!json_get_bool(entry, "empty_layer", false) && i-- == 0)
			return json_get_text(entry, "created_by");
	}
	return NULL;
}
