// SPDX-License-Identifier: Apache-2.0
/*
 * plugin.h - called as a part of another program: "kubectl trim" runs kubectl-trim
 *
 * One program serves all names; the name it was started by says which.
 */
#pragma once

#include "base.h"

struct plugin {
	const char *file;  /* the program's file name when it is started so */
	const char *usage; /* what a user types */
	const char *group; /* verbs below this word are meant first: "kube", or NULL */
	/*
	 * Options that may stand before the verb, each with a value; they are moved behind it,
	 * where the verb's own table has them. NULL-terminated, or NULL.
	 */
	const char *const *early;
	/*
	 * The word by which the other program calls us, among its own: "trim" of docker; NULL if it
	 * is not told. Options before it go on to the engine's program; of the table, those that end
	 * with "=" have a value.
	 */
	const char *called;
	const char *const *handed;
	const char *engine; /* unless --engine names another; NULL: the first that answers */
};

/* Which plugin that argv[0] is; NULL: imagetrim itself. */
const struct plugin *plugin_find(const char *argv0) MUST_CHECK;
/*
 * The n words after argv[0] as imagetrim takes them: what is docker's own goes to handed, early
 * options are moved behind the first other word. Both have room for n + 1 and end with NULL; the
 * strings stay argv's. Returns how many are in words.
 */
size_t plugin_order(const struct plugin *plugin, char *const argv[], size_t n, char **words,
		    char **handed);
/* What docker asks its plugins first; true if words are that question, which is answered. */
bool plugin_tell(const struct plugin *plugin, char *const words[]);
