// SPDX-License-Identifier: Apache-2.0
/*
 * complete.h - what could stand next on the command line, by the tables of the help
 *
 * Asked by the shells' completions ("imagetrim __complete WORD...", the last word is the one at the
 * cursor), by docker and by kubectl, in the form of the Go library cobra that these use: a candidate a
 * line, with a tab and words about it, then ":4" (nothing else fits) or ":0" (files do, too).
 */
#pragma once

#include "options.h"

#define COMPLETE_VERB "__complete"

struct complete_name {
	const char *name; /* as it is typed, of one or two words */
	const struct verb *verb;
};

void complete_print(const struct complete_name names[], size_t n_names, char *const words[],
		    size_t n_words);
