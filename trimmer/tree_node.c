// SPDX-License-Identifier: Apache-2.0
/*
 * tree_node.c - one node of the tree: who comes next, its path, its mark
 *
 * In: nodes of a tree. Out: marks on them. Never decides what to keep.
 */
#include "tree.h"

struct node *tree_next(const struct node *node)
{
	if (node->child)
		return node->child;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

size_t tree_path(const struct node *node, char *buf, size_t size)
{
	size_t len = 0, end;

	for (const struct node *n = node; n->parent; n = n->parent)
		len += n->name_len + 1;
	if (len == 0) {
		memcpy(buf, "/", 2);
		return 1;
	}
	if (len >= size) {
		memcpy(buf, "...", 4);
		return 3;
	}
	buf[len] = '\0';
	end = len;
	for (; node->parent; node = node->parent) {
		end -= node->name_len;
		memcpy(buf + end, node->name, node->name_len);
		buf[--end] = '/';
	}
	return len;
}

bool tree_mark(struct node *node, enum reason reason, const struct node *because)
{
	bool fresh = !node->reason && !node->excluded;

	if (node->excluded)
		return false;
	if (fresh) {
		node->reason = (uint8_t)reason;
		node->because = because;
	}
	for (struct node *p = node->parent; p && !p->reason; p = p->parent) {
		p->reason = KEEP_PARENT;
		p->because = node;
	}
	return fresh;
}

const char *reason_name(enum reason reason)
{
	static const char *const names[N_REASONS] = {
		[KEEP_NO] = "dropped",	      [KEEP_LOG] = "used",
		[KEEP_PARENT] = "directory",  [KEEP_LINK] = "link",
		[KEEP_PROGRAM] = "program",   [KEEP_INTERP] = "interpreter",
		[KEEP_LIBRARY] = "library",   [KEEP_NSS] = "nss",
		[KEEP_ALWAYS] = "always",     [KEEP_CONFIG] = "config",
		[KEEP_INCLUDE] = "included",  [KEEP_RULE] = "rule",
		[KEEP_PYTHON] = "python",     [KEEP_SHARED] = "shared",
		[KEEP_PACKAGES] = "packages",
	};

	return names[reason];
}
