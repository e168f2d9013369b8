// SPDX-License-Identifier: Apache-2.0
/*
 * resolve.c - the path walk of path_resolution(7), inside the tree
 *
 * In: the frozen tree and a path. Out: the node it leads to, and marks on the way. Never looks
 * at the host's file system.
 *
 * Links are put before what is left of the path, so one loop walks everything; the depth of
 * links is counted as the kernel counts it (40 in one walk).
 */
#include "resolve.h"
#include "path.h"

struct walk {
	struct tree *tree;
	struct node *at;
	bool mark;
	const struct node *because;
	void (*each_link)(void *arg, const struct node *link); /* or NULL */
	void *arg;
	int n_links;
	char *rest; /* what is left of the path */
	const char *pos;
};

/* Puts the link's text before the rest of the path. */
static int push_link(struct walk *w, const struct node *link)
{
	const char *text = link->inode->link;
	size_t text_len = strlen(text), rest_len = strlen(w->pos);
	char *joined;

	if (++w->n_links > RESOLVE_LINKS_MAX)
		return -ELOOP;
	if (text_len + rest_len > PATH_ABS_MAX)
		return -ENAMETOOLONG;
	joined = xmalloc(text_len + 1 + rest_len + 1);
	memcpy(joined, text, text_len);
	joined[text_len] = '/';
	memcpy(joined + text_len + 1, w->pos, rest_len + 1);
	if (!rest_len)
		joined[text_len] = '\0'; /* no "/" that would follow one more link */
	free(w->rest);
	w->rest = joined;
	w->pos = joined;
	if (w->mark)
		tree_mark(w->at, KEEP_PARENT, w->because);
	if (text[0] == '/')
		w->at = tree_root(w->tree);
	return 0;
}

/* Takes one component; 0 or -errno. */
static int step(struct walk *w, struct span name, bool last, bool follow)
{
	struct node *next;

	if (!node_is(w->at, TAR_DIR))
		return -ENOTDIR;
	if (name.len == 2 && memcmp(name.data, "..", 2) == 0) {
		if (w->mark)
			tree_mark(w->at, KEEP_PARENT, w->because);
		if (w->at->parent)
			w->at = w->at->parent;
		return 0;
	}
	next = tree_child(w->tree, w->at, name.data, name.len);
	if (!next)
		return name.len > PATH_NAME_MAX ? -ENAMETOOLONG : -ENOENT;
	if (node_is(next, TAR_SYMLINK) && (!last || follow)) {
		if (w->mark)
			tree_mark(next, KEEP_LINK, w->because);
		if (w->each_link)
			w->each_link(w->arg, next);
		return push_link(w, next);
	}
	w->at = next;
	return 0;
}

static bool only_slashes(const char *p)
{
	return !path_next(&p).len;
}

static int walk_all(struct walk *w, const char *path, bool follow)
{
	struct span name;
	int r = 0;

	w->rest = xstrdup(path);
	w->pos = w->rest;
	if (path[0] == '/')
		w->at = tree_root(w->tree);
	while (r == 0 && (name = path_next(&w->pos)).len) {
		bool last = only_slashes(w->pos);

		/* A slash behind the last component makes it a directory: links are followed. */
		r = step(w, name, last, follow || *w->pos);
	}
	free(w->rest);
	return r;
}

static int resolve(struct walk *w, struct node *dir, const char *path, bool follow)
{
	w->at = dir ? dir : tree_root(w->tree);
	return walk_all(w, path, follow);
}

int resolve_mark(struct tree *tree, struct node *dir, const char *path, bool follow,
		 enum reason reason, const struct node *because, struct node **end)
{
	struct walk w = { .tree = tree, .mark = true, .because = because };
	int r = resolve(&w, dir, path, follow);

	if (r < 0) {
		tree_mark(w.at, KEEP_PARENT, because);
		return r;
	}
	tree_mark(w.at, reason, because);
	if (end)
		*end = w.at;
	return 0;
}

int resolve_trace(struct tree *tree, const char *path, bool follow,
		  void (*each)(void *arg, const struct node *link), void *arg,
		  struct node **end)
{
	struct walk w = { .tree = tree, .each_link = each, .arg = arg };
	int r = resolve(&w, NULL, path, follow);

	if (r == 0 && end)
		*end = w.at;
	return r;
}

int resolve_find(struct tree *tree, struct node *dir, const char *path, bool follow,
		 struct node **end)
{
	struct walk w = { .tree = tree };
	int r = resolve(&w, dir, path, follow);

	if (r == 0 && end)
		*end = w.at;
	return r;
}
