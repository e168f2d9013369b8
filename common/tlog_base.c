// SPDX-License-Identifier: Apache-2.0
/*
 * tlog_base.c - the earlier path against which a new one takes fewest bytes
 *
 * In: paths as they are written. Out: of five the best: the last path; and the last one in the deepest
 * directory on the way, of that name anywhere, in that directory with a name that begins so, in that
 * directory with a name that ends so from its first dot on. They are found by hashes in a table that
 * grows with what is in it: what is forgotten costs bytes, no more.
 */
#include "tlog_base.h"
#include "tlog.h"

/* 128 KiB are mapped by malloc(3): what no path comes to is never touched. */
#define BITS_MIN   13
#define BITS_MAX   17 /* 2 MiB */
#define SET	   4
#define LINE	   64 /* of the cache: a set, so that a look-up touches one */
#define NAME_START 4  /* bytes */
#define NAME_KEYS  3

_Static_assert(SET * sizeof(struct tlog_base) == LINE || sizeof(void *) != 8,
	       "a set is a line");

void tlog_bases_fini(struct tlog_bases *b)
{
	free(b->room);
}

/* ---- the table ------------------------------------------------------------------------- */

/* The slot that has the tag; else one for it: of its set a free one, or the oldest. */
static struct tlog_base *slot_of(const struct tlog_bases *b, uint32_t tag)
{
	struct tlog_base *set = &b->slots[tag >> (TLOG_BASE_TAG + 2 - b->bits) << 2];
	struct tlog_base *oldest = set;

	for (struct tlog_base *slot = set; slot < set + SET; slot++) {
		if (slot->abs && slot->tag == tag)
			return slot;
		/* The id of a free one is 0. */
		if (slot->id < oldest->id)
			oldest = slot;
	}
	return oldest;
}

/* Twice the slots; each keeps what it has, since the tag goes on where the set's number ends. */
static void grow(struct tlog_bases *b)
{
	struct tlog_bases new = { .bits = b->slots ? b->bits + 1 : BITS_MIN };
	size_t n = b->slots ? (size_t)1 << b->bits : 0;

	new.room = calloc(((size_t)1 << new.bits) + SET, sizeof(*new.slots));
	if (!new.room)
		return;
	new.slots = (struct tlog_base *)(((uintptr_t) new.room + LINE - 1) &
					 ~(uintptr_t)(LINE - 1));
	for (size_t i = 0; i < n; i++)
		if (b->slots[i].abs)
			*slot_of(&new, b->slots[i].tag) = b->slots[i];
	free(b->room);
	b->room = new.room;
	b->slots = new.slots;
	b->bits = new.bits;
}

/* ---- keys ------------------------------------------------------------------------------ */

static uint32_t hash_on(uint32_t hash, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = hash * 31 + (unsigned char)bytes[i];
	return hash;
}

static void add_key(struct tlog_bases *b, uint32_t hash, size_t dir_len)
{
	/* The upper bits of a product depend on all bits. */
	b->keys[b->n_keys++] =
		(struct tlog_base_key) { hash * 0x9e3779b1u >> (32 - TLOG_BASE_TAG),
					 (uint32_t)dir_len };
}

/* Directories, deepest last, but the root, which says nothing; then what the name tells. */
static void find_keys(struct tlog_bases *b, const char *abs, size_t len)
{
	const char *name = abs + 1, *end = abs + len, *dot;
	uint32_t hash = 0;

	b->n_keys = 0;
	for (const char *slash; (slash = memchr(name, '/', (size_t)(end - name)));) {
		hash = hash_on(hash, name, (size_t)(slash + 1 - name));
		name = slash + 1;
		if (b->n_keys < TLOG_BASE_KEYS - NAME_KEYS)
			add_key(b, hash, (size_t)(name - abs));
	}
	add_key(b, hash_on(1, name, (size_t)(end - name)), 0);
	if (end - name > NAME_START)
		add_key(b, hash_on(hash * 31 + 2, name, NAME_START), 0);
	dot = memchr(name, '.', (size_t)(end - name));
	if (dot)
		add_key(b, hash_on(hash * 31 + 1, dot, (size_t)(end - dot)), 0);
}

/* ---- choice ---------------------------------------------------------------------------- */

static size_t shared_prefix(const char *a, const char *b, size_t max)
{
	size_t n = 0;
	uint64_t x, y;

	/* Mostly a long one: eight bytes at a time. */
	for (; n + sizeof(x) <= max; n += sizeof(x)) {
		memcpy(&x, a + n, sizeof(x));
		memcpy(&y, b + n, sizeof(y));
		if (x != y)
			break;
	}
	while (n < max && a[n] == b[n])
		n++;
	return n;
}

static struct tlog_parts parts_of(const struct tlog_base *b, const char *abs, size_t len)
{
	size_t max = MIN((size_t)b->len, len);
	struct tlog_parts p = { .base = b, .shared = shared_prefix(b->abs, abs, max) };

	max -= p.shared;
	while (p.tail < max && b->abs[b->len - 1 - p.tail] == abs[len - 1 - p.tail])
		p.tail++;
	/* To name one byte takes one. */
	if (p.tail == 1)
		p.tail = 0;
	return p;
}

static size_t varint_size(size_t v)
{
	size_t n = 1;

	while (v >>= 7)
		n++;
	return n;
}

/* What is not written of the path, less what takes its place. */
static ssize_t gain(const struct tlog_bases *b, const struct tlog_parts *p)
{
	size_t back = b->last.id + 1 - p->base->id, paid = varint_size(p->shared);

	if (back > 1)
		paid += varint_size(back);
	if (p->tail)
		paid += varint_size(p->tail);
	return (ssize_t)(p->shared + p->tail) - (ssize_t)paid;
}

struct tlog_parts tlog_base_choose(struct tlog_bases *b, const char *abs, size_t len)
{
	struct tlog_parts best = parts_of(&b->last, abs, len);
	ssize_t most = gain(b, &best);

	find_keys(b, abs, len);
	/* Another takes two bytes at the least: how far back it is, and how much is shared. */
	if (most >= (ssize_t)len - 2)
		return best;
	for (size_t i = b->slots ? b->n_keys : 0; i-- > 0;) {
		const struct tlog_base_key *key = &b->keys[i];
		const struct tlog_base *base = slot_of(b, key->tag);
		struct tlog_parts p;
		ssize_t n;

		if (!base->abs || base->tag != key->tag)
			continue;
		p = parts_of(base, abs, len);
		n = gain(b, &p);
		if (n > most) {
			best = p;
			most = n;
		}
		/* Higher directories have less. */
		if (key->dir_len && p.shared >= key->dir_len)
			break;
	}
	return best;
}

void tlog_base_remember(struct tlog_bases *b, const char *abs, size_t len, uint32_t id)
{
	if (!b->slots || (b->n_used > (size_t)1 << (b->bits - 1) && b->bits < BITS_MAX))
		grow(b);
	b->last = (struct tlog_base) { .abs = abs };
	b->last.len = len & TLOG_PATH_MAX;
	b->last.id = id & (TLOG_PATHS_MAX * 2 - 1);
	for (size_t i = b->slots ? b->n_keys : 0; i-- > 0;) {
		struct tlog_base *slot = slot_of(b, b->keys[i].tag);

		b->n_used += !slot->abs;
		*slot = b->last;
		slot->tag = b->keys[i].tag & ((1u << TLOG_BASE_TAG) - 1);
	}
}
