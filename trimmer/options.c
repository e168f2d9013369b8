// SPDX-License-Identifier: Apache-2.0
/*
 * options.c - from a verb's table to its values and its help
 *
 * In: argv. Out: a filled struct, or one line that says which word is wrong. Never acts.
 */
#include "options.h"
#include "diag.h"

#include <stdio.h>

#define COMMON(field) offsetof(struct common_options, field)

static const struct option_row common_rows[] = {
	{ "engine", 0, OPTION_TEXT, "NAME", COMMON(engine),
	  "docker, podman or nerdctl (default: the first that answers)" },
	{ "json", 0, OPTION_FLAG, NULL, COMMON(json), "print the result as JSON" },
	{ "limit", 0, OPTION_LIST, "NAME=N", COMMON(limits),
	  "allow more of what hostile input could make large; 'imagetrim limits' lists them" },
	{ "quiet", 'q', OPTION_FLAG, NULL, COMMON(quiet), "no progress and no notes" },
	{ "debug", 0, OPTION_FLAG, NULL, COMMON(debug), "say what is done, step by step" },
	{ "help", 'h', OPTION_FLAG, NULL, COMMON(help), "print this help" },
};

void strlist_add(struct strlist *list, const char *item)
{
	xgrow(&list->items, &list->cap, list->n_items, sizeof(*list->items));
	list->items[list->n_items++] = item;
}

void strlist_fini(struct strlist *list)
{
	free(list->items);
	*list = (struct strlist) { 0 };
}

/* ---- parsing --------------------------------------------------------------------------- */

/* True if the verb has that common option. */
static bool verb_has(const struct verb *verb, const struct option_row *common)
{
	return !(verb->no_engine && common->offset == COMMON(engine)) &&
	       !(verb->no_json && common->offset == COMMON(json));
}

const struct option_row *options_row(const struct verb *verb, size_t i)
{
	if (i < verb->n_rows)
		return &verb->rows[i];
	i -= verb->n_rows;
	for (size_t k = 0; k < ARRAY_SIZE(common_rows); k++)
		if (verb_has(verb, &common_rows[k]) && i-- == 0)
			return &common_rows[k];
	return NULL;
}

static const struct option_row *find_by(const struct verb *verb,
					bool (*is)(const struct option_row *row,
						   const struct span *name),
					const struct span *name)
{
	const struct option_row *row;

	for (size_t i = 0; (row = options_row(verb, i)); i++)
		if (is(row, name))
			return row;
	return NULL;
}

static bool is_long(const struct option_row *row, const struct span *name)
{
	return strlen(row->name) == name->len && memcmp(row->name, name->data, name->len) == 0;
}

static bool is_letter(const struct option_row *row, const struct span *name)
{
	return row->letter == name->data[0];
}

static int parse_seconds(const struct option_row *row, const char *value, double *seconds)
{
	char *end;

	errno = 0;
	*seconds = strtod(value, &end);
	if (errno || end == value || *end || !(*seconds >= 0))
		return diag_refuse("--%s wants a number of seconds, not '%s'", row->name,
				   value);
	return 0;
}

/* What stands behind the number of a size: the factor, 0 if it is nothing we know. */
static double size_unit(const char *unit)
{
	static const char letters[] = "kmgt";
	const char *letter = *unit ? strchr(letters, *unit | 0x20) : NULL;
	double step = 1000, factor = 1;

	if (letter) {
		unit++;
		if (*unit == 'i') {
			step = 1024;
			unit++;
		}
		for (ptrdiff_t i = letter - letters; i >= 0; i--)
			factor *= step;
	}
	if (*unit == 'B' || *unit == 'b')
		unit++;
	return *unit ? 0 : factor;
}

bool options_size(const char *text, uint64_t *bytes)
{
	size_t len = strspn(text, "0123456789.");
	cleanup_free char *digits = xmemdup(text, len);
	double number, factor = size_unit(text + len);
	char *end;

	number = strtod(digits, &end); /* the C locale's: nobody calls setlocale() */
	if (end == digits || *end || factor <= 0)
		return false;
	number *= factor;
	if (!(number >= 1 && number < 0x1p63))
		return false;
	*bytes = (uint64_t)number;
	return true;
}

static int set_value(const struct option_row *row, void *options, const char *value)
{
	void *field = (char *)options + row->offset;

	switch (row->type) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)field = value;
		return 0;
	case OPTION_LIST:
		strlist_add(field, value);
		return 0;
	case OPTION_SECONDS:
		return parse_seconds(row, value, field);
	case OPTION_SIZE:
		if (options_size(value, field))
			return 0;
		return diag_refuse("--%s wants a size such as 20M, 20MiB or 20000000, not '%s'",
				   row->name, value);
	}
	abort();
}

const struct option_row *options_find(const struct verb *verb, const char *word,
				      const char **value)
{
	struct span name = { word + 1, 1 };

	*value = NULL;
	if (word[1] != '-') {
		*value = word[2] ? word + 2 : NULL;
		return find_by(verb, is_letter, &name);
	}
	name = (struct span) { word + 2, strcspn(word + 2, "=") };
	if (name.data[name.len] == '=')
		*value = name.data + name.len + 1;
	return find_by(verb, is_long, &name);
}

/* Reads the option at argv[*i], and its value behind it if it has one. */
static int parse_option(const struct verb *verb, void *options, char **argv, int *i)
{
	const char *word = argv[*i], *value;
	const struct option_row *row = options_find(verb, word, &value);

	if (!row)
		return diag_refuse("%s has no option %s; see 'imagetrim %s --help'", verb->name,
				   word, verb->name);
	if (row->type == OPTION_FLAG && value)
		return diag_refuse("option %s takes no value", word);
	if (row->type != OPTION_FLAG && !value) {
		value = argv[*i + 1];
		if (!value)
			return diag_refuse("option %s wants %s", word, row->arg);
		++*i;
	}
	return set_value(row, options, value);
}

static int check_count(const struct verb *verb, int n)
{
	if (n < verb->min_args)
		return diag_refuse("%s wants more: imagetrim %s %s", verb->name, verb->name,
				   verb->synopsis);
	if (verb->max_args >= 0 && n > verb->max_args)
		return diag_refuse("%s wants less: imagetrim %s %s", verb->name, verb->name,
				   verb->synopsis);
	return 0;
}

int options_parse(const struct verb *verb, void *options, int *argc, char **argv)
{
	const struct common_options *common = options;
	int n = 0, i, r;

	for (i = 0; argv[i] && strcmp(argv[i], "--") != 0; i++) {
		if (argv[i][0] != '-' || !argv[i][1]) {
			argv[n++] = argv[i];
			continue;
		}
		r = parse_option(verb, options, argv, &i);
		if (r < 0)
			return r;
	}
	*argc = n;
	if (argv[i]) {
		/* The words after "--" move down, behind a NULL if they are no operands. */
		i++;
		if (verb->rest)
			argv[n++] = NULL;
		while (argv[i])
			argv[n++] = argv[i++];
		if (!verb->rest)
			*argc = n;
	} else if (verb->rest) {
		argv[n++] = NULL;
	}
	argv[n] = NULL;
	return common->help ? 0 : check_count(verb, *argc);
}

static void fini_rows(const struct option_row *rows, size_t n, void *options)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].type == OPTION_LIST)
			strlist_fini((struct strlist *)((char *)options + rows[i].offset));
}

void options_fini(const struct verb *verb, void *options)
{
	fini_rows(verb->rows, verb->n_rows, options);
	fini_rows(common_rows, ARRAY_SIZE(common_rows), options);
}

/* ---- help ------------------------------------------------------------------------------ */

#define HELP_COLUMN 26
#define HELP_WIDTH  79

/* Prints text from column on, wrapped at blanks, each line indented to HELP_COLUMN. */
static void print_wrapped(const char *text, int column)
{
	while (*text) {
		int len = (int)strcspn(text, " \n");

		if (column > HELP_COLUMN && column + 1 + len > HELP_WIDTH) {
			printf("\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			putchar(' ');
			column++;
		}
		printf("%.*s", len, text);
		column += len;
		text += len;
		while (*text == ' ')
			text++;
	}
	putchar('\n');
}

static void print_row(const struct option_row *row)
{
	int column;

	if (row->letter)
		column = printf("  -%c, --%s", row->letter, row->name);
	else
		column = printf("      --%s", row->name);
	if (row->arg)
		column += printf(" %s", row->arg);
	if (column >= HELP_COLUMN) {
		putchar('\n');
		column = 0;
	}
	printf("%*s", HELP_COLUMN - column, "");
	print_wrapped(row->help, HELP_COLUMN);
}

void options_help(const struct verb *verb)
{
	const struct option_row *row;

	printf("usage: imagetrim %s %s\n\n%s\n\n", verb->name, verb->synopsis, verb->summary);
	for (size_t i = 0; (row = options_row(verb, i)); i++)
		print_row(row);
	if (verb->details)
		printf("\n%s", verb->details);
}
