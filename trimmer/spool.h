// SPDX-License-Identifier: Apache-2.0
/*
 * spool.h - unlinked temporary files
 *
 * In TMPDIR (else /var/tmp, which is on disk where /tmp may be memory). Gone when the program
 * ends, however it ends.
 */
#pragma once

#include "base.h"

/* TMPDIR, or what stands for it. */
const char *spool_dir(void);
/* An empty unlinked file, read and write, close-on-exec; want: bytes to expect (0 unknown). */
/* -ENOSPC at once when want does not fit. Prints the error naming the directory. */
int spool_open(uint64_t want) MUST_CHECK;
/* -ENOSPC, with a message, where the spool's directory has less than `bytes`. */
int spool_room(uint64_t bytes) MUST_CHECK;
/* The same for the rest of a spool's file that will have so many bytes in the end. */
int spool_grows(int fd, uint64_t to) MUST_CHECK;
/* -ENOSPC if the file system of fd has less than `bytes` for us; *free_bytes: what it has. */
int spool_fits(int fd, uint64_t bytes, uint64_t *free_bytes) MUST_CHECK;
/* The same with a message that names the file of fd. */
int spool_check(int fd, const char *name, uint64_t bytes) MUST_CHECK;
/* Says that what could not be foreseen has happened: no room for a copy of what is named. */
int spool_full(const char *what);
/* A file in dir that has no name yet. -EOPNOTSUPP where there is no such thing (or no dir). */
int spool_open_nameless(const char *dir, mode_t mode) MUST_CHECK;
/* A sink for tar_decompress and tar_writer: arg is struct spool_sink. */
struct spool_sink {
	int fd;
	uint64_t len;
	struct digest *digest; /* updated too unless NULL */
};
int spool_write(void *arg, const void *data, size_t len) MUST_CHECK;
