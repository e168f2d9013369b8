// SPDX-License-Identifier: Apache-2.0
/*
 * logstream.h - logs out of a container, as "imagetrim-tracer cat-logs" sends them
 *
 * The container is not trusted: it can only make, and make longer, plain files *.tlog in the
 * directory given, within the limits. docs/tlog-format.md, 8, has the form.
 */
#pragma once

#include "base.h"

struct logstream {
	const char *from; /* for messages */
	const char *path; /* of the directory, for messages */
	int dir;	  /* open; borrowed */
	double seconds;	  /* without a byte: -ETIMEDOUT; 0: waits for ever */
	/* What came: */
	size_t n_new, n_longer;
	uint64_t bytes;
	bool ended; /* all was sent */
	/* private */
	int fd;
	bool stalled;
};

/* Writes to fd what of logs is in the directory: lines "SIZE NAME". Prints the error. */
int logstream_tell(const struct logstream *s, int fd) MUST_CHECK;
/*
 * Reads a stream and adds to the directory. A stream that just ends is no error (see ended): all
 * pieces before that are there. Prints the error.
 */
int logstream_take(struct logstream *s, int fd) MUST_CHECK;
