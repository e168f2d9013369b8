// SPDX-License-Identifier: Apache-2.0
/*
 * verify_heal.c - what a healed image has
 *
 * In: findings, both trees. Out: paths for a trim of the original, which alone has the bytes.
 */
#include "match.h"
#include "resolve.h"
#include "verify.h"

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
