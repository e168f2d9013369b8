// SPDX-License-Identifier: Apache-2.0
/*
 * closure.h - what kept things need though no log says so
 *
 * Rules that always hold (a table), the image's config (WorkingDir, Volumes, home), the
 * programs a runtime may start (entrypoint, cmd, healthcheck, --include-cmd) and, for every
 * kept program, its interpreters and libraries as ld.so(8) would find them.
 */
#pragma once

#include "access.h"
#include "image.h"
#include "resolve.h"

/* Programs found by layer_read_file(); larger ones are kept without a look inside. */
#define CLOSURE_FILE_MAX (512u << 20)

struct closure {
	struct image *image;
	struct tree *tree;
	struct library_paths *libraries; /* ld.so.conf, read once */
	struct node **queue;		 /* programs and libraries to look into */
	size_t n_queue, queue_cap;
};

void closure_init(struct closure *c, struct image *image, struct tree *tree);
void closure_fini(struct closure *c);
/* Marks what the logs name; *absent: paths the image does not have. */
int closure_add_access(struct closure *c, const struct access_set *access,
		       uint64_t *absent) MUST_CHECK;
/* The rules that always hold, and the config's directories and programs. */
int closure_add_rules(struct closure *c) MUST_CHECK;
/* A command as the runtime would look it up; warns when it is not in the image. */
int closure_add_command(struct closure *c, char *const argv[], const char *what) MUST_CHECK;
/* All nodes whose path matches (fnmatch(3) with FNM_PATHNAME; a directory with all below). */
/* Returns how many matched. */
size_t closure_add_glob(struct closure *c, const char *glob);
/* Works off the queue, to a fixed point. */
int closure_run(struct closure *c) MUST_CHECK;
