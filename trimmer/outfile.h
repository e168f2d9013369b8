// SPDX-License-Identifier: Apache-2.0
/*
 * outfile.h - a file that appears whole or not at all
 *
 * Written without a name in the same directory, or under a temporary one (O_EXCL, so never
 * through a link), and renamed at the end; a failure leaves nothing behind and what was there
 * before untouched.
 */
#pragma once

#include "base.h"

struct outfile {
	char *path;
	char *temporary; /* NULL while it has no name */
	int fd;		 /* -1 after commit or abort */
};

/* Prints the error and returns -errno. */
int outfile_open(struct outfile *out, const char *path) MUST_CHECK;
/* -ENOSPC, with a message, where `bytes` more will not fit. */
int outfile_room(const struct outfile *out, uint64_t bytes) MUST_CHECK;
int outfile_commit(struct outfile *out) MUST_CHECK;
/* Removes the temporary file unless committed; frees. For every way out. */
void outfile_fini(struct outfile *out);
