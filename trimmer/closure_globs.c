// SPDX-License-Identifier: Apache-2.0
/*
 * closure_globs.c - what the user names: globs, directories, single nodes
 *
 * In: globs and paths of options and rules. Out: marks, and exclusions. Programs and libraries
 * among what is kept are queued, so that what they need is kept too: a plug-in without its
 * libraries would be of no use.
 */
#include "closure.h"
#include "match.h"
#include "path.h"

struct adding {
	struct closure *closure;
	enum reason reason;
};

/* Libraries are seldom executable, programs always are. */
static bool is_loadable(const struct node *node)
{
	return node_is(node, TAR_FILE) &&
	       (node->inode->mode & 0111 || strstr(node->name, ".so"));
}

static void add_all_below(struct closure *c, struct node *dir, enum reason reason)
{
	const struct node *end = dir;

	while (end && !end->next)
		end = end->parent;
	end = end ? end->next : NULL;
	for (struct node *n = tree_next(dir); n != end; n = tree_next(n))
		closure_add_node(c, n, reason);
}

struct node *closure_add_node(struct closure *c, struct node *node, enum reason reason)
{
	struct node *target = node;
	char path[PATH_ABS_MAX + 1];

	if (node->excluded)
		return NULL;
	if (tree_mark(node, reason, NULL))
		node->asker = c->asker;
	if (node_is(node, TAR_SYMLINK)) {
		tree_path(node, path, sizeof(path));
		if (closure_mark(c, path, reason, &target) < 0)
			return NULL;
	}
	if (is_loadable(target))
		closure_queue(c, target, NULL);
	return target;
}

static void include_node(void *arg, struct node *node, bool below)
{
	const struct adding *a = arg;
	struct node *target = closure_add_node(a->closure, node, a->reason);

	/* A link that was named stands for the directory; one met below it only for itself. */
	if (!below && target && target != node && node_is(target, TAR_DIR))
		add_all_below(a->closure, target, a->reason);
}

static void exclude_node(void *arg, struct node *node, bool below UNUSED)
{
	const struct closure *c = arg;

	if (!node->excluded)
		node->asker = c->asker;
	node->excluded = true;
}

size_t closure_add_glob(struct closure *c, const char *glob, enum reason reason)
{
	struct adding a = { c, reason };

	return match_each(c->tree, glob, true, include_node, &a);
}

size_t closure_exclude_glob(struct closure *c, const char *glob)
{
	return match_each(c->tree, glob, false, exclude_node, c);
}

void closure_exclude_devices(struct closure *c)
{
	for (struct node *n = tree_has_devices(c->tree) ? tree_root(c->tree) : NULL; n;
	     n = tree_next(n))
		if (node_is(n, TAR_CHAR) || node_is(n, TAR_BLOCK))
			exclude_node(c, n, false);
}

bool closure_add_dir(struct closure *c, const char *path, enum reason reason)
{
	struct node *dir;

	if (resolve_find(c->tree, NULL, path, true, &dir) < 0 || !node_is(dir, TAR_DIR) ||
	    closure_mark(c, path, reason, &dir) < 0)
		return false;
	add_all_below(c, dir, reason);
	return true;
}
