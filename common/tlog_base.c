// SPDX-License-Identifier: Apache-2.0
/*
 * tlog_base.c - the earlier path that shares most with a new one at both ends
 *
 * In: paths as they are written. Out: the last one, or the last one in the deepest directory on the way
 * that is remembered (a direct-mapped table by the hash of the directory; what is forgotten costs
 * bytes, no more).
 */
#include "tlog_base.h"

static size_t shared_prefix(const struct tlog_base *b, const char *abs, size_t len)
{
	size_t n = 0, max = MIN(b->len, len);

	while (n < max && b->abs[n] == abs[n])
		n++;
	return n;
}

static struct tlog_parts parts_of(const struct tlog_base *b, const char *abs, size_t len)
{
	struct tlog_parts p = { .base = b, .shared = shared_prefix(b, abs, len) };
	size_t max = MIN(b->len, len) - p.shared;

	while (p.tail < max && b->abs[b->len - 1 - p.tail] == abs[len - 1 - p.tail])
		p.tail++;
	/* To name one byte takes one. */
	if (p.tail == 1)
		p.tail = 0;
	return p;
}

/* At each slash, with the hash of all before it. */
static struct tlog_base *slot_of(struct tlog_bases *b, uint32_t hash)
{
	return &b->dirs[(hash ^ hash >> 12 ^ hash >> 24) % TLOG_N_BASES];
}

static const struct tlog_base *deepest_dir(struct tlog_bases *bases, const char *abs,
					   size_t len)
{
	const struct tlog_base *found = &bases->last;
	uint32_t hash = 0;

	for (size_t i = 0; i < len; i++) {
		const struct tlog_base *b;

		hash = hash * 31 + (unsigned char)abs[i];
		if (abs[i] != '/')
			continue;
		b = slot_of(bases, hash);
		if (shared_prefix(b, abs, len) > i)
			found = b;
	}
	return found;
}

void tlog_base_remember(struct tlog_bases *bases, const char *abs, size_t len, uint32_t id)
{
	uint32_t hash = 0;

	bases->last = (struct tlog_base) { abs, (uint32_t)len, id };
	for (size_t i = 0; i < len; i++) {
		hash = hash * 31 + (unsigned char)abs[i];
		if (abs[i] == '/')
			*slot_of(bases, hash) = bases->last;
	}
}

struct tlog_parts tlog_base_choose(struct tlog_bases *bases, const char *abs, size_t len)
{
	struct tlog_parts last = parts_of(&bases->last, abs, len);
	struct tlog_parts dir = parts_of(deepest_dir(bases, abs, len), abs, len);

	/* The last one needs no number. */
	return dir.shared + dir.tail > last.shared + last.tail + 1 ? dir : last;
}
