// SPDX-License-Identifier: Apache-2.0
/*
 * tlog_read.c - frames and records out of bytes that nobody vouches for
 *
 * In: a file in memory. Out: records up to the last whole frame, and a state that says how the
 * file ends. Never reads past its input, never fails half-way: wrong bytes end the reading.
 *
 * Cut or damaged? A file cut at any byte ends within a frame and holds nothing after it. A
 * wrong length may look alike, so the rest is searched for another whole frame: if there is
 * one, bytes were changed, not cut.
 */
#include "tlog.h"

struct path_ref {
	const char *text;
	uint32_t len;
};

struct tlog_reader {
	const char *data;
	size_t len, pos;	/* pos: first byte after the last whole frame */
	const char *p, *end;	/* the rest of the current payload */
	bool in_section, ended; /* a header came; its END came too */
	bool unended;		/* an earlier section has no END */
	bool done;
	enum tlog_state state;
	const char *reason;
	unsigned int flags; /* of the record at hand */
	uint32_t ops, by;   /* of the last PATH or SEEN record */
	struct path_ref *paths;
	size_t n_paths, paths_cap;
	struct tlog_field *fields;
	size_t fields_cap;
	char *pair; /* text of a note */
	size_t pair_cap;
	struct arena {
		struct arena *next;
		char text[];
	} * arena;
	char *arena_pos;
	size_t arena_left;
};

/* ---- memory that lives as long as the reader ------------------------------------------- */

static char *arena_alloc(struct tlog_reader *r, size_t size)
{
	char *text;

	if (r->arena_left < size) {
		size_t chunk = MAX((size_t)65536, size);
		struct arena *a = xmalloc(sizeof(*a) + chunk);

		a->next = r->arena;
		r->arena = a;
		r->arena_pos = a->text;
		r->arena_left = chunk;
	}
	text = r->arena_pos;
	r->arena_pos += size;
	r->arena_left -= size;
	return text;
}

/* ---- pieces; all return false when the bytes are wrong --------------------------------- */

static bool get_varint(const char **p, const char *end, uint64_t *v)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64 && *p < end; shift += 7) {
		unsigned char c = (unsigned char)*(*p)++;

		if (shift == 63 && c > 1)
			return false;
		value |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*v = value;
			return c != 0 || shift == 0; /* shortest form only */
		}
	}
	return false;
}

static bool take_u32(struct tlog_reader *r, uint32_t *v)
{
	uint64_t value;

	if (!get_varint(&r->p, r->end, &value) || value > UINT32_MAX)
		return false;
	*v = (uint32_t)value;
	return true;
}

static bool take_text(struct tlog_reader *r, const char **text)
{
	uint64_t len;
	char *copy;

	if (!get_varint(&r->p, r->end, &len) || len > (uint64_t)(r->end - r->p) ||
	    memchr(r->p, '\0', len))
		return false;
	copy = arena_alloc(r, len + 1);
	memcpy(copy, r->p, len);
	copy[len] = '\0';
	r->p += len;
	*text = copy;
	return true;
}

/* max: the highest id that it may name. */
static bool take_access(struct tlog_reader *r, struct tlog_record *rec, size_t max)
{
	uint32_t back = 0;

	rec->ops = r->ops;
	rec->by = r->by;
	if ((!(r->flags & TLOG_SAME_OPS) && !take_u32(r, &rec->ops)) ||
	    (!(r->flags & TLOG_SAME_BY) && !take_u32(r, &rec->by)) ||
	    (rec->ops & TLOG_RESOLVED && !take_u32(r, &back)))
		return false;
	if (back > r->n_paths + 1)
		return false;
	rec->of = back ? (uint32_t)(r->n_paths + 2 - back) : 0;
	r->ops = rec->ops;
	r->by = rec->by;
	return rec->ops && rec->by <= max && rec->of <= max;
}

/* ---- records --------------------------------------------------------------------------- */

static bool take_fields(struct tlog_reader *r, struct tlog_record *rec)
{
	uint32_t n;

	if (!take_u32(r, &n) || n > TLOG_FIELDS_MAX)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		xgrow(&r->fields, &r->fields_cap, i, sizeof(*r->fields));
		if (!take_text(r, &r->fields[i].key) || !take_text(r, &r->fields[i].value))
			return false;
	}
	rec->fields = r->fields;
	rec->n_fields = n;
	return true;
}

/* What a path is made of: bytes of an earlier one, of its own, and of that one's end. */
struct parts {
	const struct path_ref *base;
	uint32_t shared, len, tail;
};

static bool take_parts(struct tlog_reader *r, struct parts *p, bool ends)
{
	uint32_t back = 1;

	*p = (struct parts) { NULL, 0, 0, 0 };
	if (!(r->flags & TLOG_NEAR) && !take_u32(r, &back))
		return false;
	if (back > r->n_paths || (!back && r->flags & TLOG_TAIL))
		return false;
	if (back && !take_u32(r, &p->shared))
		return false;
	if (r->flags & TLOG_TAIL && !take_u32(r, &p->tail))
		return false;
	if (!ends && !take_u32(r, &p->len))
		return false;
	if (ends)
		p->len = (uint32_t)(r->end - r->p);
	if (back)
		p->base = &r->paths[r->n_paths - back];
	return p->len <= (size_t)(r->end - r->p) &&
	       (uint64_t)p->shared + p->tail <= (back ? p->base->len : 0);
}

static bool add_path(struct tlog_reader *r, const struct parts *p, struct tlog_record *rec)
{
	size_t total = (size_t)p->shared + p->len + p->tail;
	char *text;

	if (total == 0 || total > TLOG_PATH_MAX || r->n_paths >= TLOG_PATHS_MAX)
		return false;
	text = arena_alloc(r, total + 1);
	if (p->base) {
		memcpy(text, p->base->text, p->shared);
		memcpy(text + total - p->tail, p->base->text + p->base->len - p->tail, p->tail);
	}
	memcpy(text + p->shared, r->p, p->len);
	text[total] = '\0';
	r->p += p->len;
	if (text[0] != '/' || strlen(text) != total)
		return false;
	xgrow(&r->paths, &r->paths_cap, r->n_paths, sizeof(*r->paths));
	r->paths[r->n_paths++] = (struct path_ref) { text, (uint32_t)total };
	rec->id = (uint32_t)r->n_paths;
	rec->path = text;
	rec->path_len = total;
	return true;
}

static bool take_path(struct tlog_reader *r, struct tlog_record *rec)
{
	bool ends = rec->kind == TLOG_PATH_ENDS;
	struct parts parts;

	rec->kind = TLOG_PATH;
	return take_access(r, rec, r->n_paths + 1) && take_parts(r, &parts, ends) &&
	       add_path(r, &parts, rec);
}

static bool take_seen(struct tlog_reader *r, struct tlog_record *rec)
{
	if (!take_u32(r, &rec->id) || rec->id == 0 || rec->id > r->n_paths ||
	    !take_access(r, rec, r->n_paths))
		return false;
	rec->path = r->paths[rec->id - 1].text;
	rec->path_len = r->paths[rec->id - 1].len;
	return true;
}

/* The text is long and the record is short: it has one place, so that many take no memory. */
static bool take_pair(struct tlog_reader *r, struct tlog_record *rec)
{
	const struct path_ref *path;
	struct path_ref by = { "", 0 };
	uint32_t program, id;

	if (!take_u32(r, &program) || !take_u32(r, &id) || program > r->n_paths || id == 0 ||
	    id > r->n_paths)
		return false;
	if (program)
		by = r->paths[program - 1];
	path = &r->paths[id - 1];
	xgrow(&r->pair, &r->pair_cap, (size_t)by.len + path->len + 1, 1);
	memcpy(r->pair, by.text, by.len);
	r->pair[by.len] = '/';
	memcpy(r->pair + by.len + 1, path->text, path->len + 1);
	rec->text = r->pair;
	return true;
}

static bool take_note(struct tlog_reader *r, struct tlog_record *rec)
{
	uint32_t code;

	if (!take_u32(r, &code) || !get_varint(&r->p, r->end, &rec->count) ||
	    !(r->flags & TLOG_PAIR ? take_pair(r, rec) : take_text(r, &rec->text)))
		return false;
	rec->code = code;
	return true;
}

static const struct {
	bool (*take)(struct tlog_reader *, struct tlog_record *);
	unsigned int flags; /* that it may have */
} takers[] = {
	[TLOG_HEADER] = { take_fields, 0 },
	[TLOG_PATH] = { take_path, TLOG_SAME_OPS | TLOG_SAME_BY | TLOG_NEAR | TLOG_TAIL },
	[TLOG_SEEN] = { take_seen, TLOG_SAME_OPS | TLOG_SAME_BY },
	[TLOG_NOTE] = { take_note, TLOG_PAIR },
	[TLOG_END] = { take_fields, 0 },
	[TLOG_PATH_ENDS] = { take_path, TLOG_SAME_OPS | TLOG_SAME_BY | TLOG_NEAR | TLOG_TAIL },
};

/* ---- frames ---------------------------------------------------------------------------- */

/* Bytes of the whole frame at pos, 0 if the file ends before it does, -1 if it is wrong. */
static ssize_t frame_at(const struct tlog_reader *r, size_t pos, struct span *body)
{
	const char *start = r->data + pos, *end = r->data + r->len, *p = start;
	uint64_t length;
	uint32_t crc, want = 0;

	if (!get_varint(&p, end, &length))
		return end - start < 10 && p == end ? 0 : -1;
	if (length == 0 || length > TLOG_FRAME_MAX)
		return -1;
	if ((uint64_t)(end - p) < length + 4)
		return 0;
	crc = tlog_crc32c(0, start, (size_t)(p - start) + length);
	for (int i = 0; i < 4; i++)
		want |= (uint32_t)(unsigned char)p[length + (size_t)i] << 8 * i;
	if (crc != want)
		return -1;
	*body = (struct span) { p, length };
	return p - start + (ssize_t)length + 4;
}

static int finish(struct tlog_reader *r, enum tlog_state state, const char *reason)
{
	r->done = true;
	r->state = state;
	r->reason = reason;
	return 0;
}

/* The rest is no whole frame: cut, unless another one stands behind. */
static int finish_tail(struct tlog_reader *r, ssize_t found)
{
	size_t limit = MIN(r->len, r->pos + 65536);
	struct span body;

	if (found < 0)
		return finish(r, TLOG_DAMAGED, "a frame's checksum or length is wrong");
	for (size_t pos = r->pos + 1; pos < limit; pos++)
		if (frame_at(r, pos, &body) > 0)
			return finish(r, TLOG_DAMAGED, "a frame's length is wrong");
	return finish(r, TLOG_CUT, NULL);
}

/* 1 with a payload to read, 0 at the end. */
static int next_frame(struct tlog_reader *r)
{
	struct span body;
	ssize_t n;

	if (r->pos == r->len)
		return finish(r, r->ended && !r->unended ? TLOG_COMPLETE : TLOG_CUT, NULL);
	n = frame_at(r, r->pos, &body);
	if (n <= 0)
		return finish_tail(r, n);
	r->p = body.data;
	r->end = body.data + body.len;
	r->pos += (size_t)n;
	return 1;
}

/* One record of the payload; the first of a file must be a header. */
static bool take_record(struct tlog_reader *r, struct tlog_record *rec)
{
	uint32_t head, kind;

	memset(rec, 0, sizeof(*rec));
	if (!take_u32(r, &head))
		return false;
	kind = head & ((1u << TLOG_KIND_BITS) - 1);
	r->flags = head >> TLOG_KIND_BITS;
	if (kind == 0 || kind >= ARRAY_SIZE(takers) || r->flags & ~takers[kind].flags)
		return false;
	if (kind != TLOG_HEADER && !r->in_section)
		return false;
	rec->kind = (enum tlog_kind)kind;
	if (!takers[kind].take(r, rec))
		return false;
	if (kind == TLOG_HEADER) {
		r->unended |= r->in_section && !r->ended;
		r->in_section = true;
	}
	r->ended = kind == TLOG_END;
	return true;
}

int tlog_next(struct tlog_reader *r, struct tlog_record *record)
{
	if (r->done)
		return 0;
	if (r->p == r->end && next_frame(r) == 0)
		return 0;
	if (take_record(r, record))
		return 1;
	return finish(r, TLOG_DAMAGED, "a record is not valid");
}

int tlog_reader_new(const void *data, size_t len, struct tlog_reader **ret)
{
	struct tlog_reader *r;

	if (len < TLOG_MAGIC_LEN || memcmp(data, TLOG_MAGIC, TLOG_MAGIC_LEN) != 0)
		return -EBADMSG;
	r = xcalloc(1, sizeof(*r));
	r->data = data;
	r->len = len;
	r->pos = TLOG_MAGIC_LEN;
	*ret = r;
	return 0;
}

void tlog_reader_free(struct tlog_reader *r)
{
	if (!r)
		return;
	for (struct arena *a = r->arena, *next; a; a = next) {
		next = a->next;
		free(a);
	}
	free(r->paths);
	free(r->fields);
	free(r->pair);
	free(r);
}

enum tlog_state tlog_reader_state(const struct tlog_reader *r, size_t *offset,
				  const char **reason)
{
	if (offset)
		*offset = r->pos;
	if (reason)
		*reason = r->reason;
	return r->state;
}

const char *tlog_reader_path(const struct tlog_reader *r, uint32_t id)
{
	return id && id <= r->n_paths ? r->paths[id - 1].text : NULL;
}

/* ---- copying --------------------------------------------------------------------------- */

size_t tlog_whole_frames(const char *data, size_t len, bool at_start)
{
	const char *p = data, *end = data + len, *whole = data;
	uint64_t n;

	if (at_start) {
		if (len < TLOG_MAGIC_LEN)
			return 0;
		p = whole = data + TLOG_MAGIC_LEN;
	}
	while (p < end) {
		if (!get_varint(&p, end, &n))
			return p < end ? len : (size_t)(whole - data);
		if (!n || n > TLOG_FRAME_MAX)
			return len;
		if (n + 4 > (uint64_t)(end - p))
			break;
		p += n + 4;
		whole = p;
	}
	return (size_t)(whole - data);
}
