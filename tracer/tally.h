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
 * Counts one more look of program (an id, 0 unknown) for path (an id), beside the one that the path's
 * own record tells. Told in w when the count has doubled, as losses are; what is left by
 * tally_flush(), many in one frame.
 */
void tally_add(struct tally *m, struct tlog_writer *w, uint32_t program, uint32_t path);
void tally_flush(struct tally *m, struct tlog_writer *w);
