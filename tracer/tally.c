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

#include <stdio.h>

struct count {
	uint64_t total, told;
};

struct tally {
	struct pathset *pairs; /* the notes' texts: PROGRAM/PATH */
	struct count *counts;  /* by the pair's number */
	size_t cap;
	char text[2 * TLOG_PATH_MAX + 2];
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

/* The count of a pair, whose number is *n; NULL without memory. */
static struct count *find_count(struct tally *m, const char *program, const char *abs,
				size_t *n)
{
	int len = snprintf(m->text, sizeof(m->text), "%s/%s", program, abs);
	size_t cap = m->cap ? m->cap : 256;
	struct count *counts;
	bool fresh;
	int64_t number = pathset_add(m->pairs, m->text, (size_t)len, &fresh);

	if (number < 0)
		return NULL;
	*n = (size_t)number;
	while (cap <= *n)
		cap *= 2;
	if (cap != m->cap) {
		counts = realloc(m->counts, cap * sizeof(*counts));
		if (!counts)
			return NULL;
		memset(counts + m->cap, 0, (cap - m->cap) * sizeof(*counts));
		m->counts = counts;
		m->cap = cap;
	}
	return &m->counts[*n];
}

static void tell(struct tally *m, struct tlog_writer *w, size_t n)
{
	struct count *c = &m->counts[n];
	const char *text = pathset_get(m->pairs, n, NULL);

	if (c->total > c->told &&
	    tlog_put_note(w, TLOG_NOTE_MISSES, c->total - c->told, text) == 0)
		c->told = c->total;
}

void tally_add(struct tally *m, struct tlog_writer *w, const char *program, const char *abs)
{
	size_t n;
	struct count *c = find_count(m, program, abs, &n);

	if (!c)
		return;
	c->total++;
	if ((c->total & (c->total - 1)) == 0)
		tell(m, w, n);
}

void tally_flush(struct tally *m, struct tlog_writer *w)
{
	for (size_t n = 0; n < m->cap && n < pathset_count(m->pairs); n++)
		tell(m, w, n);
}
