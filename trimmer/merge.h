// SPDX-License-Identifier: Apache-2.0
/*
 * merge.h - many logs into one file
 *
 * Each run stays a section of its own, with its header and notes, so nothing about who saw
 * what is lost; sections are put in an order of their own (start time, then content) and equal
 * ones become one: merging is commutative and idempotent, and gives the same bytes.
 */
#pragma once

#include "base.h"

struct merge_result {
	size_t n_logs;	   /* sections read */
	size_t n_sections; /* written */
	size_t n_paths;	   /* distinct */
};

/* Merges all logs that args name into host path out. Prints errors; nothing left behind. */
int merge_logs(char *const args[], size_t n_args, const char *out,
	       struct merge_result *result) MUST_CHECK;
