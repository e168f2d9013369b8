// SPDX-License-Identifier: Apache-2.0
/*
 * match.c - fnmatch(3) over the paths of the tree
 *
 * In: the frozen tree and a glob. Out: the nodes, in the tree's order. Never marks anything but
 * the links on the way.
 *
 * Only the part of the tree below the glob's fixed directories is walked, and a glob without
 * special characters is only looked up: presets have dozens of rows, images a million files.
 */
#include "match.h"
#include "path.h"
#include "resolve.h"

#include <fnmatch.h>

#define SPECIAL "*?[\\"

struct matching {
	void (*each)(void *arg, struct node *node, bool below);
	void *arg;
	size_t n;
};

/* The node behind dir and all below it, in depth-first order. */
static struct node *behind(const struct node *dir)
{
	while (dir && !dir->next)
		dir = dir->parent;
	return dir ? dir->next : NULL;
}

/* Hands on node and all below it. Returns the node behind them. */
static struct node *take(struct matching *m, struct node *node)
{
	const struct node *end = behind(node);
	bool below = false;

	m->n++;
	for (; node != end; node = tree_next(node)) {
		m->each(m->arg, node, below);
		below = true;
	}
	return node;
}

static void match_below(struct matching *m, struct node *dir, const char *pattern)
{
	int flags = strstr(pattern, "**") ? 0 : FNM_PATHNAME;
	const struct node *end = behind(dir);
	struct node *node = tree_next(dir);
	char path[PATH_ABS_MAX + 1];

	while (node != end) {
		tree_path(node, path, sizeof(path));
		if (fnmatch(pattern, path, flags) == 0)
			node = take(m, node);
		else
			node = tree_next(node);
	}
}

/* A path as a pattern that matches itself. The caller frees. */
static char *quoted(const char *path, const char *rest)
{
	char *pattern = xmalloc(2 * strlen(path) + strlen(rest) + 1), *out = pattern;

	for (; *path; path++) {
		if (strchr(SPECIAL, *path))
			*out++ = '\\';
		*out++ = *path;
	}
	memcpy(out, rest, strlen(rest) + 1);
	return pattern;
}

/* base is what stands behind the fixed directories, with its slash. */
static void match_in(struct matching *m, struct tree *tree, struct node *dir, const char *base)
{
	cleanup_free char *pattern = NULL;
	char path[PATH_ABS_MAX + 1];
	struct node *node;

	if (!strpbrk(base, SPECIAL)) {
		/* Without a name it is dir itself: the root, or "..", or ".". */
		if (resolve_find(tree, dir, base + 1, false, &node) == 0)
			take(m, node);
		return;
	}
	tree_path(dir, path, sizeof(path));
	pattern = quoted(dir->parent ? path : "", base);
	match_below(m, dir, pattern);
}

size_t match_each(struct tree *tree, const char *glob, bool mark,
		  void (*each)(void *arg, struct node *node, bool below), void *arg)
{
	struct matching m = { .each = each, .arg = arg };
	cleanup_free char *text = xasprintf("/%s", glob + strspn(glob, "/"));
	size_t len = strlen(text), fixed;
	cleanup_free char *dirs = NULL;
	struct node *dir;

	while (len > 1 && text[len - 1] == '/')
		text[--len] = '\0';
	fixed = strcspn(text, SPECIAL);
	while (text[fixed] != '/')
		fixed--;
	dirs = xmemdup(text, fixed);
	if (resolve_find(tree, NULL, dirs, true, &dir) < 0 || !node_is(dir, TAR_DIR))
		return 0;
	match_in(&m, tree, dir, text + fixed);
	if (m.n && mark && resolve_mark(tree, NULL, dirs, true, KEEP_PARENT, NULL, NULL) < 0)
		abort(); /* it was found above */
	return m.n;
}
