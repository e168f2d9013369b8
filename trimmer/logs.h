// SPDX-License-Identifier: Apache-2.0
/*
 * logs.h - what each run recorded, and what it added to those before it
 */
#pragma once

#include "json.h"
#include "losses.h"
#include "tlog.h"

/* One run: a section of a log. Texts are copies; "" where the log does not say. */
struct log_run {
	char *file, *image, *layers, *arch, *pod, *host, *container, *started;
	size_t number; /* in the order they were read */
	enum tlog_state state;
	struct losses losses;
	size_t n_paths;	 /* that tell of the image: nothing below a mount, no misses */
	size_t n_new;	 /* of them, what no earlier run of the same image had */
	uint32_t *paths; /* their numbers in the table's pathset */
	size_t paths_cap;
};

/* What the header of a section tells; nothing is counted. */
void log_run_init(struct log_run *run, const char *file, const struct tlog_record *header);
void log_run_fini(struct log_run *run);

struct log_table {
	struct log_run *runs; /* in order of start, then file name */
	size_t n_runs, cap;
	size_t n_paths; /* distinct, over all images */
	struct pathset *pathset;
};

/* Reads all logs that args name. Prints errors; a damaged log is read up to the damage. */
int logs_read(char *const args[], size_t n_args, struct log_table *table) MUST_CHECK;
void logs_fini(struct log_table *table);

const char *log_state_name(enum tlog_state state);
/* "2026-11-25T01:02:34Z", or "-" where the log does not say. */
void log_run_start(const struct log_run *run, char *out, size_t size);
struct json *log_run_json(const struct log_run *run);
