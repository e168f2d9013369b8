// SPDX-License-Identifier: Apache-2.0
/*
 * section.c - a section's order, digest and records
 *
 * In: a section as it was read. Out: the same facts in an order of their own, so that equal
 * runs have equal digests and equal bytes. Never drops a fact: accesses of one path are OR-ed.
 */
#include "section.h"

#define DIGIT_BITS 11
#define N_DIGITS   (1u << DIGIT_BITS)

void facts_add(struct facts *facts, struct fact fact)
{
	xgrow(&facts->items, &facts->cap, facts->n_items, sizeof(*facts->items));
	facts->items[facts->n_items++] = fact;
}

/* ---- order ----------------------------------------------------------------------------------- */

/* One round of a radix sort, stable. */
static void sort_by_digit(const struct access *from, struct access *to, size_t n,
			  unsigned int shift)
{
	uint32_t places[N_DIGITS + 1] = { 0 };

	for (size_t i = 0; i < n; i++)
		places[(from[i].path >> shift) % N_DIGITS + 1]++;
	for (size_t i = 0; i < N_DIGITS; i++)
		places[i + 1] += places[i];
	for (size_t i = 0; i < n; i++)
		to[places[(from[i].path >> shift) % N_DIGITS]++] = from[i];
}

static void sort(struct section *s, struct access *scratch, size_t n_paths)
{
	struct access *from = s->accesses, *to = scratch;

	for (unsigned int shift = 0; shift < 32 && n_paths >> shift; shift += DIGIT_BITS) {
		struct access *done = to;

		sort_by_digit(from, to, s->n_accesses, shift);
		to = from;
		from = done;
	}
	if (from != s->accesses)
		memcpy(s->accesses, from, s->n_accesses * sizeof(*from));
}

/* Of one path the first comes first; its operations are united. */
void section_settle(struct section *s, struct access *scratch, size_t n_paths)
{
	struct access *a = s->accesses;
	size_t n = 0;

	if (!s->n_accesses)
		return;
	sort(s, scratch, n_paths);
	for (size_t i = 1; i < s->n_accesses; i++) {
		if (a[i].path != a[n].path) {
			a[++n] = a[i];
			continue;
		}
		a[n].ops |= a[i].ops;
		if (a[n].by == NO_PATH)
			a[n].by = a[i].by;
		if (a[n].of == NO_PATH)
			a[n].of = a[i].of;
	}
	s->n_accesses = n + 1;
}

/* ---- digest ---------------------------------------------------------------------------------- */

/* Gathers what is hashed: a call of libcrypto for every few bytes costs more than the hash. */
struct gathering {
	struct digest digest;
	size_t used;
	char buf[8192];
};

static void gather(struct gathering *g, const void *data, size_t len)
{
	if (g->used + len > sizeof(g->buf)) {
		digest_update(&g->digest, g->buf, g->used);
		g->used = 0;
	}
	if (len > sizeof(g->buf)) {
		digest_update(&g->digest, data, len);
		return;
	}
	memcpy(g->buf + g->used, data, len);
	g->used += len;
}

static void gather_text(struct gathering *g, const char *text)
{
	gather(g, text, strlen(text) + 1);
}

static void gather_path(struct gathering *g, const struct span *texts, uint32_t path)
{
	if (path == NO_PATH)
		gather(g, "", 1);
	else
		gather(g, texts[path].data, texts[path].len + 1);
}

static void gather_facts(struct gathering *g, const struct facts *facts)
{
	gather(g, &facts->n_items, sizeof(facts->n_items));
	for (size_t i = 0; i < facts->n_items; i++) {
		const struct fact *f = &facts->items[i];

		gather_text(g, f->key ? f->key : "");
		gather_text(g, f->value);
		gather(g, &f->count, sizeof(f->count));
		gather(g, &f->code, sizeof(f->code));
	}
}

void section_digest(const struct section *s, const struct span *texts,
		    struct digest_text *digest)
{
	struct gathering g = { .used = 0 };

	digest_init(&g.digest);
	gather_facts(&g, &s->header);
	gather_facts(&g, &s->notes);
	gather_facts(&g, &s->end);
	gather(&g, &s->ended, sizeof(s->ended));
	for (size_t i = 0; i < s->n_accesses; i++) {
		const struct access *a = &s->accesses[i];

		gather_path(&g, texts, a->path);
		gather_path(&g, texts, a->by);
		gather_path(&g, texts, a->of);
		gather(&g, &a->ops, sizeof(a->ops));
	}
	digest_update(&g.digest, g.buf, g.used);
	digest_final(&g.digest, digest);
}

/* ---- writing --------------------------------------------------------------------------------- */

static int put_fields(struct tlog_writer *w, const struct facts *facts, bool header)
{
	size_t n = facts->n_items;
	struct tlog_field *fields = xcalloc(n, sizeof(*fields));
	int r;

	for (size_t i = 0; i < n; i++)
		fields[i] = (struct tlog_field) { facts->items[i].key, facts->items[i].value };
	r = header ? tlog_put_header(w, fields, n) : tlog_put_end(w, fields, n);
	free(fields);
	return r;
}

/* The id of a path in the file, 0 if it has none yet. */
static uint32_t id_of(const uint32_t *ids, uint32_t path)
{
	return path == NO_PATH ? 0 : ids[path];
}

static int put_access(struct tlog_writer *w, const struct span *texts, uint32_t *ids,
		      const struct access *a)
{
	uint32_t by, of;
	int64_t id;

	if (ids[a->path])
		return tlog_put_seen(w, ids[a->path], a->ops, id_of(ids, a->by),
				     id_of(ids, a->of));
	/* A path may name itself (a program that opened its own file): the id it will have. */
	ids[a->path] = tlog_writer_next_id(w);
	by = id_of(ids, a->by);
	of = id_of(ids, a->of);
	id = tlog_put_path(w, a->ops, by, of, texts[a->path].data, texts[a->path].len);
	return id < 0 ? (int)id : 0;
}

static bool waits(const uint32_t *ids, const struct access *a)
{
	return (a->by != NO_PATH && a->by != a->path && !ids[a->by]) ||
	       (a->of != NO_PATH && a->of != a->path && !ids[a->of]);
}

/*
 * Programs first, then their accesses: each round puts what no longer waits for an id. What
 * waits in a circle (two programs that execute each other) is put without, and once more when
 * the ids are there.
 */
static int put_accesses(struct tlog_writer *w, const struct section *s,
			const struct span *texts, uint32_t *ids)
{
	cleanup_free bool *done = xcalloc(s->n_accesses, sizeof(bool));
	bool moved = true, force;
	size_t left = s->n_accesses;

	while (left) {
		force = !moved;
		moved = false;
		for (size_t i = 0; i < s->n_accesses; i++) {
			const struct access *a = &s->accesses[i];
			bool waiting = waits(ids, a);
			int r;

			if (done[i] || (waiting && !force))
				continue;
			/* In a circle: once without, then not again until it is broken. */
			done[i] = !waiting || ids[a->path];
			r = put_access(w, texts, ids, a);
			if (r < 0)
				return r;
			moved = true;
			force = false; /* one is enough to break a circle */
			left -= done[i];
		}
	}
	return 0;
}

static int compare_text(const void *key, const void *text)
{
	return strcmp(key, ((const struct span *)text)->data);
}

static uint32_t find_id(const char *abs, const struct span *texts, size_t n_texts,
			const uint32_t *ids)
{
	const struct span *text = bsearch(abs, texts, n_texts, sizeof(*texts), compare_text);

	return text ? ids[text - texts] : 0;
}

/* PROGRAM/PATH becomes two ids; anything else stays a text. */
static int put_note(struct tlog_writer *w, const struct fact *note, const struct span *texts,
		    size_t n_texts, const uint32_t *ids)
{
	const char *path = strstr(note->value, "//");
	struct tlog_misses misses = { .count = note->count };

	if (note->code == TLOG_NOTE_MISSES && path) {
		cleanup_free char *by =
			xasprintf("%.*s", (int)(path - note->value), note->value);

		misses.by = find_id(by, texts, n_texts, ids);
		misses.id = find_id(path + 1, texts, n_texts, ids);
		if (misses.id && (misses.by || !*by))
			return tlog_put_misses(w, &misses, 1);
	}
	return tlog_put_note(w, (enum tlog_note)note->code, note->count, note->value);
}

int section_put(const struct section *s, struct tlog_writer *w, const struct span *texts,
		size_t n_texts, uint32_t *ids)
{
	int r = put_fields(w, &s->header, true);

	if (r == 0)
		r = put_accesses(w, s, texts, ids);
	for (size_t i = 0; i < s->notes.n_items && r == 0; i++)
		r = put_note(w, &s->notes.items[i], texts, n_texts, ids);
	if (r == 0 && s->ended)
		r = put_fields(w, &s->end, false);
	return r;
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void facts_clear(struct facts *facts)
{
	for (size_t i = 0; i < facts->n_items; i++) {
		free(facts->items[i].key);
		free(facts->items[i].value);
	}
	facts->n_items = 0;
}

void section_clear(struct section *s)
{
	facts_clear(&s->header);
	facts_clear(&s->notes);
	facts_clear(&s->end);
	s->ended = false;
	s->n_accesses = 0;
}

void section_fini(struct section *s)
{
	section_clear(s);
	free(s->header.items);
	free(s->notes.items);
	free(s->end.items);
	free(s->accesses);
	*s = (struct section) { 0 };
}
