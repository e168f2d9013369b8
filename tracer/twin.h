// SPDX-License-Identifier: Apache-2.0
/*
 * twin.h - a log with the facts of an earlier one is not needed
 *
 * Probes run every few seconds and find the same each time. When a run has ended and its log is
 * whole, a mark .same-DIGEST in the log directory, a symbolic link to the log, says what was in
 * it; a later run that comes to the same digest removes its own log. The digest holds who ran
 * what (the header without time and id) and every path with what was done to it, but not in
 * which order, and not what the run itself made.
 */
#pragma once

#include "journal.h"
#include "tlog.h"

struct twin {
	int fd;	      /* of the log; borrowed */
	uint64_t run; /* digest of the header */
};

void twin_begin(struct twin *twin, int fd, const struct tlog_field *fields, size_t n);
/* There will be no run: removes the log. */
void twin_discard(const struct twin *twin);
/* The run has ended: marks its log, or removes it. Never fails: in doubt the log stays. */
void twin_end(const struct twin *twin, const struct journal *journal);
