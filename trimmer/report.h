// SPDX-License-Identifier: Apache-2.0
/*
 * report.h - what a trim kept and what it removed, by top directory and by package
 *
 * Figures are of contents: a file with several names counts its bytes once, as kept if one of
 * them is. Files are all names but directories'.
 */
#pragma once

#include "json.h"
#include "packages.h"
#include "pathset.h"

#include <stdio.h>

struct report_side {
	uint64_t files, bytes;
};

struct report_row {
	char *name; /* "/usr" or "libc6"; "/" for what lies in the root itself */
	struct report_side kept, removed;
};

struct report_table {
	struct report_row *rows;
	size_t n_rows, cap;
};

struct report {
	struct report_row total; /* no name */
	struct report_table dirs, packages;
	struct report_row unpackaged; /* no name; when there are packages at all */
};

/* Counts the marked tree; what is in it lives on without tree and packages. */
void report_make(struct report *report, const struct tree *tree,
		 const struct packages *packages);
void report_fini(struct report *report);
/*
 * The bytes node stands for in the old image and in the new one: those of a file with several names
 * count for the name that is asked for first (kept ones should be). inodes: those met so far.
 */
struct report_bytes {
	uint64_t before, after;
};
struct report_bytes report_bytes(struct pathset *inodes, const struct node *node);
/* The n largest of each; within 80 characters a line, or a terminal's width (terminal.h). */
void report_print(const struct report *report, size_t n, FILE *out);
/* All of it, largest first. */
struct json *report_json(const struct report *report);

/*
 * Every removed name but directories, one a line, in byte order (LC_ALL=C sort): bytes, a tab,
 * the path with control bytes and backslashes as \xNN. A name whose file is kept under another
 * name has 0 bytes. 0 or -errno.
 */
int report_write_removed(const struct tree *tree, int fd) MUST_CHECK;
