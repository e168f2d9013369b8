// SPDX-License-Identifier: Apache-2.0
/*
 * options.h - one table a verb: what it is called, takes, does
 *
 * The table feeds the parser, the help and completion. Options may stand before and
 * after operands; "--" ends them. "--name=value" and "--name value" both work.
 */
#pragma once

#include "base.h"

/* Repeated option values; the strings are argv's. */
struct strlist {
	const char **items;
	size_t n_items, cap;
};
void strlist_add(struct strlist *list, const char *item);
void strlist_fini(struct strlist *list);

/* "20M", "20MB" (both 20 * 10^6), "20MiB", "1.5G", "20000000". False if it is no size > 0. */
bool options_size(const char *text, uint64_t *bytes) MUST_CHECK;

enum option_type {
	OPTION_FLAG,	/* bool */
	OPTION_TEXT,	/* const char * */
	OPTION_LIST,	/* struct strlist */
	OPTION_SECONDS, /* double, >= 0 */
	OPTION_SIZE,	/* uint64_t, > 0 bytes */
};

struct option_row {
	const char *name; /* without the dashes */
	char letter;	  /* 't' for -t, or 0 */
	enum option_type type;
	const char *arg;  /* name of the value in the help, NULL for a flag */
	size_t offset;	  /* of the value in the verb's options */
	const char *help; /* one phrase; wrapped by the help */
};

/* What every verb understands; first member of each verb's options. */
struct common_options {
	const char *engine;
	struct strlist limits; /* for limit_set_all() */
	bool json;
	bool quiet;
	bool debug;
	bool help;
};

struct verb {
	const char *name;
	const char *synopsis; /* operands, for the usage line */
	const char *summary;  /* one line of "imagetrim --help" */
	const char *details;  /* paragraphs below the options, or NULL */
	const struct option_row *rows;
	size_t n_rows;
	size_t options_size;	 /* begins with struct common_options */
	int min_args, max_args;	 /* operands; max -1: any number */
	bool no_engine, no_json; /* has no use for those of the common options */
	int trouble;		 /* exit status of an error, where 1 has a meaning; 0: 1 */
	bool rest; /* takes "-- ARGS": they come after the operands in argv, see run() */
	/*
	 * argv: operands, then (if .rest) a NULL, then the arguments after "--", NULL at the
	 * end of all. Returns the exit status, or -errno after the error was printed.
	 */
	int (*run)(void *options, int argc, char **argv);
};

/*
 * Fills options (zeroed, options_size) from argv (after the verb); operands are moved to the
 * front of argv as verb.run wants them, *argc their number. argv must have room for a second
 * NULL behind its own. -EINVAL after a printed error.
 */
int options_parse(const struct verb *verb, void *options, int *argc, char **argv) MUST_CHECK;
void options_fini(const struct verb *verb, void *options);
/* The verb's own rows and those of what is common, one after another; NULL behind the last. */
const struct option_row *options_row(const struct verb *verb, size_t i);
/* The row an option word names; *value is what stands after "=" or the letter, or NULL. */
const struct option_row *options_find(const struct verb *verb, const char *word,
				      const char **value);
/* The help of one verb on stdout, within 80 columns. */
void options_help(const struct verb *verb);
