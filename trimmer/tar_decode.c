// SPDX-License-Identifier: Apache-2.0
/*
 * tar_decode.c - zstd and xz streams to bytes, by libzstd and liblzma
 *
 * In: hostile bytes, piece by piece. Out: what they stand for, piece by piece. Never takes more
 * memory than it was given; never ends well before the end of the stream.
 */
#include "tar_decode.h"

#include <lzma.h>
#include <zstd.h>
#include <zstd_errors.h>

#define OUT_SIZE (128u << 10)

/* ---- zstd ------------------------------------------------------------------------------------ */

/* The largest window that fits, within what the library knows. */
static int window_log(uint64_t memory)
{
	ZSTD_bounds bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
	int n = 63 - __builtin_clzll(memory | 1);

	return MAX(bounds.lowerBound, MIN(bounds.upperBound, n));
}

static int zstd_error(size_t code)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_frameParameter_windowTooLarge:
		return -E2BIG;
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

/* Hands on all that in holds. *open: a frame has begun and not ended. */
static int zstd_step(ZSTD_DStream *stream, ZSTD_inBuffer *in, char *out,
		     const struct decode_io *io, bool *open)
{
	ZSTD_outBuffer room;

	do {
		size_t left;
		int r;

		room = (ZSTD_outBuffer) { out, OUT_SIZE, 0 };
		left = ZSTD_decompressStream(stream, &room, in);
		if (ZSTD_isError(left))
			return zstd_error(left);
		*open = left != 0;
		r = room.pos ? io->put(io->arg, out, room.pos) : 0;
		if (r < 0)
			return r;
		/* A full buffer may leave more inside the stream. */
	} while (in->pos < in->size || (*open && room.pos == room.size));
	return 0;
}

int decode_zstd(const struct decode_io *io, uint64_t memory)
{
	cleanup_free char *out = xmalloc(OUT_SIZE);
	ZSTD_DStream *stream = ZSTD_createDStream();
	bool open = false;
	const void *data;
	ssize_t n;
	int r = 0;

	if (!stream || ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax,
							   window_log(memory))))
		abort();
	while (r == 0 && (n = io->next(io->arg, &data)) != 0) {
		ZSTD_inBuffer in = { data, n > 0 ? (size_t)n : 0, 0 };

		r = n < 0 ? (int)n : zstd_step(stream, &in, out, io, &open);
	}
	ZSTD_freeDStream(stream);
	return r == 0 && open ? -EBADMSG : r;
}

/* ---- xz -------------------------------------------------------------------------------------- */

/* 0 to go on, 1 at the end. */
static int xz_result(lzma_ret code)
{
	switch (code) {
	case LZMA_OK:
		return 0;
	case LZMA_STREAM_END:
		return 1;
	case LZMA_MEMLIMIT_ERROR:
		return -E2BIG;
	case LZMA_MEM_ERROR:
		return -ENOMEM;
	default:
		return -EBADMSG;
	}
}

static int xz_run(lzma_stream *stream, char *out, const struct decode_io *io)
{
	int r = 0;

	while (r == 0) {
		const void *data;
		ssize_t n = 0;
		size_t got;

		if (!stream->avail_in) {
			n = io->next(io->arg, &data);
			if (n < 0)
				return (int)n;
			stream->next_in = data;
			stream->avail_in = (size_t)n;
		}
		stream->next_out = (uint8_t *)out;
		stream->avail_out = OUT_SIZE;
		/* At the end of the input only, so that what is cut is told. */
		r = xz_result(lzma_code(stream, stream->avail_in ? LZMA_RUN : LZMA_FINISH));
		got = OUT_SIZE - stream->avail_out;
		if (r >= 0 && got) {
			int err = io->put(io->arg, out, got);

			if (err < 0)
				return err;
		}
	}
	return r < 0 ? r : 0;
}

int decode_xz(const struct decode_io *io, uint64_t memory)
{
	cleanup_free char *out = xmalloc(OUT_SIZE);
	lzma_stream stream = LZMA_STREAM_INIT;
	int r;

	if (lzma_stream_decoder(&stream, memory, LZMA_CONCATENATED) != LZMA_OK)
		abort();
	r = xz_run(&stream, out, io);
	lzma_end(&stream);
	return r;
}
