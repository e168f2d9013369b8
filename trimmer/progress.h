// SPDX-License-Identifier: Apache-2.0
/*
 * progress.h - one line on a terminal that says how far long work is
 *
 * Silent unless stderr is a terminal and notes are shown. Bytes and rate, at most ten times a
 * second; the line is wiped when the work ends.
 */
#pragma once

#include "base.h"

struct progress {
	const char *what;
	uint64_t total, done;	 /* total 0: unknown */
	uint64_t started, shown; /* ns */
	bool on;
};

void progress_begin(struct progress *p, const char *what, uint64_t total);
void progress_add(struct progress *p, uint64_t n);
void progress_end(struct progress *p);
/* "11.8 MB": SI units, three digits. */
void progress_size(uint64_t bytes, char out[16]);
