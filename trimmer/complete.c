// SPDX-License-Identifier: Apache-2.0
/*
 * complete.c - verbs, options and values that begin with a word
 *
 * In: the words so far. Out: candidates on stdout. Looks at no file and asks no engine.
 */
#include "complete.h"

#include <stdio.h>

#define FILES_TOO    ":0"
#define NOTHING_ELSE ":4"

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void candidate(const char *before, const char *text, size_t len, const char *help)
{
	printf("%s%.*s", before, (int)len, text);
	if (help)
		printf("\t%s", help);
	putchar('\n');
}

/* ---- verbs -------------------------------------------------------------------------------- */

/* True if an earlier name has the same first word. */
static bool is_repeated(const struct complete_name names[], size_t i, size_t len)
{
	for (size_t k = 0; k < i; k++)
		if (strncmp(names[k].name, names[i].name, len) == 0 &&
		    (names[k].name[len] == ' ' || !names[k].name[len]))
			return true;
	return false;
}

static void print_first_words(const struct complete_name names[], size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(names[i].name, " ");

		if (begins(names[i].name, word) && !is_repeated(names, i, len))
			candidate("", names[i].name, len,
				  names[i].name[len] ? NULL : names[i].verb->summary);
	}
}

static void print_second_words(const struct complete_name names[], size_t n, const char *first,
			       const char *word)
{
	size_t len = strlen(first);

	for (size_t i = 0; i < n; i++)
		if (strncmp(names[i].name, first, len) == 0 && names[i].name[len] == ' ' &&
		    begins(names[i].name + len + 1, word))
			candidate("", names[i].name + len + 1, strlen(names[i].name) - len - 1,
				  names[i].verb->summary);
}

/* The verb that the words before the last one begin with; *n: how many are its name. */
static const struct verb *find(const struct complete_name names[], size_t n_names,
			       char *const words[], size_t n_words, size_t *n)
{
	for (size_t i = 0; i < n_names; i++) {
		const char *name = names[i].name;
		size_t len = strcspn(name, " ");

		if (n_words < 2 || strlen(words[0]) != len || strncmp(words[0], name, len) != 0)
			continue;
		*n = name[len] ? 2 : 1;
		if (!name[len] || (n_words > 2 && strcmp(words[1], name + len + 1) == 0))
			return names[i].verb;
	}
	return NULL;
}

/* ---- options ------------------------------------------------------------------------------ */

/* The values that the help names ("cut|keep|drop"), or whether files could be one. */
static const char *print_values(const struct option_row *row, const char *before,
				const char *word)
{
	const char *value = row->arg;

	if (value[0] >= 'A' && value[0] <= 'Z')
		return strstr(value, "FILE") || strstr(value, "DIR") ? FILES_TOO : NOTHING_ELSE;
	while (*value) {
		size_t len = strcspn(value, "|");

		if (begins(value, word))
			candidate(before, value, len, NULL);
		value += len;
		value += *value == '|';
	}
	return NOTHING_ELSE;
}

static void print_options(const struct verb *verb, const char *word)
{
	const struct option_row *row;

	for (size_t i = 0; (row = options_row(verb, i)); i++)
		if (begins(row->name, word + MIN(strlen(word), (size_t)2)))
			candidate("--", row->name, strlen(row->name), row->help);
}

static const char *complete_word(const struct verb *verb, char *const words[], size_t n)
{
	const char *word = words[n - 1], *value;
	const struct option_row *row = NULL;

	for (size_t i = 0; i + 1 < n; i++) {
		if (strcmp(words[i], "--") == 0)
			return FILES_TOO;
		if (row && row->arg && !value) {
			row = NULL; /* this word is its value */
			continue;
		}
		row = words[i][0] == '-' && words[i][1] ? options_find(verb, words[i], &value)
							: NULL;
	}
	if (row && row->arg && !value)
		return print_values(row, "", word);
	if (begins(word, "--") && strchr(word, '=')) {
		cleanup_free char *before = NULL;

		row = options_find(verb, word, &value);
		if (!row || !row->arg)
			return NOTHING_ELSE;
		before = xmemdup(word, (size_t)(value - word));
		return print_values(row, before, value);
	}
	if (word[0] != '-')
		return FILES_TOO;
	if (!word[1] || word[1] == '-')
		print_options(verb, word);
	return NOTHING_ELSE;
}

void complete_print(const struct complete_name names[], size_t n_names, char *const words[],
		    size_t n_words)
{
	const struct verb *verb;
	const char *then = NOTHING_ELSE;
	size_t n = 0;

	verb = find(names, n_names, words, n_words, &n);
	if (verb)
		then = complete_word(verb, words + n, n_words - n);
	else if (n_words == 1)
		print_first_words(names, n_names, words[0]);
	else if (n_words == 2)
		print_second_words(names, n_names, words[0], words[1]);
	puts(then);
}
