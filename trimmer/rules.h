// SPDX-License-Identifier: Apache-2.0
/*
 * rules.h - what the user wants kept or dropped, as lines of a file
 *
 *	# comment, also behind a blank
 *	keep GLOB
 *	drop GLOB
 *	keep-dir DIR
 *	keep-cmd CMD
 *	keep-package NAME
 *	preset ca-certs|timezones|locales|nss|shell
 *
 * Their order does not matter: drop wins. docs/rules.md tells users what each means.
 */
#pragma once

#include "closure.h"
#include "options.h"

#define RULES_FILE ".imagetrim" /* in the current directory */

enum rule_kind {
	RULE_KEEP,
	RULE_DROP,
	RULE_KEEP_DIR,
	RULE_KEEP_CMD,
	RULE_KEEP_PACKAGE,
	RULE_PRESET,
	N_RULE_KINDS,
};

struct rule {
	enum rule_kind kind;
	const char *value;
	const char *file; /* where it stands, for messages; borrowed */
	unsigned int line;
};

struct rules {
	struct rule *items;
	size_t n_items, cap;
	char **texts; /* of the files; the values point into them */
	size_t n_texts, texts_cap;
};

/*
 * Adds the rules of a text, taking ownership of it (xmalloc; a NUL at text[len]). file is its
 * name for messages. -EINVAL after one printed line that names file and line.
 */
int rules_parse(struct rules *rules, const char *file, char *text, size_t len) MUST_CHECK;
/*
 * Adds the rules of the files, or, without any, those of RULES_FILE if it is there, with a
 * note, unless no_default. Prints the error.
 */
int rules_read(struct rules *rules, const struct strlist *files, bool no_default) MUST_CHECK;
void rules_fini(struct rules *rules);
/* "keep-dir" */
const char *rules_word(enum rule_kind kind);

/* ---- what they do: rules_apply.c ---------------------------------------------------------- */

/* Leaves out what is to be dropped; before all marking. */
void rules_drop(const struct rules *rules, struct closure *c);
/* Marks what is to be kept. A rule that finds nothing in the image is warned of. */
void rules_keep(const struct rules *rules, struct closure *c);

/* ---- presets: rules_presets.c ------------------------------------------------------------- */

/* The rule number i of a preset; false when there is no such one. */
bool rules_preset_row(const char *preset, size_t i, enum rule_kind *kind, const char **value);
/* "ca-certs, timezones and so on", for messages. */
const char *rules_preset_names(void);
