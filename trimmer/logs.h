// SPDX-License-Identifier: Apache-2.0
/*
 * logs.h - what each run recorded, and what it added to those before it
 */
#pragma once

#include "base.h"
#include "tlog.h"

/* One run: a section of a log. Texts are copies; "" where the log does not say. */
struct log_run {
	char *file, *image, *arch, *pod, *host, *container, *started;
	enum tlog_state state;
	uint64_t unreadable, lost;
	size_t n_paths;	 /* that tell of the image: nothing below a mount, no misses */
	size_t n_new;	 /* of them, what no earlier run of the same image had */
	uint32_t *paths; /* their numbers in the table's pathset */
	size_t paths_cap;
};

struct log_table {
	struct log_run *runs; /* in order of start, then file name */
	size_t n_runs, cap;
	size_t n_paths; /* distinct, over all images */
	struct pathset *pathset;
};

/* Reads all logs that args name. Prints errors; a damaged log is read up to the damage. */
int logs_read(char *const args[], size_t n_args, struct log_table *table) MUST_CHECK;
void logs_fini(struct log_table *table);
