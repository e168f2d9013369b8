// SPDX-License-Identifier: Apache-2.0
/*
 * diff.h - two images, or two sets of logs, path by path
 *
 * Images: contents byte by byte, type, mode, owner, extended attributes, what a link says, device
 * numbers; and what their configs say of running them. Not compared: times, layers, which names
 * share a file, labels of imagetrim. Logs: which paths, and what was done to them.
 */
#pragma once

#include "image.h"
#include "json.h"
#include "tree.h"

#include <stdio.h>

enum diff_what {
	DIFF_TYPE = 1 << 0,
	DIFF_CONTENT = 1 << 1,
	DIFF_MODE = 1 << 2,
	DIFF_OWNER = 1 << 3,
	DIFF_XATTRS = 1 << 4,
	DIFF_LINK = 1 << 5,
	DIFF_DEVICE = 1 << 6,
	DIFF_ACCESS = 1 << 7, /* of a log */
	DIFF_CONFIG = 1 << 8, /* path is a key of the config */
};

struct diff_row {
	char kind;			    /* '+' only in b, '-' only in a, '~' in both */
	uint32_t what;			    /* enum diff_what bits of '~' */
	char *path;			    /* owned */
	const struct inode *before, *after; /* of images; of the trees */
	uint32_t before_ops, after_ops;	    /* of logs */
};

struct diff {
	struct diff_row *rows; /* by path, parents first */
	size_t n_rows, cap;
	bool logs;
};

/* Trees are frozen; both must outlive diff. Prints the error; diff_fini() also on failure. */
int diff_images(struct diff *diff, struct image *a, struct tree *tree_a, struct image *b,
		struct tree *tree_b) MUST_CHECK;
int diff_logs(struct diff *diff, char *a, char *b) MUST_CHECK;
void diff_fini(struct diff *diff);

/* ---- diff_print.c ------------------------------------------------------------------------- */

void diff_print(const struct diff *diff, const char *a, const char *b, FILE *out);
/* The caller frees. */
struct json *diff_json(const struct diff *diff, const char *a, const char *b);
