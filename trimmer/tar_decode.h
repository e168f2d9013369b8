// SPDX-License-Identifier: Apache-2.0
/*
 * tar_decode.h - zstd and xz streams to bytes, within a bound of memory
 *
 * A stream names the window its decoder must hold, up to 2 GiB (zstd) or 4 GiB (xz), whatever
 * it holds itself; libarchive's filters cannot be told how much is too much.
 */
#pragma once

#include "base.h"

struct decode_io {
	/* Points *data at the next bytes, valid until the next call: how many, 0 at the end, -errno. */
	ssize_t (*next)(void *arg, const void **data);
	/* Takes decoded bytes. 0, or -errno, which ends it. */
	int (*put)(void *arg, const void *data, size_t len);
	void *arg;
};

/*
 * Decode all frames or streams that follow each other, skippable ones included. -EBADMSG when
 * something else is in between, or the end is missing; -E2BIG when more than `memory` bytes
 * would be needed.
 */
int decode_zstd(const struct decode_io *io, uint64_t memory) MUST_CHECK;
int decode_xz(const struct decode_io *io, uint64_t memory) MUST_CHECK;
