// SPDX-License-Identifier: Apache-2.0
/*
 * tally.c - a count for each program and path
 *
 * In: misses. Out: notes, of one pair at most as many as its count has binary digits before the
 * end: a log that just ends tells more than half of each count. Never fails: what there is no
 * memory for is not counted.
 */
#include "tally.h"
#include "pathset.h"

struct count {
	uint64_t total, told;
	uint32_t program, path; /* ids */
};

struct tally {
	struct pathset *pairs; /* of ids, as bytes */
	struct count *counts;  /* by the pair's number */
	size_t cap;
};

struct tally *tally_new(void)
{
	struct tally *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->pairs = pathset_new();
	if (m->pairs)
		return m;
	free(m);
	return NULL;
}

void tally_free(struct tally *m)
{
	if (!m)
		return;
	pathset_free(m->pairs);
	free(m->counts);
	free(m);
}

/* The count of a pair; NULL without memory. */
static struct count *find_count(struct tally *m, uint32_t program, uint32_t path)
{
	const uint32_t pair[] = { program, path };
	size_t cap = m->cap ? m->cap : 256;
	struct count *counts;
	bool fresh;
	int64_t n = pathset_add(m->pairs, (const char *)pair, sizeof(pair), &fresh);

	if (n < 0)
		return NULL;
	while (cap <= (size_t)n)
		cap *= 2;
	if (cap != m->cap) {
		counts = realloc(m->counts, cap * sizeof(*counts));
		if (!counts)
			return NULL;
		memset(counts + m->cap, 0, (cap - m->cap) * sizeof(*counts));
		m->counts = counts;
		m->cap = cap;
	}
	counts = &m->counts[n];
	counts->program = program;
	counts->path = path;
	return counts;
}

/* Tells of n counts, in one frame. */
static void tell(struct tlog_writer *w, struct count *const counts[], size_t n)
{
	struct tlog_misses misses[TLOG_MISSES_MAX];

	for (size_t i = 0; i < n; i++)
		misses[i] = (struct tlog_misses) { counts[i]->total - counts[i]->told,
						   counts[i]->program, counts[i]->path };
	if (n == 0 || tlog_put_misses(w, misses, n) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		counts[i]->told = counts[i]->total;
}

void tally_add(struct tally *m, struct tlog_writer *w, uint32_t program, uint32_t path)
{
	struct count *c = find_count(m, program, path);

	if (!c)
		return;
	c->total++;
	if ((c->total & (c->total - 1)) == 0)
		tell(w, &c, 1);
}

void tally_flush(struct tally *m, struct tlog_writer *w)
{
	struct count *untold[TLOG_MISSES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < m->cap; i++) {
		if (m->counts[i].total == m->counts[i].told)
			continue;
		untold[n++] = &m->counts[i];
		if (n == TLOG_MISSES_MAX) {
			tell(w, untold, n);
			n = 0;
		}
	}
	tell(w, untold, n);
}
