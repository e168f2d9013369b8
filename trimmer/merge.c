// SPDX-License-Identifier: Apache-2.0
/*
 * merge.c - sections of many logs, in an order of their own, in one file
 *
 * In: logs. Out: one log. Never drops a fact.
 *
 * All paths of all logs are numbered once (pathset); a section is its header, notes and end
 * as they came, and its accesses sorted by path. Two sections are the same when their digest
 * over all of this is (section.c).
 */
#include "merge.h"
#include "diag.h"
#include "logfile.h"
#include "outfile.h"
#include "section.h"

#include <stdio.h>

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
		r = section_put(s, w, m->paths, ids);
		result->n_sections++;
		last = s;
	}
	if (r == 0)
		r = tlog_writer_flush(w);
	tlog_writer_free(w);
	return r;
}

/* ---- all --------------------------------------------------------------------------------- */

static void merging_fini(struct merging *m)
{
	for (size_t i = 0; i < m->n_sections; i++)
		section_free(m->sections[i]);
	free(m->sections);
	pathset_free(m->paths);
}

static int merge_to(struct merging *m, const char *path, struct merge_result *result)
{
	struct outfile out CLEANUP(outfile_fini);
	int r = outfile_open(&out, path);

	if (r < 0)
		return r;
	for (size_t i = 0; i < m->n_sections; i++)
		section_settle(m->sections[i], m->paths);
	if (m->n_sections)
		qsort(m->sections, m->n_sections, sizeof(struct section *), section_compare);
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
