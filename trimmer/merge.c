// SPDX-License-Identifier: Apache-2.0
/*
 * merge.c - sections of many logs, in an order of their own, in one file
 *
 * In: logs. Out: one log. Never drops a fact: accesses of one path in one section are OR-ed.
 *
 * All paths of all logs are numbered once (pathset); a section is its header, notes and end
 * as they came, and its accesses sorted by path. Two sections are the same when their digest
 * over all of this is.
 */
#include "merge.h"
#include "diag.h"
#include "digest.h"
#include "logfile.h"
#include "outfile.h"
#include "pathset.h"

#include <stdio.h>

#define NO_PATH UINT32_MAX

struct access {
	uint32_t path, by, of; /* numbers in the pathset; NO_PATH: none */
	uint32_t ops;
};

/* A note, or a field of header or end; texts are copies. */
struct fact {
	char *key, *value;
	uint64_t count;
	unsigned int code;
};

struct section {
	struct fact *header, *notes, *end;
	size_t n_header, n_notes, n_end;
	bool ended;
	struct access *accesses;
	size_t n_accesses, cap;
	const char *started;
	struct digest_text digest;
};

struct merging {
	struct pathset *paths;
	struct section **sections;
	size_t n_sections, cap;
	size_t n_read;
};

/* ---- reading ----------------------------------------------------------------------------- */

static void add_fact(struct fact **facts, size_t *n, const struct fact *fact)
{
	*facts = xrealloc(*facts, (*n + 1) * sizeof(**facts));
	(*facts)[(*n)++] = *fact;
}

static void add_fields(struct fact **facts, size_t *n, const struct tlog_record *rec)
{
	for (size_t i = 0; i < rec->n_fields; i++)
		add_fact(facts, n,
			 &(struct fact) { .key = xstrdup(rec->fields[i].key),
					  .value = xstrdup(rec->fields[i].value) });
}

static struct section *new_section(struct merging *m, const struct tlog_record *rec)
{
	struct section *s = xcalloc(1, sizeof(*s));

	add_fields(&s->header, &s->n_header, rec);
	s->started = "";
	for (size_t i = 0; i < s->n_header; i++)
		if (strcmp(s->header[i].key, "started") == 0)
			s->started = s->header[i].value;
	xgrow(&m->sections, &m->cap, m->n_sections, sizeof(struct section *));
	m->sections[m->n_sections++] = s;
	m->n_read++;
	return s;
}

static uint32_t number(struct merging *m, const char *path)
{
	bool fresh;
	int64_t n;

	if (!path)
		return NO_PATH;
	n = pathset_add(m->paths, path, strlen(path), &fresh);
	if (n < 0)
		abort();
	return (uint32_t)n;
}

static void add_access(struct merging *m, struct section *s, const struct tlog_reader *reader,
		       const struct tlog_record *rec)
{
	xgrow(&s->accesses, &s->cap, s->n_accesses, sizeof(*s->accesses));
	s->accesses[s->n_accesses++] = (struct access) {
		.path = number(m, rec->path),
		.by = number(m, tlog_reader_path(reader, rec->by)),
		.of = number(m, tlog_reader_path(reader, rec->of)),
		.ops = rec->ops,
	};
}

static void add_record(struct merging *m, struct section **s, const struct tlog_reader *reader,
		       const struct tlog_record *rec)
{
	switch (rec->kind) {
	case TLOG_HEADER:
		*s = new_section(m, rec);
		break;
	case TLOG_PATH:
	case TLOG_SEEN:
		add_access(m, *s, reader, rec);
		break;
	case TLOG_NOTE:
		add_fact(&(*s)->notes, &(*s)->n_notes,
			 &(struct fact) { .value = xstrdup(rec->text),
					  .count = rec->count,
					  .code = rec->code });
		break;
	case TLOG_END:
		(*s)->ended = true;
		add_fields(&(*s)->end, &(*s)->n_end, rec);
		break;
	}
}

/* A damaged log stays known as one. */
static void add_damage(struct section *s, const struct logfile *file, size_t offset,
		       const char *reason)
{
	diag_warning("log %s is damaged at byte %zu (%s); only the part before is used",
		     file->name, offset, reason);
	if (s)
		add_fact(&s->notes, &s->n_notes,
			 &(struct fact) { .value = xasprintf("at byte %zu: %s", offset, reason),
					  .count = 1,
					  .code = TLOG_NOTE_DAMAGED });
}

static int add_file(void *arg, struct logfile *file)
{
	struct merging *m = arg;
	struct tlog_reader *reader;
	struct tlog_record rec;
	struct section *s = NULL;
	const char *reason;
	size_t offset;

	if (tlog_reader_new(file->data, file->len, &reader) < 0)
		return diag_refuse("%s is no trace log", file->name);
	while (tlog_next(reader, &rec) > 0)
		add_record(m, &s, reader, &rec);
	if (tlog_reader_state(reader, &offset, &reason) == TLOG_DAMAGED)
		add_damage(s, file, offset, reason);
	tlog_reader_free(reader);
	return 0;
}

/* ---- order ------------------------------------------------------------------------------- */

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
static void settle(struct section *s, struct pathset *paths)
{
	struct access *a = s->accesses;
	size_t n = 0;

	if (!s->n_accesses)
		return;
	qsort_r(a, s->n_accesses, sizeof(*a), compare_access, paths);
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

static int compare_sections(const void *a, const void *b)
{
	const struct section *x = *(struct section *const *)a;
	const struct section *y = *(struct section *const *)b;
	size_t nx = strlen(x->started), ny = strlen(y->started);
	int r = nx != ny ? (nx < ny ? -1 : 1) : strcmp(x->started, y->started);

	return r ? r : strcmp(x->digest.text, y->digest.text);
}

/* ---- writing ----------------------------------------------------------------------------- */

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

static int put_section(struct tlog_writer *w, const struct section *s,
		       const struct pathset *paths, uint32_t *ids)
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

static int write_sections(struct merging *m, int fd, struct merge_result *result)
{
	cleanup_free uint32_t *ids = xcalloc(pathset_count(m->paths), sizeof(uint32_t));
	const struct section *last = NULL;
	struct tlog_writer *w;
	int r = tlog_writer_new(fd, true, &w);

	if (r < 0)
		return r;
	for (size_t i = 0; i < m->n_sections && r == 0; i++) {
		const struct section *s = m->sections[i];

		if (last && strcmp(last->digest.text, s->digest.text) == 0)
			continue;
		r = put_section(w, s, m->paths, ids);
		result->n_sections++;
		last = s;
	}
	if (r == 0)
		r = tlog_writer_flush(w);
	tlog_writer_free(w);
	return r;
}

/* ---- all --------------------------------------------------------------------------------- */

static void free_facts(struct fact *facts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(facts[i].key);
		free(facts[i].value);
	}
	free(facts);
}

static void merging_fini(struct merging *m)
{
	for (size_t i = 0; i < m->n_sections; i++) {
		struct section *s = m->sections[i];

		free_facts(s->header, s->n_header);
		free_facts(s->notes, s->n_notes);
		free_facts(s->end, s->n_end);
		free(s->accesses);
		free(s);
	}
	free(m->sections);
	pathset_free(m->paths);
}

static int merge_to(struct merging *m, const char *path, struct merge_result *result)
{
	struct outfile out CLEANUP(outfile_fini);
	int r = outfile_open(&out, path);

	if (r < 0)
		return r;
	for (size_t i = 0; i < m->n_sections; i++) {
		settle(m->sections[i], m->paths);
		digest_section(m->sections[i], m->paths);
	}
	if (m->n_sections)
		qsort(m->sections, m->n_sections, sizeof(struct section *), compare_sections);
	r = write_sections(m, dup(out.fd), result);
	if (r < 0)
		return diag_fail(r, "%s cannot be written", path);
	return outfile_commit(&out);
}

int merge_logs(char *const args[], size_t n_args, const char *out, struct merge_result *result)
{
	struct merging m = { .paths = pathset_new() };
	struct merge_result res = { 0 };
	int r;

	if (!m.paths)
		abort();
	r = logfile_each(args, n_args, add_file, &m);
	if (r == 0)
		r = merge_to(&m, out, &res);
	if (r == 0) {
		res.n_logs = m.n_read;
		res.n_paths = pathset_count(m.paths);
		*result = res;
	}
	merging_fini(&m);
	return r;
}
