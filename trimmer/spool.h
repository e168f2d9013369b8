// SPDX-License-Identifier: Apache-2.0
/*
 * spool.h - unlinked temporary files
 *
 * In TMPDIR (else /var/tmp, which is on disk where /tmp may be memory). Gone when the program
 * ends, however it ends.
 */
#pragma once

#include "base.h"

/* An empty unlinked file, read and write, close-on-exec; want: bytes to expect (0 unknown). */
/* -ENOSPC at once when want does not fit. Prints the error naming the directory. */
int spool_open(uint64_t want) MUST_CHECK;
/* A file in dir that has no name yet. -EOPNOTSUPP where there is no such thing (or no dir). */
int spool_open_nameless(const char *dir, mode_t mode) MUST_CHECK;
/* A sink for tar_decompress and tar_writer: arg is struct spool_sink. */
struct spool_sink {
	int fd;
	uint64_t len;
	struct digest *digest; /* updated too unless NULL */
};
int spool_write(void *arg, const void *data, size_t len) MUST_CHECK;
