// SPDX-License-Identifier: Apache-2.0
/*
 * gates.c - kept paths and the new image's size against what the user allows
 *
 * In: the marked tree, figures. Out: one line for each break. Never changes a mark.
 */
#include "gates.h"
#include "diag.h"
#include "match.h"
#include "path.h"
#include "progress.h"

#define TOLD_MAX 10 /* of one glob; the rest is counted */

struct forbidding {
	const char *glob;
	size_t n;
};

static bool has_kept_child(const struct node *node)
{
	tree_for_each_child (c, node) {
		if (c->reason)
			return true;
	}
	return false;
}

static void tell(const struct forbidding *f, const struct node *node)
{
	char path[PATH_ABS_MAX + 1], because[PATH_ABS_MAX + 1];

	tree_path(node, path, sizeof(path));
	if (node->because)
		tree_path(node->because, because, sizeof(because));
	diag_error("%s is forbidden (--forbid '%s') but kept: %s%s%s", path, f->glob,
		   reason_name(node->reason), node->because ? ", because of " : "",
		   node->because ? because : "");
}

static void check_node(void *arg, struct node *node, bool below UNUSED)
{
	struct forbidding *f = arg;

	/* A directory on the way to something kept is not told: what is kept below it is. */
	if (!node->reason || (node->reason == KEEP_PARENT && has_kept_child(node)))
		return;
	if (f->n++ < TOLD_MAX)
		tell(f, node);
}

int gates_forbid(struct tree *tree, const struct strlist *globs)
{
	int r = 0;

	for (size_t i = 0; i < globs->n_items; i++) {
		struct forbidding f = { .glob = globs->items[i] };

		match_each(tree, f.glob, false, check_node, &f);
		if (f.n > TOLD_MAX)
			diag_error("and %zu more paths that --forbid '%s' matches",
				   f.n - TOLD_MAX, f.glob);
		if (f.n)
			r = GATE_CLOSED;
	}
	return r;
}

int gates_size(const char *name, uint64_t bytes, uint64_t limit)
{
	char size[16], most[16];

	if (!limit || bytes <= limit)
		return 0;
	progress_size(bytes, size);
	progress_size(limit, most);
	diag_error("%s would have %s (%llu bytes), more than --fail-if-over %s (%llu bytes)",
		   name, size, (unsigned long long)bytes, most, (unsigned long long)limit);
	return GATE_CLOSED;
}
