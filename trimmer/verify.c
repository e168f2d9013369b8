// SPDX-License-Identifier: Apache-2.0
/*
 * verify.c - misses of a trimmed image, judged by the original
 *
 * In: the runs of the trimmed image, both trees. Out: findings. Never marks and never writes an
 * image: what is to be added is handed on as an access set.
 */
#include "verify.h"
#include "closure.h"
#include "diag.h"
#include "layer.h"
#include "path.h"
#include "selection.h"
#include "spool.h"

#include <fcntl.h>

/* All that programs did to one path in one way. */
struct verify_uses {
	uint32_t first;		   /* of the programs: number in v->bys + 1 */
	uint32_t n_runs, last_run; /* from 1 */
};

struct verify_path {
	struct verify_uses misses, lists;
	uint32_t n_searches; /* runs */
};

struct verify_by {
	uint32_t program; /* number in v->programs */
	uint32_t next;
	uint32_t n_runs, last_run;
	uint64_t n_looks;
};

struct verify_pending {
	uint32_t path, program;
};

/* ---- while logs are read ------------------------------------------------------------------ */

static void begin_run(void *arg, const struct logfile *file UNUSED,
		      const struct tlog_record *header UNUSED)
{
	struct verify *v = arg;

	v->n_runs++;
	v->n_pending = 0;
}

static struct verify_path *path_of(struct verify *v, size_t path)
{
	while (v->n_paths <= path) {
		xgrow(&v->paths, &v->paths_cap, v->n_paths, sizeof(*v->paths));
		v->paths[v->n_paths++] = (struct verify_path) { 0 };
	}
	return &v->paths[path];
}

static struct verify_by *by_of(struct verify *v, struct verify_uses *uses, uint32_t program)
{
	for (uint32_t n = uses->first; n; n = v->bys[n - 1].next)
		if (v->bys[n - 1].program == program)
			return &v->bys[n - 1];
	xgrow(&v->bys, &v->bys_cap, v->n_bys, sizeof(*v->bys));
	v->bys[v->n_bys++] = (struct verify_by) { .program = program, .next = uses->first };
	uses->first = (uint32_t)v->n_bys;
	return &v->bys[v->n_bys - 1];
}

/* True if it is the first time in this run. */
static bool add_by(struct verify *v, struct verify_uses *uses, uint32_t program, uint64_t looks)
{
	struct verify_by *by = by_of(v, uses, program);
	bool first = uses->last_run != v->n_runs;

	uses->n_runs += first;
	uses->last_run = v->n_runs;
	by->n_runs += by->last_run != v->n_runs;
	by->last_run = v->n_runs;
	by->n_looks += looks;
	return first;
}

static void add_miss(struct verify *v, size_t path, uint32_t program)
{
	if (!add_by(v, &path_of(v, path)->misses, program, 1))
		return;
	xgrow(&v->pending, &v->pending_cap, v->n_pending, sizeof(*v->pending));
	v->pending[v->n_pending++] = (struct verify_pending) { (uint32_t)path, program };
}

static uint32_t program_number(struct verify *v, const char *text, size_t len)
{
	bool fresh;
	int64_t program = pathset_add(v->programs, text, len, &fresh);

	if (program < 0)
		abort();
	return (uint32_t)program;
}

/* How often, and who else: PROGRAM/PATH, where both are absolute. */
static void add_count(void *arg, const struct tlog_record *rec)
{
	const char *path = strstr(rec->text, "//");
	struct verify *v = arg;
	int64_t n;

	if (rec->code != TLOG_NOTE_MISSES || !path)
		return;
	n = pathset_find(v->access.paths, path + 1, strlen(path + 1));
	if (n >= 0)
		add_by(v, &path_of(v, (size_t)n)->misses,
		       program_number(v, rec->text, (size_t)(path - rec->text)), rec->count);
}

static bool same_name(const struct verify *v, size_t a, size_t b)
{
	return strcmp(path_base(pathset_get(v->access.paths, a, NULL)),
		      path_base(pathset_get(v->access.paths, b, NULL))) == 0;
}

/*
 * Something was found: what its program missed just before, under the same name, was a search. An
 * execution is told with the new program.
 */
static void end_searches(struct verify *v, size_t path, uint32_t program, bool executed)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_pending; i++) {
		struct verify_pending p = v->pending[i];
		bool own = p.program == program;

		if ((own || executed) && p.path != path && same_name(v, p.path, path))
			v->paths[p.path].n_searches++;
		else if (!own)
			v->pending[n++] = p;
	}
	v->n_pending = n;
}

static void add_use(void *arg, size_t path, const struct tlog_record *rec, const char *by,
		    bool mounted UNUSED)
{
	const uint32_t no_find = TLOG_MISS | TLOG_RESOLVED | TLOG_LIST | TLOG_ENTER;
	struct verify *v = arg;
	uint32_t program = program_number(v, by ? by : "", by ? strlen(by) : 0);

	path_of(v, path);
	if (rec->ops & TLOG_MISS)
		add_miss(v, path, program);
	if (rec->ops & TLOG_LIST)
		add_by(v, &path_of(v, path)->lists, program, 0);
	if (rec->ops & ~no_find && !(rec->ops & TLOG_RESOLVED))
		end_searches(v, path, program, rec->ops & TLOG_EXEC);
}

/* ---- judging ------------------------------------------------------------------------------ */

static int compare_programs(const void *a, const void *b)
{
	const struct verify_program *x = a, *y = b;

	if (x->n_looks != y->n_looks)
		return x->n_looks > y->n_looks ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void add_programs(const struct verify *v, const struct verify_uses *uses,
			 struct verify_finding *finding)
{
	size_t cap = 0;

	for (uint32_t n = uses->first; n; n = v->bys[n - 1].next) {
		const struct verify_by *by = &v->bys[n - 1];

		xgrow(&finding->programs, &cap, finding->n_programs,
		      sizeof(*finding->programs));
		finding->programs[finding->n_programs++] =
			(struct verify_program) { pathset_get(v->programs, by->program, NULL),
						  by->n_looks, by->n_runs };
		finding->n_looks += by->n_looks;
	}
	qsort(finding->programs, finding->n_programs, sizeof(*finding->programs),
	      compare_programs);
}

static void add_finding(struct verify *v, struct verify_finding finding,
			const struct verify_uses *uses)
{
	finding.n_runs = uses->n_runs;
	add_programs(v, uses, &finding);
	xgrow(&v->findings, &v->findings_cap, v->n_findings, sizeof(*v->findings));
	v->findings[v->n_findings++] = finding;
	v->n_of[finding.kind]++;
}

/* Would the look-up have found something in the original, and nothing in the trimmed image? */
static bool is_hole(const struct verify *v, const char *abs)
{
	for (int follow = 1; follow >= 0; follow--)
		if (resolve_find(v->original, NULL, abs, follow, NULL) == 0)
			return resolve_find(v->trimmed, NULL, abs, follow, NULL) < 0;
	return false;
}

/* Returns how many of the missing the recorded runs used. */
static size_t count_entries(const struct verify *v, const struct node *theirs,
			    const struct node *ours, struct verify_finding *finding)
{
	size_t n_used = 0;

	tree_for_each_child (c, theirs) {
		bool missing = !tree_child(v->trimmed, ours, c->name, c->name_len);

		finding->n_entries++;
		finding->n_missing += missing;
		n_used += missing && c->reason != KEEP_NO;
	}
	return n_used;
}

static bool was_listed(const struct verify *v, const struct node *dir)
{
	char path[PATH_ABS_MAX + 1];
	size_t len = tree_path(dir, path, sizeof(path));

	return pathset_find(v->listed, path, len) >= 0;
}

static void judge_list(struct verify *v, const struct verify_path *p, const char *abs)
{
	struct verify_finding finding = { .kind = VERIFY_LISTING, .path = abs };
	struct node *theirs, *ours;

	if (resolve_find(v->original, NULL, abs, true, &theirs) < 0 ||
	    resolve_find(v->trimmed, NULL, abs, true, &ours) < 0)
		return;
	if (!count_entries(v, theirs, ours, &finding) && was_listed(v, theirs))
		finding.kind = VERIFY_RECORDED;
	if (finding.n_missing)
		add_finding(v, finding, &p->lists);
}

static void judge_path(void *arg, size_t n, const char *abs, uint32_t ops)
{
	struct verify *v = arg;
	const struct verify_path *p = &v->paths[n];

	if (ops & TLOG_MISS && is_hole(v, abs))
		add_finding(v,
			    (struct verify_finding) {
				    .kind = p->n_searches >= p->misses.n_runs ? VERIFY_SEARCH
									      : VERIFY_HOLE,
				    .path = abs,
			    },
			    &p->misses);
	if (ops & TLOG_LIST)
		judge_list(v, p, abs);
	v->n_missed += (ops & TLOG_MISS) != 0;
	v->n_used += (ops & ~(uint32_t)TLOG_MISS) != 0;
}

static void add_listed(void *arg, size_t n UNUSED, const char *abs, uint32_t ops)
{
	char path[PATH_ABS_MAX + 1];
	struct verify *v = arg;
	struct node *dir;
	bool fresh;

	if (ops & TLOG_LIST && resolve_find(v->original, NULL, abs, true, &dir) == 0 &&
	    pathset_add(v->listed, path, tree_path(dir, path, sizeof(path)), &fresh) < 0)
		abort();
}

static int compare_findings(const void *a, const void *b)
{
	const struct verify_finding *x = a, *y = b;

	return x->kind != y->kind ? (int)x->kind - (int)y->kind : strcmp(x->path, y->path);
}

static int read_tree(struct image *image, struct tree **tree)
{
	int r;

	*tree = tree_new();
	r = layer_read_all(image, *tree);
	if (r == 0)
		tree_freeze(*tree);
	return r;
}

/* ---- all of it ---------------------------------------------------------------------------- */

/* A host file that nobody else has; its name, which the caller frees and unlinks. */
static int temporary_log(char **name)
{
	char *path = xasprintf("%s/imagetrim-verify-XXXXXX", spool_dir());
	cleanup_fd int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0) {
		int r = diag_fail(-errno, "%s", path);

		free(path);
		return r;
	}
	*name = path;
	return 0;
}

/* A failed run is no reason not to judge: what it lacked may be why it failed. */
static int record(struct verify *v, const struct verify_request *q)
{
	struct recording_run run = { .args = q->args,
				     .misses = true,
				     .out_to_stderr = q->out_to_stderr,
				     .silent_input = q->silent_input };
	cleanup_free char *log = NULL;
	bool collected = false;
	int r = temporary_log(&log);

	if (r < 0)
		return r;
	run.log = log;
	r = recording_make(q->recording, q->trimmed, q->engine, &run, &collected);
	v->run_failed = r < 0;
	if (collected && r != -EINTR)
		r = access_add_all(&v->access, &log, 1);
	unlink(log);
	return r;
}

int verify_read_original(struct image *original, char *const logs[], size_t n_logs,
			 struct access_set *recorded, struct tree **tree)
{
	const struct selection_options exact = { .exact = true,
						 .packages_mode = PACKAGES_KEEP };
	uint64_t absent;
	int r;

	access_init(recorded, original);
	if (!n_logs)
		return read_tree(original, tree);
	r = access_add_all(recorded, logs, n_logs);
	return r == 0 ? selection_make(original, recorded, &exact, tree, NULL, &absent) : r;
}

int verify_make(struct verify *v, const struct verify_request *q)
{
	int r;

	*v = (struct verify) { .original = q->original, .programs = pathset_new() };
	if (!v->programs)
		abort();
	v->listed = pathset_new();
	if (!v->listed)
		abort();
	closure_each_access(q->trimmed, q->recorded, add_listed, v);
	v->watch = (struct access_watch) {
		.run = begin_run, .use = add_use, .note = add_count, .arg = v
	};
	access_init(&v->access, q->trimmed);
	v->access.watch = &v->watch;
	r = read_tree(q->trimmed, &v->trimmed);
	if (r == 0)
		r = q->n_logs ? access_add_all(&v->access, q->logs, q->n_logs) : record(v, q);
	if (r == 0)
		r = access_check_losses(&v->access, true);
	if (r < 0)
		return r;
	closure_each_access(q->trimmed, &v->access, judge_path, v);
	if (v->n_findings)
		qsort(v->findings, v->n_findings, sizeof(*v->findings), compare_findings);
	return 0;
}

void verify_fini(struct verify *v)
{
	if (v->programs)
		access_fini(&v->access);
	pathset_free(v->programs);
	pathset_free(v->listed);
	tree_free(v->trimmed);
	for (size_t i = 0; i < v->n_findings; i++)
		free(v->findings[i].programs);
	free(v->findings);
	free(v->bys);
	free(v->paths);
	free(v->pending);
	*v = (struct verify) { 0 };
}

size_t verify_holes(const struct verify *v, bool listings)
{
	return v->n_of[VERIFY_HOLE] + (listings ? v->n_of[VERIFY_LISTING] : 0);
}
