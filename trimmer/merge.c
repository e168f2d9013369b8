// SPDX-License-Identifier: Apache-2.0
/*
 * merge.c - sections of many logs, in an order of their own, in one file
 *
 * In: logs. Out: one log. Never drops a fact, never holds more than one section in memory.
 *
 * All paths of all logs are numbered once (pathset); a section is its header, notes and end
 * as they came, and its accesses sorted by path. Two sections are the same when their digest
 * over all of this is (section.c). Three rounds: the logs are read once, each section into an
 * unlinked file; when all paths are known, each section's digest is made; when all digests are
 * known, so is the order, and the sections are written.
 */
#include "merge.h"
#include "diag.h"
#include "logfile.h"
#include "outfile.h"
#include "section.h"
#include "spool.h"

#include <stdio.h>

/* Where a section is, and what decides its place. */
struct stub {
	uint64_t off;
	size_t len;
	char *started; /* "" if the header does not say */
	struct digest_text digest;
};

struct merging {
	struct pathset *paths;
	uint32_t *rank;	    /* by number in paths: the number by order */
	struct span *texts; /* by that: the path */
	struct stub *stubs;
	size_t n_stubs, cap;
	struct spool_sink spool;
	uint32_t *numbers; /* by the id in the log in work: the number in paths */
	size_t numbers_cap;
	struct section section; /* the one in work */
	bool in_section;
	char *data; /* it, packed */
	size_t data_cap;
	struct access *scratch;
	size_t scratch_cap;
};

/* ---- reading ----------------------------------------------------------------------------- */

static void add_fields(struct facts *facts, const struct tlog_record *rec)
{
	for (size_t i = 0; i < rec->n_fields; i++)
		facts_add(facts, (struct fact) { .key = xstrdup(rec->fields[i].key),
						 .value = xstrdup(rec->fields[i].value) });
}

/* Puts the section in work away. */
static int end_section(struct merging *m)
{
	struct stub stub = { .off = m->spool.len };
	const char *started = "";
	int r;

	if (!m->in_section)
		return 0;
	section_pack(&m->section, &m->data, &m->data_cap, &stub.len);
	for (size_t i = 0; i < m->section.header.n_items; i++)
		if (strcmp(m->section.header.items[i].key, "started") == 0)
			started = m->section.header.items[i].value;
	stub.started = xstrdup(started);
	xgrow(&m->stubs, &m->cap, m->n_stubs, sizeof(*m->stubs));
	m->stubs[m->n_stubs++] = stub;
	section_clear(&m->section);
	m->in_section = false;
	r = spool_write(&m->spool, m->data, stub.len);
	return r < 0 ? diag_fail(r, "the logs' copy in a temporary file cannot be written; "
				    "set TMPDIR to a larger place")
		     : 0;
}

static int begin_section(struct merging *m, const struct tlog_record *rec)
{
	int r = end_section(m);

	m->in_section = true;
	add_fields(&m->section.header, rec);
	return r;
}

/* The number of a path of the log in work; it is looked up by its text only once a log. */
static uint32_t number(const struct merging *m, uint32_t id)
{
	return id ? m->numbers[id] : NO_PATH;
}

static void add_access(struct merging *m, const struct tlog_record *rec)
{
	struct section *s = &m->section;
	bool fresh;
	int64_t n;

	if (rec->kind == TLOG_PATH) {
		n = pathset_add(m->paths, rec->path, rec->path_len, &fresh);
		if (n < 0)
			abort();
		xgrow(&m->numbers, &m->numbers_cap, rec->id, sizeof(*m->numbers));
		m->numbers[rec->id] = (uint32_t)n;
	}
	xgrow(&s->accesses, &s->cap, s->n_accesses, sizeof(*s->accesses));
	s->accesses[s->n_accesses++] = (struct access) {
		.path = number(m, rec->id),
		.by = number(m, rec->by),
		.of = number(m, rec->of),
		.ops = rec->ops,
	};
}

static int add_record(struct merging *m, const struct tlog_record *rec)
{
	switch (rec->kind) {
	case TLOG_HEADER:
		return begin_section(m, rec);
	case TLOG_PATH:
	case TLOG_SEEN:
		add_access(m, rec);
		break;
	case TLOG_NOTE:
		facts_add(&m->section.notes, (struct fact) { .value = xstrdup(rec->text),
							     .count = rec->count,
							     .code = rec->code });
		break;
	case TLOG_END:
		m->section.ended = true;
		add_fields(&m->section.end, rec);
		break;
	}
	return 0;
}

/* A damaged log stays known as one. */
static void add_damage(struct merging *m, const struct logfile *file, size_t offset,
		       const char *reason)
{
	diag_warning("log %s is damaged at byte %zu (%s); only the part before is used",
		     file->name, offset, reason);
	if (m->in_section)
		facts_add(&m->section.notes,
			  (struct fact) { .value = xasprintf("at byte %zu: %s", offset, reason),
					  .count = 1,
					  .code = TLOG_NOTE_DAMAGED });
}

static int add_file(void *arg, struct logfile *file)
{
	struct merging *m = arg;
	struct tlog_reader *reader;
	struct tlog_record rec;
	const char *reason;
	size_t offset;
	int r = 0;

	if (tlog_reader_new(file->data, file->len, &reader) < 0)
		return diag_refuse("%s is no trace log", file->name);
	while (r == 0 && tlog_next(reader, &rec) > 0)
		r = add_record(m, &rec);
	if (r == 0 && tlog_reader_state(reader, &offset, &reason) == TLOG_DAMAGED)
		add_damage(m, file, offset, reason);
	tlog_reader_free(reader);
	return r < 0 ? r : end_section(m);
}

/* ---- the order --------------------------------------------------------------------------- */

struct place {
	const char *text;
	uint32_t len, number;
};

static int compare_places(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->text, ((const struct place *)b)->text);
}

static void rank_paths(struct merging *m)
{
	size_t n = pathset_count(m->paths);
	cleanup_free struct place *places = xcalloc(n, sizeof(*places));

	for (size_t i = 0; i < n; i++) {
		size_t len;

		places[i].text = pathset_get(m->paths, i, &len);
		places[i].len = (uint32_t)len;
		places[i].number = (uint32_t)i;
	}
	if (n)
		qsort(places, n, sizeof(*places), compare_places);
	m->rank = xcalloc_table(n, sizeof(*m->rank));
	m->texts = xcalloc_table(n, sizeof(*m->texts));
	for (size_t i = 0; i < n; i++) {
		m->rank[places[i].number] = (uint32_t)i;
		m->texts[i] = (struct span) { places[i].text, places[i].len };
	}
}

/* Brings a section back, its accesses in order. */
static int load_section(struct merging *m, const struct stub *stub)
{
	struct section *s = &m->section;
	int r;

	xgrow(&m->data, &m->data_cap, stub->len, 1);
	r = pread_all(m->spool.fd, m->data, stub->len, stub->off);
	if (r < 0)
		return diag_fail(r, "the logs' copy in a temporary file cannot be read");
	section_clear(s);
	section_unpack(s, m->data, m->rank);
	xgrow(&m->scratch, &m->scratch_cap, s->n_accesses, sizeof(*m->scratch));
	section_settle(s, m->scratch, pathset_count(m->paths));
	return 0;
}

/* Start time, then content. */
static int compare_stubs(const void *a, const void *b)
{
	const struct stub *x = a, *y = b;
	size_t nx = strlen(x->started), ny = strlen(y->started);
	int r = nx != ny ? (nx < ny ? -1 : 1) : strcmp(x->started, y->started);

	return r ? r : strcmp(x->digest.text, y->digest.text);
}

static int order_sections(struct merging *m)
{
	int r = 0;

	for (size_t i = 0; i < m->n_stubs && r == 0; i++) {
		r = load_section(m, &m->stubs[i]);
		if (r == 0)
			section_digest(&m->section, m->texts, &m->stubs[i].digest);
	}
	if (m->n_stubs)
		qsort(m->stubs, m->n_stubs, sizeof(*m->stubs), compare_stubs);
	return r;
}

/* ---- writing ----------------------------------------------------------------------------- */

static int write_sections(struct merging *m, int fd, const char *path,
			  struct merge_result *result)
{
	cleanup_free uint32_t *ids = xcalloc_table(pathset_count(m->paths), sizeof(uint32_t));
	const struct stub *last = NULL;
	struct tlog_writer *w;
	int r = tlog_writer_new(fd, true, &w);

	if (r < 0)
		return diag_fail(r, "%s cannot be written", path);
	for (size_t i = 0; i < m->n_stubs && r == 0; i++) {
		const struct stub *stub = &m->stubs[i];

		if (last && strcmp(last->digest.text, stub->digest.text) == 0)
			continue;
		last = stub;
		result->n_sections++;
		r = load_section(m, stub);
		if (r < 0)
			break;
		r = section_put(&m->section, w, m->texts, pathset_count(m->paths), ids);
		if (r < 0)
			diag_fail(r, "%s cannot be written", path);
	}
	if (r == 0) {
		r = tlog_writer_flush(w);
		if (r < 0)
			diag_fail(r, "%s cannot be written", path);
	}
	tlog_writer_free(w);
	return r;
}

/* ---- all --------------------------------------------------------------------------------- */

static void merging_fini(struct merging *m)
{
	for (size_t i = 0; i < m->n_stubs; i++)
		free(m->stubs[i].started);
	free(m->stubs);
	section_fini(&m->section);
	free(m->data);
	free(m->scratch);
	free(m->numbers);
	free(m->rank);
	free(m->texts);
	pathset_free(m->paths);
	if (m->spool.fd >= 0)
		close(m->spool.fd);
}

static int merge_to(struct merging *m, const char *path, struct merge_result *result)
{
	struct outfile out CLEANUP(outfile_fini);
	int r = outfile_open(&out, path);

	if (r < 0)
		return r;
	rank_paths(m);
	r = order_sections(m);
	if (r == 0)
		r = write_sections(m, dup(out.fd), path, result);
	return r < 0 ? r : outfile_commit(&out);
}

int merge_logs(char *const args[], size_t n_args, const char *out, struct merge_result *result)
{
	struct merging m = { .paths = pathset_new(), .spool.fd = spool_open(0) };
	struct merge_result res = { 0 };
	int r = m.spool.fd;

	if (!m.paths)
		abort();
	if (r >= 0)
		r = logfile_each(args, n_args, add_file, &m);
	if (r == 0)
		r = merge_to(&m, out, &res);
	if (r == 0) {
		res.n_logs = m.n_stubs;
		res.n_paths = pathset_count(m.paths);
		*result = res;
	}
	merging_fini(&m);
	return r;
}
