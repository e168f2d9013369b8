// SPDX-License-Identifier: Apache-2.0
/*
 * logs.c - the runs of many logs in order of their start
 *
 * In: logs. Out: a row a run, with the number of paths that it was the first to have. Never
 * judges what a path is worth: only what says nothing about the image (below a mount of the
 * run, looked for and not found) is not counted.
 */
#include "logs.h"
#include "diag.h"
#include "logfile.h"
#include "pathset.h"

#include <time.h>

/* One file being read; mounts are those of the section it is in, copied. */
struct reading {
	struct log_table *table;
	const char *name;
	char **mounts;
	size_t n_mounts, mounts_cap;
	size_t first; /* run of this file */
};

static void free_mounts(struct reading *r)
{
	for (size_t i = 0; i < r->n_mounts; i++)
		free(r->mounts[i]);
	r->n_mounts = 0;
}

static char *header_text(const struct tlog_record *rec, const char *key)
{
	const char *value = tlog_field_get(rec->fields, rec->n_fields, key);

	return xstrdup(value ? value : "");
}

void log_run_init(struct log_run *run, const char *file, const struct tlog_record *header)
{
	*run = (struct log_run) {
		.file = xstrdup(file),
		.image = header_text(header, "image"),
		.layers = header_text(header, "layers"),
		.arch = header_text(header, "arch"),
		.pod = header_text(header, "pod"),
		.host = header_text(header, "host"),
		.container = header_text(header, "container"),
		.started = header_text(header, "started"),
		.state = TLOG_CUT,
	};
}

static void start_run(struct reading *r, const struct tlog_record *rec)
{
	struct log_table *t = r->table;

	free_mounts(r);
	for (size_t i = 0; i < rec->n_fields; i++) {
		if (strcmp(rec->fields[i].key, "mount") != 0 ||
		    rec->fields[i].value[0] != '/' || !rec->fields[i].value[1])
			continue;
		xgrow(&r->mounts, &r->mounts_cap, r->n_mounts, sizeof(*r->mounts));
		r->mounts[r->n_mounts++] = xstrdup(rec->fields[i].value);
	}
	xgrow(&t->runs, &t->cap, t->n_runs, sizeof(*t->runs));
	log_run_init(&t->runs[t->n_runs], r->name, rec);
	t->runs[t->n_runs].number = t->n_runs;
	t->n_runs++;
}

static bool below_mount(const struct reading *r, const char *abs)
{
	for (size_t i = 0; i < r->n_mounts; i++)
		if (path_below(abs, r->mounts[i]) && strcmp(abs, r->mounts[i]) != 0)
			return true;
	return false;
}

static void add_path(struct reading *r, struct log_run *run, const struct tlog_record *rec)
{
	bool fresh;
	int64_t n;

	if (rec->ops == TLOG_MISS || below_mount(r, rec->path))
		return;
	n = pathset_add(r->table->pathset, rec->path, rec->path_len, &fresh);
	if (n < 0)
		abort();
	xgrow(&run->paths, &run->paths_cap, run->n_paths, sizeof(*run->paths));
	run->paths[run->n_paths++] = (uint32_t)n;
}

static void add_note(struct log_run *run, const struct tlog_record *rec)
{
	losses_add(&run->losses, rec);
	if (rec->code == TLOG_NOTE_DAMAGED)
		run->state = TLOG_DAMAGED;
}

static void add_record(struct reading *r, const struct tlog_record *rec)
{
	struct log_table *t = r->table;
	struct log_run *run;

	if (rec->kind == TLOG_HEADER) {
		start_run(r, rec);
		return;
	}
	run = &t->runs[t->n_runs - 1];
	if (rec->kind == TLOG_PATH || rec->kind == TLOG_SEEN)
		add_path(r, run, rec);
	else if (rec->kind == TLOG_NOTE)
		add_note(run, rec);
	else if (rec->kind == TLOG_END && run->state != TLOG_DAMAGED)
		run->state = TLOG_COMPLETE;
}

static int add_file(void *arg, struct logfile *file)
{
	struct reading r = { .table = arg, .name = file->name };
	struct tlog_reader *reader;
	struct tlog_record rec;
	const char *reason;
	size_t offset;

	r.first = r.table->n_runs;
	if (tlog_reader_new(file->data, file->len, &reader) < 0)
		return diag_refuse("%s is no trace log", file->name);
	while (tlog_next(reader, &rec) > 0)
		add_record(&r, &rec);
	if (tlog_reader_state(reader, &offset, &reason) == TLOG_DAMAGED) {
		diag_warning("log %s is damaged at byte %zu (%s)", file->name, offset, reason);
		if (r.table->n_runs > r.first)
			r.table->runs[r.table->n_runs - 1].state = TLOG_DAMAGED;
	}
	tlog_reader_free(reader);
	free_mounts(&r);
	free(r.mounts);
	return 0;
}

/* ---- in order of start ------------------------------------------------------------------- */

static int compare_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* A path that a run has by several records counts once. */
static void settle(struct log_run *run)
{
	size_t n = 0;

	if (!run->n_paths)
		return;
	qsort(run->paths, run->n_paths, sizeof(*run->paths), compare_number);
	for (size_t i = 1; i < run->n_paths; i++)
		if (run->paths[i] != run->paths[n])
			run->paths[++n] = run->paths[i];
	run->n_paths = n + 1;
}

/* Decimal numbers of any length; what is shorter is smaller. */
static int compare_start(const void *a, const void *b)
{
	const struct log_run *x = a, *y = b;
	size_t nx = strlen(x->started), ny = strlen(y->started);
	int r = nx != ny ? (nx < ny ? -1 : 1) : strcmp(x->started, y->started);

	return r ? r : strcmp(x->file, y->file);
}

/* Counts, for the runs of one image, what each is the first to have; seen: by path number. */
static void count_new(struct log_table *t, const char *image, bool *counted, bool *seen)
{
	memset(seen, 0, pathset_count(t->pathset) * sizeof(*seen));
	for (size_t i = 0; i < t->n_runs; i++) {
		struct log_run *run = &t->runs[i];

		if (counted[i] || strcmp(run->image, image) != 0)
			continue;
		counted[i] = true;
		for (size_t p = 0; p < run->n_paths; p++) {
			run->n_new += !seen[run->paths[p]];
			seen[run->paths[p]] = true;
		}
	}
}

static void count_all(struct log_table *t)
{
	cleanup_free bool *counted = xcalloc(t->n_runs + 1, sizeof(bool));
	cleanup_free bool *seen = xcalloc(pathset_count(t->pathset) + 1, sizeof(bool));

	for (size_t i = 0; i < t->n_runs; i++)
		settle(&t->runs[i]);
	if (t->n_runs)
		qsort(t->runs, t->n_runs, sizeof(*t->runs), compare_start);
	for (size_t i = 0; i < t->n_runs; i++)
		if (!counted[i])
			count_new(t, t->runs[i].image, counted, seen);
	t->n_paths = pathset_count(t->pathset);
}

int logs_read(char *const args[], size_t n_args, struct log_table *table)
{
	int r;

	*table = (struct log_table) { .pathset = pathset_new() };
	if (!table->pathset)
		abort();
	r = logfile_each(args, n_args, add_file, table);
	if (r < 0)
		return r;
	count_all(table);
	return 0;
}

void log_run_fini(struct log_run *run)
{
	free(run->file);
	free(run->image);
	free(run->layers);
	free(run->arch);
	free(run->pod);
	free(run->host);
	free(run->container);
	free(run->started);
	free(run->paths);
}

void logs_fini(struct log_table *table)
{
	for (size_t i = 0; i < table->n_runs; i++)
		log_run_fini(&table->runs[i]);
	free(table->runs);
	pathset_free(table->pathset);
	*table = (struct log_table) { 0 };
}

/* ---- for programs ------------------------------------------------------------------------- */

const char *log_state_name(enum tlog_state state)
{
	static const char *const names[] = {
		[TLOG_COMPLETE] = "complete",
		[TLOG_CUT] = "cut",
		[TLOG_DAMAGED] = "damaged",
	};

	return names[state];
}

void log_run_start(const struct log_run *run, char *out, size_t size)
{
	time_t t = (time_t)(strtoull(run->started, NULL, 10) / 1000000000u);
	struct tm tm;

	if (!run->started[0] || !gmtime_r(&t, &tm) ||
	    !strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm))
		memcpy(out, "-", sizeof("-"));
}

struct json *log_run_json(const struct log_run *run)
{
	struct json *o = json_new_object();
	char start[32];

	log_run_start(run, start, sizeof(start));
	json_set(o, "file", json_new_bytes(run->file));
	json_set(o, "image", json_new_bytes(run->image));
	json_set(o, "arch", json_new_bytes(run->arch));
	json_set(o, "pod", json_new_bytes(run->pod));
	json_set(o, "host", json_new_bytes(run->host));
	json_set(o, "container", json_new_bytes(run->container));
	json_set_text(o, "started", start);
	json_set(o, "paths", json_new_size(run->n_paths));
	json_set(o, "new", json_new_size(run->n_new));
	losses_json(&run->losses, o);
	json_set_text(o, "end", log_state_name(run->state));
	return o;
}
