// SPDX-License-Identifier: Apache-2.0
/*
 * tar_filter.c - gzip, zstd, xz and bzip2 to plain bytes
 *
 * In: compressed bytes in a range or from a pipe. Out: all bytes behind the compression, the
 * padding of a tar included (a diff ID covers it). Never guesses by name, never runs an
 * external program: the filter is chosen by magic and set alone. What needs little memory goes
 * through libarchive, the rest through tar_decode.c.
 */
#include "limit.h"
#include "tar.h"
#include "tar_decode.h"

#include <archive.h>
#include <archive_entry.h>

#define BLOCK (128u << 10)

static const struct {
	enum tar_filter filter;
	int code; /* libarchive's */
	uint8_t len;
	uint8_t magic[6], mask[6];
} filters[] = {
	{ TAR_GZIP, ARCHIVE_FILTER_GZIP, 2, { 0x1f, 0x8b }, { 0xff, 0xff } },
	{ TAR_ZSTD,
	  ARCHIVE_FILTER_ZSTD,
	  4,
	  { 0x28, 0xb5, 0x2f, 0xfd },
	  { 0xff, 0xff, 0xff, 0xff } },
	/* A skippable frame of zstd may come first. */
	{ TAR_ZSTD,
	  ARCHIVE_FILTER_ZSTD,
	  4,
	  { 0x50, 0x2a, 0x4d, 0x18 },
	  { 0xf0, 0xff, 0xff, 0xff } },
	{ TAR_XZ,
	  ARCHIVE_FILTER_XZ,
	  6,
	  { 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00 },
	  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } },
	{ TAR_BZIP2, ARCHIVE_FILTER_BZIP2, 3, { 0x42, 0x5a, 0x68 }, { 0xff, 0xff, 0xff } },
};

static bool matches(size_t row, const uint8_t *head, size_t len)
{
	if (len < filters[row].len)
		return false;
	for (size_t i = 0; i < filters[row].len; i++)
		if ((head[i] & filters[row].mask[i]) != filters[row].magic[i])
			return false;
	return true;
}

static enum tar_filter filter_of_head(const void *head, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (matches(i, head, len))
			return filters[i].filter;
	return TAR_PLAIN;
}

int tar_filter_of(const struct range *range, enum tar_filter *filter)
{
	uint8_t head[6];
	size_t len = (size_t)MIN((uint64_t)sizeof(head), range->len);
	int r = pread_all(range->fd, head, len, range->off);

	if (r < 0)
		return r;
	*filter = filter_of_head(head, len);
	return 0;
}

/* ---- the source: a range, or a pipe ------------------------------------------------------- */

struct source {
	struct range range;
	bool pipe;
	uint64_t pos;
	size_t primed; /* of the first block, read before the filter was chosen */
	int err;
	char *buf;
};

static ssize_t source_read(struct source *s)
{
	size_t want = BLOCK;
	int r;

	if (s->pipe)
		return read_up_to(s->range.fd, s->buf, want); /* so the magic is in the first */
	want = (size_t)MIN((uint64_t)want, s->range.len - s->pos);
	r = pread_all(s->range.fd, s->buf, want, s->range.off + s->pos);
	if (r < 0)
		return r;
	s->pos += want;
	return (ssize_t)want;
}

static la_ssize_t fill(struct archive *a, void *ctx, const void **data)
{
	struct source *s = ctx;
	ssize_t n = (ssize_t)s->primed;

	s->primed = 0;
	if (n == 0)
		n = source_read(s);
	if (n < 0) {
		s->err = (int)n;
		archive_set_error(a, -s->err, "%s", strerror(-s->err));
		return -1;
	}
	*data = s->buf;
	return n;
}

/* ---- decompressing ------------------------------------------------------------------------- */

struct drain {
	uint64_t left;
	int (*sink)(void *arg, const void *data, size_t len);
	void *arg;
};

static int drain_put(struct drain *d, const void *data, size_t len)
{
	if (len > d->left)
		return -EFBIG;
	d->left -= len;
	return d->sink(d->arg, data, len);
}

static int drain_plain(struct source *s, struct drain *d)
{
	ssize_t n = (ssize_t)s->primed;

	while (n > 0) {
		int r = drain_put(d, s->buf, (size_t)n);

		if (r < 0)
			return r;
		n = source_read(s);
	}
	return (int)n;
}

static int drain_archive(struct archive *a, struct source *s, struct drain *d)
{
	struct archive_entry *entry;
	int status = archive_read_next_header(a, &entry);

	while (status == ARCHIVE_OK || status == ARCHIVE_WARN) {
		const void *data;
		size_t len;
		la_int64_t off;
		int r;

		status = archive_read_data_block(a, &data, &len, &off);
		if (status == ARCHIVE_EOF)
			return 0;
		if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
			break;
		r = drain_put(d, data, len);
		if (r < 0)
			return r;
	}
	return s->err < 0 ? s->err : -EBADMSG;
}

static int drain_filter(int code, struct source *s, struct drain *d)
{
	struct archive *a = archive_read_new();
	int r = -EBADMSG;

	if (!a)
		abort();
	/* Not "empty": libarchive takes data that is cut before its first byte for it. */
	archive_read_support_format_raw(a);
	archive_read_append_filter(a, code);
	archive_read_set_read_callback(a, fill);
	archive_read_set_callback_data(a, s);
	if (archive_read_open1(a) == ARCHIVE_OK)
		r = drain_archive(a, s, d);
	else if (s->err < 0)
		r = s->err;
	archive_read_free(a);
	return r;
}

/* ---- zstd and xz ------------------------------------------------------------------------------ */

struct pair {
	struct source *source;
	struct drain *drain;
};

static ssize_t pair_next(void *arg, const void **data)
{
	struct source *s = ((struct pair *)arg)->source;
	ssize_t n = (ssize_t)s->primed;

	s->primed = 0;
	*data = s->buf;
	return n ? n : source_read(s);
}

static int pair_put(void *arg, const void *data, size_t len)
{
	return drain_put(((struct pair *)arg)->drain, data, len);
}

static int drain_row(size_t row, struct source *s, struct drain *d)
{
	struct pair pair = { s, d };
	const struct decode_io io = { pair_next, pair_put, &pair };
	uint64_t memory = limit_get(LIMIT_DECODER_MEMORY);

	switch (filters[row].filter) {
	case TAR_ZSTD:
		return decode_zstd(&io, memory);
	case TAR_XZ:
		return decode_xz(&io, memory);
	default:
		return drain_filter(filters[row].code, s, d);
	}
}

int tar_decompress(const struct range *range, uint64_t max,
		   int (*sink)(void *arg, const void *data, size_t len), void *arg)
{
	cleanup_free char *buf = xmalloc(BLOCK);
	struct source s = { .range = *range, .pipe = range->len == UINT64_MAX, .buf = buf };
	struct drain d = { max, sink, arg };
	ssize_t n = source_read(&s);

	if (n <= 0)
		return (int)n;
	s.primed = (size_t)n;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		if (matches(i, (const uint8_t *)buf, s.primed))
			return drain_row(i, &s, &d);
	return drain_plain(&s, &d);
}
