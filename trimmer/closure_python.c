// SPDX-License-Identifier: Apache-2.0
/*
 * closure_python.c - Python's byte code with its source, and the source with its byte code
 *
 * In: the marked tree. Out: marks. Python loads DIR/__pycache__/NAME.cpython-311.pyc only after
 * it has compared it with DIR/NAME.py, and writes it anew when the two differ: with one of them
 * missing, the other is not found or is compiled at every start. Never looks into a file.
 */
#include "closure.h"

#define CACHE "__pycache__"

/* The length of name without suffix, 0 if it does not end with it. */
static size_t stem(const struct node *node, const char *suffix)
{
	size_t n = strlen(suffix);

	if (node->name_len <= n || memcmp(node->name + node->name_len - n, suffix, n) != 0)
		return 0;
	return node->name_len - n;
}

static void mark_child(const struct tree *tree, const struct node *dir, const char *name,
		       size_t len, const struct node *because)
{
	struct node *node = tree_child(tree, dir, name, len);

	if (node && node_is(node, TAR_FILE))
		tree_mark(node, KEEP_PYTHON, because);
}

/* NAME.TAG.pyc or NAME.TAG.opt-1.pyc, where a tag has no dot: a.b.py is not a.py. */
static bool is_byte_code_of(const struct node *code, const struct node *source, size_t len)
{
	const char *dot;

	if (stem(code, ".pyc") <= len || memcmp(code->name, source->name, len) != 0 ||
	    code->name[len] != '.')
		return false;
	dot = strchr(code->name + len + 1, '.');
	return strcmp(dot, ".pyc") == 0 || strncmp(dot, ".opt-", 5) == 0;
}

/* NAME.py: that of every interpreter and level in __pycache__, and Python 2's NAME.pyc. */
static void mark_byte_code(const struct tree *tree, const struct node *source, size_t len)
{
	struct node *cache = tree_child(tree, source->parent, CACHE, strlen(CACHE));
	cleanup_free char *old = xasprintf("%.*s.pyc", (int)len, source->name);

	mark_child(tree, source->parent, old, len + 4, source);
	if (!cache)
		return;
	tree_for_each_child (c, cache) {
		if (is_byte_code_of(c, source, len))
			tree_mark(c, KEEP_PYTHON, source);
	}
}

/* The other way round. */
static void mark_source(const struct tree *tree, const struct node *code, size_t len)
{
	const struct node *dir = code->parent;
	cleanup_free char *name = xmemdup(code->name, len), *source = NULL;

	if (strcmp(dir->name, CACHE) == 0) {
		char *dot = strrchr(name, '.');

		if (dot && strncmp(dot, ".opt-", 5) == 0) {
			*dot = '\0';
			dot = strrchr(name, '.');
		}
		if (!dot)
			return;
		*dot = '\0';
		dir = dir->parent;
	}
	source = xasprintf("%s.py", name);
	mark_child(tree, dir, source, strlen(source), code);
}

void closure_add_python(struct closure *c)
{
	/* Byte code first: a source that it marks then marks the rest of its byte code. */
	for (int sources = 0; sources < 2; sources++) {
		const char *suffix = sources ? ".py" : ".pyc";

		for (struct node *n = tree_root(c->tree); n; n = tree_next(n)) {
			size_t len;

			if (!n->reason || node_is(n, TAR_DIR) || !(len = stem(n, suffix)))
				continue;
			if (sources)
				mark_byte_code(c->tree, n, len);
			else
				mark_source(c->tree, n, len);
		}
	}
}
