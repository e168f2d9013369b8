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
#include "match.h"
#include "path.h"

#include <fcntl.h>

struct verify_path {
	uint32_t miss_program, list_program;	/* numbers in v->programs */
	uint32_t n_misses, n_lists, n_searches; /* runs */
	uint32_t miss_run, list_run;		/* the last, from 1 */
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

static void add_miss(struct verify *v, size_t path, uint32_t program)
{
	struct verify_path *p = path_of(v, path);

	if (p->miss_run == v->n_runs)
		return;
	if (!p->n_misses++)
		p->miss_program = program;
	p->miss_run = v->n_runs;
	xgrow(&v->pending, &v->pending_cap, v->n_pending, sizeof(*v->pending));
	v->pending[v->n_pending++] = (struct verify_pending) { (uint32_t)path, program };
}

static void add_list(struct verify *v, size_t path, uint32_t program)
{
	struct verify_path *p = path_of(v, path);

	if (p->list_run == v->n_runs)
		return;
	if (!p->n_lists++)
		p->list_program = program;
	p->list_run = v->n_runs;
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
	bool fresh;
	int64_t program = pathset_add(v->programs, by ? by : "", by ? strlen(by) : 0, &fresh);

	if (program < 0)
		abort();
	path_of(v, path);
	if (rec->ops & TLOG_MISS)
		add_miss(v, path, (uint32_t)program);
	if (rec->ops & TLOG_LIST)
		add_list(v, path, (uint32_t)program);
	if (rec->ops & ~no_find && !(rec->ops & TLOG_RESOLVED))
		end_searches(v, path, (uint32_t)program, rec->ops & TLOG_EXEC);
}

/* ---- judging ------------------------------------------------------------------------------ */

static void add_finding(struct verify *v, struct verify_finding finding, uint32_t program)
{
	finding.program = pathset_get(v->programs, program, NULL);
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

static void count_entries(const struct verify *v, const struct node *theirs,
			  const struct node *ours, struct verify_finding *finding)
{
	tree_for_each_child (c, theirs) {
		finding->n_entries++;
		finding->n_missing += !tree_child(v->trimmed, ours, c->name, c->name_len);
	}
}

static void judge_list(struct verify *v, const struct verify_path *p, const char *abs)
{
	struct verify_finding finding = { .kind = VERIFY_LISTING,
					  .path = abs,
					  .n_runs = p->n_lists };
	struct node *theirs, *ours;

	if (resolve_find(v->original, NULL, abs, true, &theirs) < 0 ||
	    resolve_find(v->trimmed, NULL, abs, true, &ours) < 0)
		return;
	count_entries(v, theirs, ours, &finding);
	if (finding.n_missing)
		add_finding(v, finding, p->list_program);
}

static void judge_path(void *arg, size_t n, const char *abs, uint32_t ops)
{
	struct verify *v = arg;
	const struct verify_path *p = &v->paths[n];

	if (ops & TLOG_MISS && is_hole(v, abs))
		add_finding(v,
			    (struct verify_finding) {
				    .kind = p->n_searches >= p->n_misses ? VERIFY_SEARCH
									 : VERIFY_HOLE,
				    .path = abs,
				    .n_runs = p->n_misses,
			    },
			    p->miss_program);
	if (ops & TLOG_LIST)
		judge_list(v, p, abs);
	v->n_missed += (ops & TLOG_MISS) != 0;
	v->n_used += (ops & ~(uint32_t)TLOG_MISS) != 0;
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
	const char *base = getenv("TMPDIR");
	char *path = xasprintf("%s/imagetrim-verify-XXXXXX", base && *base ? base : "/var/tmp");
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

int verify_make(struct verify *v, const struct verify_request *q)
{
	int r;

	*v = (struct verify) { .original = q->original, .programs = pathset_new() };
	if (!v->programs)
		abort();
	v->watch = (struct access_watch) { begin_run, add_use, v };
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
	tree_free(v->trimmed);
	free(v->findings);
	free(v->paths);
	free(v->pending);
	*v = (struct verify) { 0 };
}

size_t verify_holes(const struct verify *v, bool listings)
{
	return v->n_of[VERIFY_HOLE] + (listings ? v->n_of[VERIFY_LISTING] : 0);
}

/* ---- healing ------------------------------------------------------------------------------ */

static void put_node(struct access_set *set, const struct node *node, uint32_t ops)
{
	char path[PATH_ABS_MAX + 1];
	size_t len = tree_path(node, path, sizeof(path));

	access_put(set, path, len, ops);
}

/* A program or library is added with what it needs. */
static void put_hole(const struct verify *v, const char *abs, struct access_set *set)
{
	struct node *node;
	uint32_t ops = TLOG_LSTAT;

	if (resolve_find(v->original, NULL, abs, true, &node) == 0)
		ops = node_is(node, TAR_FILE) &&
				      (node->inode->mode & 0111 || strstr(node->name, ".so"))
			      ? TLOG_READ | TLOG_EXEC
			      : TLOG_READ;
	access_put(set, abs, strlen(abs), ops);
}

static void put_entries(const struct verify *v, const char *abs, struct access_set *set)
{
	struct node *dir;

	if (resolve_find(v->original, NULL, abs, true, &dir) == 0)
		tree_for_each_child (c, dir)
			put_node(set, c, TLOG_LSTAT);
}

size_t verify_heal(const struct verify *v, bool listings, struct access_set *set)
{
	size_t alien = 0;

	for (const struct node *n = tree_root(v->trimmed); n; n = tree_next(n)) {
		char path[PATH_ABS_MAX + 1];

		tree_path(n, path, sizeof(path));
		alien += !tree_find(v->original, path);
		put_node(set, n, TLOG_LSTAT);
	}
	for (size_t i = 0; i < v->n_findings; i++) {
		const struct verify_finding *f = &v->findings[i];

		if (f->kind == VERIFY_HOLE)
			put_hole(v, f->path, set);
		else if (f->kind == VERIFY_LISTING && listings)
			put_entries(v, f->path, set);
	}
	return alien;
}

struct databases {
	const struct tree *trimmed;
	bool gone, same, cut; /* one of them is */
};

static void look_at_database(void *arg, struct node *node, bool below UNUSED)
{
	struct databases *d = arg;
	char path[PATH_ABS_MAX + 1];
	const struct node *ours;

	if (!node_is(node, TAR_FILE))
		return;
	tree_path(node, path, sizeof(path));
	ours = tree_find(d->trimmed, path);
	if (!ours)
		d->gone = true;
	else if (ours->inode->size == node->inode->size)
		d->same = true;
	else
		d->cut = true;
}

enum packages_mode verify_packages(const struct verify *v)
{
	struct databases d = { .trimmed = v->trimmed };

	for (size_t i = 0; i < packages_n_databases; i++)
		match_each(v->original, packages_databases[i], false, look_at_database, &d);
	if (!d.same && !d.cut)
		return PACKAGES_DROP;
	return d.gone || d.cut ? PACKAGES_CUT : PACKAGES_KEEP;
}
