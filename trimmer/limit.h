// SPDX-License-Identifier: Apache-2.0
/*
 * limit.h - what hostile input may cost, in one table
 *
 * Each limit bounds memory, disk or time that an image, a log or a file of the user can make
 * the trimmer spend (formats.md 10). --limit NAME=VALUE changes one for this run. What only a
 * broken input exceeds has no option: a path of 4096 bytes and a component of 255 (Linux's
 * PATH_MAX, NAME_MAX), 64 KiB of an extended attribute (XATTR_SIZE_MAX), 1 MiB of records
 * before an entry (libarchive's own), the bounds of docs/tlog-format.md.
 *
 * There is no limit of time: it follows from these, and timeout(1) ends the program cleanly.
 */
#pragma once

#include "options.h"

enum limit {
	LIMIT_ARCHIVE_ENTRIES,
	LIMIT_ARCHIVE_SIZE,
	LIMIT_COLLECT_LOGS,
	LIMIT_COLLECT_SIZE,
	LIMIT_CONFIG_SIZE,
	LIMIT_DECODER_MEMORY,
	LIMIT_FILES,
	LIMIT_INDEX_DEPTH,
	LIMIT_INDEX_ENTRIES,
	LIMIT_JSON_DEPTH,
	LIMIT_JSON_VALUES,
	LIMIT_LAYER_RATIO,
	LIMIT_LAYER_SIZE,
	LIMIT_LAYERS,
	LIMIT_LOG_SIZE,
	LIMIT_MANIFEST_SIZE,
	LIMIT_PROGRAM_SIZE,
	LIMIT_RATIO_FROM,
	LIMIT_RULES_SIZE,
	LIMIT_SPARSE_SIZE,
	LIMIT_TOTAL_SIZE,
	LIMIT_YAML_SIZE,
	N_LIMITS
};

/* Its value now. */
uint64_t limit_get(enum limit which);
/* Ends the message of a limit that was reached; its %s is limit_name(). */
#define LIMIT_HINT "; --limit %s=N allows more"
const char *limit_name(enum limit which);

/* "WHAT has more than N bytes" and the hint, as an error. -EFBIG. */
int limit_exceeded(const char *what, enum limit which);

/* The same for decompressing it: "WHAT needs more than N bytes of memory". -EFBIG. */
int limit_memory(const char *what);

/* Takes "NAME=VALUE"s. -EINVAL after a printed error. Before anything is read, and once. */
int limit_set_all(const struct strlist *settings) MUST_CHECK;
/* The table on stdout: name, value in force, meaning. */
void limit_print_all(void);
