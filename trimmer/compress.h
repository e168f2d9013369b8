// SPDX-License-Identifier: Apache-2.0
/*
 * compress.h - layers as gzip or zstd; the door to libdeflate and libzstd
 *
 * The bytes depend on data, form and library version alone: not on the number of threads, the
 * sizes of the pieces or a clock.
 */
#pragma once

#include "tar.h"

struct compress_form {
	enum tar_filter filter; /* TAR_PLAIN, TAR_GZIP or TAR_ZSTD */
	int level;
	unsigned int threads;
	bool chosen; /* the user said so: holds for layers that pass through, too */
};

/*
 * "none", "gzip", "gzip:LEVEL", "zstd", "zstd:LEVEL" (NULL: none) and a number of threads
 * (NULL: as many as CPUs). -EINVAL after a printed error.
 */
int compress_parse(const char *text, const char *threads,
		   struct compress_form *form) MUST_CHECK;

struct compressor;

/* A sink returns 0 or -errno, which ends the work. form TAR_PLAIN is not allowed. */
int compressor_new(const struct compress_form *form,
		   int (*sink)(void *arg, const void *data, size_t len), void *arg,
		   struct compressor **compressor) MUST_CHECK;
int compressor_write(struct compressor *compressor, const void *data, size_t len) MUST_CHECK;
/* Hands on what is left. */
int compressor_end(struct compressor *compressor) MUST_CHECK;
void compressor_free(struct compressor *compressor);

/* All of data as one gzip member, which browsers insist on, as small as can be. Caller frees. */
char *compress_whole(const void *data, size_t len, size_t *compressed_len);
