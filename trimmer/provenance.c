// SPDX-License-Identifier: Apache-2.0
/*
 * provenance.c - who used what, by path and by node
 *
 * In: the runs while they are added to the access set, then the marked tree. Out: uses and
 * phrases. Never marks, never prints.
 */
#include "provenance.h"
#include "closure.h"
#include "path.h"

#include <stdio.h>

/* ---- while logs are read ------------------------------------------------------------------ */

static void add_run(void *arg, const struct logfile *file, const struct tlog_record *header)
{
	struct provenance *p = arg;

	xgrow(&p->runs, &p->runs_cap, p->n_runs, sizeof(*p->runs));
	log_run_init(&p->runs[p->n_runs++], file->name, header);
}

static uint32_t program_number(struct provenance *p, const char *by)
{
	bool fresh;
	int64_t n = pathset_add(p->programs, by ? by : "", by ? strlen(by) : 0, &fresh);

	if (n < 0)
		abort();
	return (uint32_t)n;
}

static struct provenance_use *find_use(struct provenance *p, uint32_t path, uint32_t program)
{
	struct provenance_use *use;
	uint32_t n;

	while (p->n_first <= path) {
		xgrow(&p->first, &p->first_cap, p->n_first, sizeof(*p->first));
		p->first[p->n_first++] = 0;
	}
	for (n = p->first[path]; n; n = p->uses[n - 1].next)
		if (p->uses[n - 1].program == program)
			return &p->uses[n - 1];
	xgrow(&p->uses, &p->uses_cap, p->n_uses, sizeof(*p->uses));
	use = &p->uses[p->n_uses++];
	*use = (struct provenance_use) { .path = path,
					 .program = program,
					 .next = p->first[path] };
	p->first[path] = (uint32_t)p->n_uses;
	return use;
}

static void add_use_run(struct provenance_use *use, uint32_t run)
{
	uint32_t step = run - use->last_run;

	if (use->n_runs && !step)
		return;
	for (bool more = true; more; step >>= 7) {
		more = step >= 0x80;
		xgrow(&use->bytes, &use->cap, use->n_bytes, 1);
		use->bytes[use->n_bytes++] = (uint8_t)((step & 0x7f) | (more ? 0x80 : 0));
	}
	use->last_run = run;
	use->n_runs++;
}

static void add_use(void *arg, size_t path, const struct tlog_record *rec, const char *by,
		    bool mounted)
{
	struct provenance *p = arg;
	struct provenance_use *use = find_use(p, (uint32_t)path, program_number(p, by));

	*(mounted ? &use->mounted_ops : &use->ops) |= rec->ops;
	add_use_run(use, (uint32_t)p->n_runs - 1);
}

void provenance_init(struct provenance *p)
{
	*p = (struct provenance) { .watch = { .run = add_run, .use = add_use, .arg = p },
				   .programs = pathset_new() };
	if (!p->programs)
		abort();
}

void provenance_fini(struct provenance *p)
{
	for (size_t i = 0; i < p->n_runs; i++)
		log_run_fini(&p->runs[i]);
	for (size_t i = 0; i < p->n_uses; i++)
		free(p->uses[i].bytes);
	free(p->runs);
	free(p->uses);
	free(p->first);
	free(p->hits);
	pathset_free(p->programs);
	*p = (struct provenance) { 0 };
}

/* ---- which path leads where --------------------------------------------------------------- */

struct settling {
	struct provenance *p;
	uint32_t path;
};

static void add_hit(struct settling *s, const struct node *node, bool link)
{
	struct provenance *p = s->p;

	xgrow(&p->hits, &p->hits_cap, p->n_hits, sizeof(*p->hits));
	p->hits[p->n_hits++] = (struct provenance_hit) { node, s->path, link };
}

static void add_link(void *arg, const struct node *link)
{
	add_hit(arg, link, true);
}

static void settle_path(void *arg, size_t n, const char *abs, uint32_t ops)
{
	struct settling s = { arg, (uint32_t)n };
	struct node *end;

	if (closure_wants(ops) &&
	    resolve_trace(s.p->tree, abs, closure_follows(ops), add_link, &s, &end) == 0)
		add_hit(&s, end, false);
}

static int compare_hits(const void *a, const void *b, void *access)
{
	const struct provenance_hit *x = a, *y = b;
	const struct access_set *set = access;

	if (x->node != y->node)
		return (uintptr_t)x->node < (uintptr_t)y->node ? -1 : 1;
	return strcmp(pathset_get(set->paths, x->path, NULL),
		      pathset_get(set->paths, y->path, NULL));
}

void provenance_settle(struct provenance *p, const struct image *image, struct tree *tree,
		       const struct access_set *access)
{
	p->access = access;
	p->tree = tree;
	closure_each_access(image, access, settle_path, p);
	if (p->n_hits)
		qsort_r(p->hits, p->n_hits, sizeof(*p->hits), compare_hits,
			(void *)(uintptr_t)access);
}

/* ---- asking ------------------------------------------------------------------------------- */

const struct provenance_hit *provenance_hits(const struct provenance *p,
					     const struct node *node, size_t *n)
{
	size_t low = 0, high = p->n_hits, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uintptr_t)p->hits[middle].node < (uintptr_t)node)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < p->n_hits && p->hits[end].node == node;)
		end++;
	*n = end - low;
	return *n ? &p->hits[low] : NULL;
}

const struct provenance_use *provenance_next_use(const struct provenance *p, uint32_t path,
						 const struct provenance_use *use)
{
	uint32_t n = use ? use->next : path < p->n_first ? p->first[path] : 0;

	return n ? &p->uses[n - 1] : NULL;
}

bool provenance_next_run(const struct provenance_use *use, size_t *pos, uint32_t *run)
{
	uint32_t step = 0;

	if (*pos >= use->n_bytes)
		return false;
	for (int shift = 0;; shift += 7) {
		uint8_t byte = use->bytes[(*pos)++];

		step |= (uint32_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
	}
	*run += step;
	return true;
}

const char *provenance_program(const struct provenance *p, const struct provenance_use *use)
{
	return pathset_get(p->programs, use->program, NULL);
}

/* ---- phrases ------------------------------------------------------------------------------ */

/* What all uses of a node come to. */
struct sum {
	uint32_t ops;
	const char *program; /* the first in byte order, or NULL */
	size_t n_programs, n_runs;
};

static void sum_use(const struct provenance *p, const struct provenance_use *use, bool *seen,
		    struct sum *sum)
{
	const char *program = provenance_program(p, use);
	uint32_t run = 0;

	sum->ops |= use->ops ? use->ops : use->mounted_ops;
	for (size_t pos = 0; provenance_next_run(use, &pos, &run);) {
		sum->n_runs += !seen[run];
		seen[run] = true;
	}
	if (!*program)
		return;
	if (!sum->program || strcmp(program, sum->program) < 0)
		sum->program = program;
}

static void sum_node(const struct provenance *p, const struct node *node, struct sum *sum)
{
	cleanup_free bool *runs = xcalloc(p->n_runs + 1, sizeof(bool));
	cleanup_free bool *programs = xcalloc(pathset_count(p->programs) + 1, sizeof(bool));
	const struct provenance_hit *hits;
	size_t n;

	*sum = (struct sum) { 0 };
	hits = provenance_hits(p, node, &n);
	for (size_t i = 0; i < n; i++) {
		const struct provenance_use *use = NULL;

		while ((use = provenance_next_use(p, hits[i].path, use))) {
			if (!((use->ops | use->mounted_ops) & ~(uint32_t)TLOG_MISS))
				continue;
			sum_use(p, use, runs, sum);
			sum->n_programs +=
				*provenance_program(p, use) && !programs[use->program];
			programs[use->program] = true;
		}
	}
}

static char *escaped(const char *text)
{
	size_t len = strlen(text), size = 4 * len + 8;
	char *out = xmalloc(size);

	path_escape(out, size, text, len);
	return out;
}

static char *escaped_path(const struct node *node)
{
	char path[PATH_ABS_MAX + 1];

	tree_path(node, path, sizeof(path));
	return escaped(path);
}

/* "executed, read by /bin/sh and 2 more in 3 of 5 runs" */
static char *use_phrase(const struct provenance *p, const struct node *node)
{
	cleanup_free char *program = NULL, *more = NULL;
	char ops[256];
	struct sum sum;

	sum_node(p, node, &sum);
	if (!sum.n_runs)
		return NULL;
	tlog_ops_format(sum.ops & ~(uint32_t)(TLOG_MISS | TLOG_RESOLVED), ops, sizeof(ops));
	program = escaped(sum.program ? sum.program : "");
	more = sum.n_programs > 1 ? xasprintf(" and %zu more", sum.n_programs - 1)
				  : xstrdup("");
	return xasprintf("used (%s)%s%s%s in %zu of %zu run%s", ops, *program ? " by " : "",
			 program, more, sum.n_runs, p->n_runs, p->n_runs == 1 ? "" : "s");
}

/* Of each reason: with the kept node that asked, with who else did, with neither. */
static const struct {
	const char *because, *alone;
} phrases[N_REASONS] = {
	[KEEP_LOG] = { NULL, "used" },
	[KEEP_PARENT] = { "directory of %s", "directory on a path that was used" },
	[KEEP_LINK] = { "link on the way to what %s needs", "link on the way to a kept file" },
	[KEEP_PROGRAM] = { NULL, "program that a script names" },
	[KEEP_INTERP] = { "interpreter of %s", "interpreter" },
	[KEEP_LIBRARY] = { "library of %s", "library" },
	[KEEP_NSS] = { NULL, "name service: /etc/nsswitch.conf and the modules it names" },
	[KEEP_ALWAYS] = { NULL, "always kept" },
	[KEEP_CONFIG] = { NULL, "named by the image's configuration" },
	[KEEP_INCLUDE] = { NULL, "--include" },
	[KEEP_RULE] = { NULL, "rule" },
	[KEEP_PYTHON] = { "byte code or source of %s", "byte code or source of a kept file" },
	[KEEP_PACKAGES] = { NULL, "package database, or what scanners read with it" },
	[KEEP_SHARED] = { NULL, "another image needs it from the layer they have in common" },
};

static char *with_name(const char *phrase, const struct node *node)
{
	cleanup_free char *name = escaped_path(node);
	int before = (int)strcspn(phrase, "%");

	return xasprintf("%.*s%s%s", before, phrase, name, phrase + before + 2);
}

/* Only paths below a mount, or of directories that containers mount over, lead to it. */
static bool only_mounted(const struct provenance *p, const struct node *node)
{
	char path[PATH_ABS_MAX + 1];
	size_t len = tree_path(node, path, sizeof(path));
	int64_t n = pathset_find(p->access->paths, path, len);

	return n >= 0 && p->access->items[n].mounted_ops & ~(uint32_t)TLOG_MISS;
}

char *provenance_why(const struct provenance *p, const struct node *node)
{
	const char *asker = tree_asker(p->tree, node);
	char *used = NULL;

	if (node->reason == KEEP_NO && node->excluded)
		return asker ? escaped(asker) : xstrdup("left out by a rule");
	if (node->reason == KEEP_NO)
		return xstrdup(only_mounted(p, node) ? "used only below a mount, which says "
						       "nothing about the image"
						     : "nothing used it");
	if (node->reason == KEEP_LOG || (node->reason == KEEP_LINK && !node->because))
		used = use_phrase(p, node);
	if (used && node->reason == KEEP_LINK) {
		char *phrase = xasprintf("link on the way to what is %s", used);

		free(used);
		return phrase;
	}
	if (used)
		return used;
	if (asker)
		return escaped(asker);
	if (node->because && phrases[node->reason].because)
		return with_name(phrases[node->reason].because, node->because);
	return xstrdup(phrases[node->reason].alone);
}
