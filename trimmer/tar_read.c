// SPDX-License-Identifier: Apache-2.0
/*
 * tar_read.c - entries and data of a plain tar
 *
 * In: hostile bytes in a range. Out: entries with every field within its bounds. Plain headers
 * are read here (tar_header.c); from the first strange one on, libarchive has the rest
 * (tar_archive.c). Data that is not asked for is not read, but for what is near a header.
 */
#include "tar.h"
#include "tar_archive.h"
#include "tar_header.h"

#define WINDOW	  (64u << 10)
#define AHEAD_MIN (4u << 10) /* after a leap; doubled as long as entries follow closely */
#define N_BODIES  3	     /* pax records, long name, long link */

struct tar_reader {
	struct range range;
	struct tar_archive *strange; /* has the rest, or NULL */
	uint64_t strange_pos;	     /* where it began */
	uint64_t pos;		     /* of the next header */
	uint64_t data_pos, left;     /* of the current entry's data; what was not read yet */
	const char *reason;
	struct tar_header header;
	char *bodies[N_BODIES]; /* what precedes the current header */
	uint64_t window_pos;
	size_t window_len, ahead;
	char window[WINDOW];
};

static int to_archive(struct tar_reader *r, uint64_t pos)
{
	struct range rest = { r->range.fd, r->range.off + pos, r->range.len - pos };

	r->strange_pos = pos;
	return tar_archive_open(&rest, &r->strange);
}

/* Points *p at len bytes of the range at pos (len <= WINDOW); -EBADMSG behind the end. */
static int look(struct tar_reader *r, uint64_t pos, size_t len, const char **p)
{
	uint64_t end = r->window_pos + r->window_len;
	size_t want;
	int err;

	if (pos > r->range.len || len > r->range.len - pos)
		return -EBADMSG;
	if (pos < r->window_pos || pos + len > end) {
		r->ahead = pos <= end ? MIN(2 * r->ahead, (size_t)WINDOW) : AHEAD_MIN;
		want = (size_t)MIN((uint64_t)MAX(r->ahead, len), r->range.len - pos);
		r->window_len = 0;
		err = pread_all(r->range.fd, r->window, want, r->range.off + pos);
		if (err < 0)
			return err;
		r->window_pos = pos;
		r->window_len = want;
	}
	*p = r->window + (pos - r->window_pos);
	return 0;
}

int tar_open(const struct range *range, struct tar_reader **reader)
{
	struct tar_reader *r = xmalloc(sizeof(*r));
	const char *block;
	int err;

	memset(r, 0, offsetof(struct tar_reader, window));
	r->range = *range;
	r->ahead = AHEAD_MIN / 2;
	tar_header_begin(&r->header);
	err = range->len ? look(r, 0, TAR_RECORD, &block) : 0;
	if (err == -EBADMSG || (err == 0 && range->len &&
				tar_header_take(&r->header, block) == TAR_HEADER_STRANGE))
		err = to_archive(r, 0);
	if (err < 0) {
		tar_close(r);
		return err;
	}
	*reader = r;
	return 0;
}

static void free_bodies(struct tar_reader *r)
{
	for (size_t i = 0; i < N_BODIES; i++) {
		free(r->bodies[i]);
		r->bodies[i] = NULL;
	}
}

void tar_close(struct tar_reader *r)
{
	if (r->strange)
		tar_archive_close(r->strange);
	free_bodies(r);
	tar_header_fini(&r->header);
	free(r);
}

const char *tar_reason(const struct tar_reader *r)
{
	if (!r->reason && r->strange)
		return tar_archive_reason(r->strange);
	return r->reason ? r->reason : "unknown reason";
}

static uint64_t padded(uint64_t n)
{
	return (n + TAR_RECORD - 1) / TAR_RECORD * TAR_RECORD;
}

/* What stands before an entry, at pos. 1; 0 if it is strange; -errno. */
static int take_body(struct tar_reader *r, enum tar_header_kind kind, uint64_t pos)
{
	char **body = &r->bodies[kind - TAR_HEADER_PAX];
	size_t len = (size_t)r->header.body;
	int err;

	/* Records and long names together, or either twice: readers differ. */
	if (*body || r->bodies[0] || (kind == TAR_HEADER_PAX && (r->bodies[1] || r->bodies[2])))
		return 0;
	if (len > r->range.len - pos)
		return 0;
	*body = xmalloc(len + 1);
	err = pread_all(r->range.fd, *body, len, r->range.off + pos);
	if (err < 0)
		return err;
	return kind == TAR_HEADER_PAX ? tar_header_records(&r->header, *body, len)
				      : tar_header_text(&r->header, kind, *body, len);
}

/* Takes one header at *pos and moves on. 1 for an entry, 0 to go on; TAR_STRANGE; TAR_END. */
enum {
	TAR_STRANGE = 2,
	TAR_END = 3
};
static int step(struct tar_reader *r, uint64_t *pos)
{
	enum tar_header_kind kind;
	const char *block;
	int got = look(r, *pos, TAR_RECORD, &block);

	if (got < 0)
		return got == -EBADMSG ? TAR_STRANGE : got;
	kind = tar_header_take(&r->header, block);
	if (kind == TAR_HEADER_END)
		return *pos == r->pos ? TAR_END : TAR_STRANGE;
	*pos += TAR_RECORD;
	if (kind == TAR_HEADER_STRANGE || r->header.body > r->range.len - *pos)
		return TAR_STRANGE;
	if (kind == TAR_HEADER_ENTRY)
		return 1;
	got = take_body(r, kind, *pos);
	*pos += padded(r->header.body);
	return got < 0 ? got : got ? 0 : TAR_STRANGE;
}

static int next_plain(struct tar_reader *r, struct tar_entry *entry)
{
	uint64_t pos = r->pos;
	int got = 0;

	free_bodies(r);
	tar_header_begin(&r->header);
	if (pos == r->range.len)
		return 0;
	while (got == 0)
		got = step(r, &pos);
	if (got < 0 || got == TAR_STRANGE)
		return got;
	if (got == TAR_END)
		return 0;
	*entry = r->header.entry;
	entry->pos = r->pos;
	entry->data_pos = r->data_pos = pos;
	r->left = entry->size;
	/* The last one need not be padded: `umoci insert` writes such layers, Go reads them. */
	r->pos = MIN(pos + padded(r->header.body), r->range.len);
	return 1;
}

static int next_strange(struct tar_reader *r, struct tar_entry *entry)
{
	int got = tar_archive_next(r->strange, entry);

	if (got == 1) {
		entry->pos += r->strange_pos;
		entry->data_pos += r->strange_pos;
	}
	return got;
}

int tar_next(struct tar_reader *r, struct tar_entry *entry)
{
	int got = TAR_STRANGE;

	r->reason = NULL;
	if (!r->strange)
		got = next_plain(r, entry);
	if (!r->strange && got == TAR_STRANGE) {
		int err = to_archive(r, r->pos);

		/* It is stricter about a header it begins with; and there we begin for data. */
		if (err < 0) {
			r->reason = "a damaged header";
			return err;
		}
	}
	return r->strange ? next_strange(r, entry) : got;
}

ssize_t tar_read(struct tar_reader *r, void *buf, size_t size)
{
	const char *p;
	int err;

	if (r->strange)
		return tar_archive_read(r->strange, buf, size);
	size = (size_t)MIN((uint64_t)size, r->left);
	if (size <= AHEAD_MIN) {
		err = look(r, r->data_pos, size, &p);
		if (err == 0)
			memcpy(buf, p, size);
	} else {
		err = pread_all(r->range.fd, buf, size, r->range.off + r->data_pos);
	}
	if (err < 0)
		return err;
	r->data_pos += size;
	r->left -= size;
	return (ssize_t)size;
}
