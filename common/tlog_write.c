// SPDX-License-Identifier: Apache-2.0
/*
 * tlog_write.c - records into frames, frames into the file
 *
 * In: facts. Out: one write(2) a frame, complete in the kernel before the function returns (a
 * batch writer fills a frame first). A frame that was not written whole is cut off again, so
 * that the file stays good up to its end; a writer that cannot even do that is dead.
 */
#include "tlog.h"
#include "tlog_base.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#define BATCH_SIZE 512
#define OUT_SIZE   65536 /* frames of a batch writer that are written at once */
#define VARINT_MAX 10

struct tlog_writer {
	int fd;
	bool batch;
	int dead;     /* -errno after a frame could not be taken back */
	uint64_t end; /* bytes of whole frames in the file */
	char *out;    /* whole frames of a batch writer that are not in the file yet */
	size_t out_used;
	uint32_t n_paths;
	uint32_t ops, by; /* of the last PATH or SEEN record */
	char *frame;	  /* room for the length, then the payload */
	size_t used, cap; /* of the payload */
	struct tlog_bases bases;
};

static size_t put_varint(char *out, uint64_t v)
{
	size_t n = 0;

	while (v >= 0x80) {
		out[n++] = (char)(v | 0x80);
		v >>= 7;
	}
	out[n++] = (char)v;
	return n;
}

/* ---- the payload under construction --------------------------------------------------- */

static char *payload(struct tlog_writer *w)
{
	return w->frame + VARINT_MAX;
}

static int reserve(struct tlog_writer *w, size_t more)
{
	size_t cap = w->cap;
	char *p;

	if (w->used + more > TLOG_FRAME_MAX)
		return -EMSGSIZE;
	while (cap < w->used + more)
		cap *= 2;
	if (cap == w->cap)
		return 0;
	p = realloc(w->frame, VARINT_MAX + cap + 4);
	if (!p)
		return -ENOMEM;
	w->frame = p;
	w->cap = cap;
	return 0;
}

static void add_varint(struct tlog_writer *w, uint64_t v)
{
	w->used += put_varint(payload(w) + w->used, v);
}

static void add_bytes(struct tlog_writer *w, const char *bytes, size_t len)
{
	memcpy(payload(w) + w->used, bytes, len);
	w->used += len;
}

static void add_text(struct tlog_writer *w, const char *text, size_t len)
{
	add_varint(w, len);
	add_bytes(w, text, len);
}

static void add_head(struct tlog_writer *w, unsigned int kind, unsigned int flags)
{
	add_varint(w, kind | flags << TLOG_KIND_BITS);
}

/* ---- frames ---------------------------------------------------------------------------- */

static int write_frames(struct tlog_writer *w, const char *frames, size_t len)
{
	int r = write_all(w->fd, frames, len);

	if (r == 0) {
		w->end += len;
		return 0;
	}
	if (ftruncate(w->fd, (off_t)w->end) < 0 || lseek(w->fd, (off_t)w->end, SEEK_SET) < 0)
		w->dead = r;
	return r;
}

static int write_out(struct tlog_writer *w)
{
	size_t len = w->out_used;

	w->out_used = 0;
	return len ? write_frames(w, w->out, len) : 0;
}

static int end_frame(struct tlog_writer *w)
{
	char length[VARINT_MAX];
	size_t n = put_varint(length, w->used);
	char *start = payload(w) - n;
	size_t total = n + w->used;
	uint32_t crc;
	int r = 0;

	if (w->dead)
		return w->dead;
	if (!w->used)
		return 0;
	memcpy(start, length, n);
	crc = tlog_crc32c(0, start, total);
	for (int i = 0; i < 4; i++)
		start[total++] = (char)(crc >> 8 * i);
	w->used = 0;
	if (w->out_used + total > OUT_SIZE)
		r = write_out(w);
	if (r < 0 || !w->batch || total > OUT_SIZE)
		return r < 0 ? r : write_frames(w, start, total);
	memcpy(w->out + w->out_used, start, total);
	w->out_used += total;
	return 0;
}

int tlog_writer_flush(struct tlog_writer *w)
{
	int r = end_frame(w);

	return r < 0 ? r : write_out(w);
}

/* Ends a record: a batch writer goes on filling, any other writes. */
static int finish(struct tlog_writer *w)
{
	if (w->batch && w->used < BATCH_SIZE)
		return 0;
	return end_frame(w);
}

/* Makes room for a record of at most size bytes; nothing is changed on failure. */
static int begin(struct tlog_writer *w, size_t size)
{
	int r;

	if (w->dead)
		return w->dead;
	if (w->used + size > TLOG_FRAME_MAX) {
		r = end_frame(w);
		if (r < 0)
			return r;
	}
	return reserve(w, size);
}

int tlog_writer_new(int fd, bool batch, struct tlog_writer **ret)
{
	struct tlog_writer *w = calloc(1, sizeof(*w));
	int r = w ? write_all(fd, TLOG_MAGIC, TLOG_MAGIC_LEN) : -ENOMEM;

	if (r == 0) {
		w->cap = batch ? 2 * BATCH_SIZE : 512;
		w->frame = malloc(VARINT_MAX + w->cap + 4);
		w->out = batch ? malloc(OUT_SIZE) : NULL;
		r = w->frame && (!batch || w->out) ? 0 : -ENOMEM;
	}
	if (r < 0) {
		if (w) {
			free(w->frame);
			free(w->out);
		}
		free(w);
		close(fd);
		return r;
	}
	w->fd = fd;
	w->batch = batch;
	w->end = TLOG_MAGIC_LEN;
	*ret = w;
	return 0;
}

bool tlog_writer_deleted(const struct tlog_writer *w)
{
	struct stat st;

	return fstat(w->fd, &st) == 0 && st.st_nlink == 0;
}

void tlog_writer_free(struct tlog_writer *w)
{
	if (!w)
		return;
	close(w->fd);
	tlog_bases_fini(&w->bases);
	free(w->frame);
	free(w->out);
	free(w);
}

/* ---- records --------------------------------------------------------------------------- */

static int put_fields(struct tlog_writer *w, enum tlog_kind kind,
		      const struct tlog_field *fields, size_t n)
{
	size_t size = 1 + VARINT_MAX;
	int r;

	if (n > TLOG_FIELDS_MAX)
		return -EMSGSIZE;
	for (size_t i = 0; i < n; i++)
		size += 2 * VARINT_MAX + strlen(fields[i].key) + strlen(fields[i].value);
	r = begin(w, size);
	if (r < 0)
		return r;
	add_head(w, kind, 0);
	add_varint(w, n);
	for (size_t i = 0; i < n; i++) {
		add_text(w, fields[i].key, strlen(fields[i].key));
		add_text(w, fields[i].value, strlen(fields[i].value));
	}
	return finish(w);
}

int tlog_put_header(struct tlog_writer *w, const struct tlog_field *fields, size_t n)
{
	return put_fields(w, TLOG_HEADER, fields, n);
}

int tlog_put_end(struct tlog_writer *w, const struct tlog_field *fields, size_t n)
{
	return put_fields(w, TLOG_END, fields, n);
}

static unsigned int access_flags(const struct tlog_writer *w, uint32_t ops, uint32_t by)
{
	return (ops == w->ops ? TLOG_SAME_OPS : 0) | (by == w->by ? TLOG_SAME_BY : 0);
}

static void add_access(struct tlog_writer *w, unsigned int flags, uint32_t ops, uint32_t by,
		       uint32_t of)
{
	if (!(flags & TLOG_SAME_OPS))
		add_varint(w, ops);
	if (!(flags & TLOG_SAME_BY))
		add_varint(w, by);
	if (ops & TLOG_RESOLVED)
		add_varint(w, of ? w->n_paths + 2 - of : 0);
}

static int finish_access(struct tlog_writer *w, uint32_t ops, uint32_t by)
{
	int r = finish(w);

	if (r < 0)
		return r;
	w->ops = ops;
	w->by = by;
	return 0;
}

static void add_path(struct tlog_writer *w, uint32_t ops, uint32_t by, uint32_t of,
		     const char *abs, size_t len)
{
	struct tlog_parts p = tlog_base_choose(&w->bases, abs, len);
	unsigned int flags = access_flags(w, ops, by);
	size_t own = len - p.shared - p.tail;
	bool based = p.shared + p.tail > 0;

	if (based && p.base->id == w->n_paths)
		flags |= TLOG_NEAR;
	if (p.tail)
		flags |= TLOG_TAIL;
	add_head(w, w->batch ? TLOG_PATH : TLOG_PATH_ENDS, flags);
	add_access(w, flags, ops, by, of);
	if (!(flags & TLOG_NEAR))
		add_varint(w, based ? w->n_paths + 1 - p.base->id : 0);
	if (based)
		add_varint(w, p.shared);
	if (p.tail)
		add_varint(w, p.tail);
	if (w->batch)
		add_varint(w, own);
	add_bytes(w, abs + p.shared, own);
}

int64_t tlog_put_path(struct tlog_writer *w, uint32_t ops, uint32_t by, uint32_t of,
		      const char *abs, size_t len)
{
	int r;

	if (len == 0 || len > TLOG_PATH_MAX)
		return -ENAMETOOLONG;
	if (w->n_paths >= TLOG_PATHS_MAX)
		return -EMSGSIZE;
	r = begin(w, 1 + 8 * VARINT_MAX + len);
	if (r < 0)
		return r;
	add_path(w, ops, by, of, abs, len);
	r = finish_access(w, ops, by);
	if (r < 0)
		return r;
	tlog_base_remember(&w->bases, abs, len, ++w->n_paths);
	return w->n_paths;
}

uint32_t tlog_writer_next_id(const struct tlog_writer *w)
{
	return w->n_paths + 1;
}

int tlog_put_seen(struct tlog_writer *w, uint32_t id, uint32_t ops, uint32_t by, uint32_t of)
{
	unsigned int flags = access_flags(w, ops, by);
	int r = begin(w, 1 + 4 * VARINT_MAX);

	if (r < 0)
		return r;
	add_head(w, TLOG_SEEN, flags);
	add_varint(w, id);
	add_access(w, flags, ops, by, of);
	return finish_access(w, ops, by);
}

int tlog_put_note(struct tlog_writer *w, enum tlog_note code, uint64_t count, const char *text)
{
	size_t len = strlen(text);
	int r = begin(w, 1 + 3 * VARINT_MAX + len);

	if (r < 0)
		return r;
	add_head(w, TLOG_NOTE, 0);
	add_varint(w, code);
	add_varint(w, count);
	add_text(w, text, len);
	return finish(w);
}

int tlog_put_misses(struct tlog_writer *w, const struct tlog_misses *misses, size_t n)
{
	int r = begin(w, n * (1 + 4 * VARINT_MAX));

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		add_head(w, TLOG_NOTE, TLOG_PAIR);
		add_varint(w, TLOG_NOTE_MISSES);
		add_varint(w, misses[i].count);
		add_varint(w, misses[i].by);
		add_varint(w, misses[i].id);
	}
	return finish(w);
}
