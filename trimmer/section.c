// SPDX-License-Identifier: Apache-2.0
/*
 * section.c - a section's order, digest and records
 *
 * In: a section as it was read. Out: the same facts in an order of their own, so that equal
 * runs have equal digests and equal bytes. Never drops a fact: accesses of one path are OR-ed.
 */
#include "section.h"

static int compare_access(const void *a, const void *b, void *arg)
{
	const struct access *x = a, *y = b;
	const struct pathset *paths = arg;
	int r;

	if (x->path == y->path)
		return 0;
	r = strcmp(pathset_get(paths, x->path, NULL), pathset_get(paths, y->path, NULL));
	return r;
}

/* Sorts by path (stable: first comes first) and makes one access of each path. */
static void settle(struct section *s, const struct pathset *paths)
{
	struct access *a = s->accesses;
	size_t n = 0;
	void *arg;

	if (!s->n_accesses)
		return;
	/* qsort_r() wants a pointer to change; compare_access() does not. */
	memcpy(&arg, &paths, sizeof(arg));
	qsort_r(a, s->n_accesses, sizeof(*a), compare_access, arg);
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

static void digest_text_add(struct digest *d, const char *text)
{
	digest_update(d, text, strlen(text) + 1);
}

static void digest_facts(struct digest *d, const struct fact *facts, size_t n)
{
	digest_update(d, &n, sizeof(n));
	for (size_t i = 0; i < n; i++) {
		digest_text_add(d, facts[i].key ? facts[i].key : "");
		digest_text_add(d, facts[i].value);
		digest_update(d, &facts[i].count, sizeof(facts[i].count));
		digest_update(d, &facts[i].code, sizeof(facts[i].code));
	}
}

static void digest_section(struct section *s, const struct pathset *paths)
{
	struct digest d;

	digest_init(&d);
	digest_facts(&d, s->header, s->n_header);
	digest_facts(&d, s->notes, s->n_notes);
	digest_facts(&d, s->end, s->n_end);
	digest_update(&d, &s->ended, sizeof(s->ended));
	for (size_t i = 0; i < s->n_accesses; i++) {
		const struct access *a = &s->accesses[i];

		digest_text_add(&d, pathset_get(paths, a->path, NULL));
		digest_text_add(&d, a->by == NO_PATH ? "" : pathset_get(paths, a->by, NULL));
		digest_text_add(&d, a->of == NO_PATH ? "" : pathset_get(paths, a->of, NULL));
		digest_update(&d, &a->ops, sizeof(a->ops));
	}
	digest_final(&d, &s->digest);
}

void section_settle(struct section *s, const struct pathset *paths)
{
	settle(s, paths);
	digest_section(s, paths);
}

int section_compare(const void *a, const void *b)
{
	const struct section *x = *(struct section *const *)a;
	const struct section *y = *(struct section *const *)b;
	size_t nx = strlen(x->started), ny = strlen(y->started);
	int r = nx != ny ? (nx < ny ? -1 : 1) : strcmp(x->started, y->started);

	return r ? r : strcmp(x->digest.text, y->digest.text);
}

static int put_fields(struct tlog_writer *w, const struct fact *facts, size_t n, bool header)
{
	struct tlog_field *fields = xcalloc(n, sizeof(*fields));
	int r;

	for (size_t i = 0; i < n; i++)
		fields[i] = (struct tlog_field) { facts[i].key, facts[i].value };
	r = header ? tlog_put_header(w, fields, n) : tlog_put_end(w, fields, n);
	free(fields);
	return r;
}

/* The id of a path in the file, 0 if it has none yet. */
static uint32_t id_of(const uint32_t *ids, uint32_t path)
{
	return path == NO_PATH ? 0 : ids[path];
}

static int put_access(struct tlog_writer *w, const struct pathset *paths, uint32_t *ids,
		      const struct access *a)
{
	uint32_t by, of;
	const char *text;
	int64_t id;
	size_t len;

	if (ids[a->path])
		return tlog_put_seen(w, ids[a->path], a->ops, id_of(ids, a->by),
				     id_of(ids, a->of));
	/* A path may name itself (a program that opened its own file): the id it will have. */
	ids[a->path] = tlog_writer_next_id(w);
	by = id_of(ids, a->by);
	of = id_of(ids, a->of);
	text = pathset_get(paths, a->path, &len);
	id = tlog_put_path(w, a->ops, by, of, text, len);
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
			const struct pathset *paths, uint32_t *ids)
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
			r = put_access(w, paths, ids, a);
			if (r < 0)
				return r;
			moved = true;
			force = false; /* one is enough to break a circle */
			left -= done[i];
		}
	}
	return 0;
}

int section_put(const struct section *s, struct tlog_writer *w, const struct pathset *paths,
		uint32_t *ids)
{
	int r = put_fields(w, s->header, s->n_header, true);

	if (r == 0)
		r = put_accesses(w, s, paths, ids);
	for (size_t i = 0; i < s->n_notes && r == 0; i++)
		r = tlog_put_note(w, (enum tlog_note)s->notes[i].code, s->notes[i].count,
				  s->notes[i].value);
	if (r == 0 && s->ended)
		r = put_fields(w, s->end, s->n_end, false);
	return r;
}

static void free_facts(struct fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(facts[i].key);
		free(facts[i].value);
	}
	free(facts);
}

void section_free(struct section *s)
{
	free_facts(s->header, s->n_header);
	free_facts(s->notes, s->n_notes);
	free_facts(s->end, s->n_end);
	free(s->accesses);
	free(s);
}
