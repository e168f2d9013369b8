// SPDX-License-Identifier: Apache-2.0
/*
 * tally.h - how often each program looked for what is not there
 *
 * A log has a path that was missed once, with the program that missed it first. How often that
 * one looked for it, and others, is counted here and told in notes (docs/tlog-format.md, 5.4).
 */
#pragma once

#include "tlog.h"

struct tally;

/* NULL when out of memory. */
struct tally *tally_new(void);
void tally_free(struct tally *m); /* NULL is allowed */

/*
 * Counts one more look of program ("" unknown) for abs, beside the one that the path's own record
 * tells. Told in w when the count has doubled, as losses are; what is left by tally_flush().
 */
void tally_add(struct tally *m, struct tlog_writer *w, const char *program, const char *abs);
void tally_flush(struct tally *m, struct tlog_writer *w);
