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
	 * where the verb's own table has them. NULL-terminated.
	 */
	const char *const *early;
};

/* Which plugin that argv[0] is; NULL: imagetrim itself. */
const struct plugin *plugin_find(const char *argv0) MUST_CHECK;
/*
 * The n words after argv[0], early options moved behind the first other word. words has room
 * for n + 1; the strings stay argv's.
 */
void plugin_order(const struct plugin *plugin, char *const argv[], size_t n, char **words);
