// SPDX-License-Identifier: Apache-2.0
/*
 * kin_layer.c - the layers of one image, one after another, each filtered
 *
 * In: the layers and the marked trees of a family. Out: for every layer its new form, or that
 * it passes through, or that it is gone. The rules stand in kin.h.
 *
 * Three trees beside the final ones are kept, all "as of" a layer:
 *
 *	was	the original's file system, this layer the last
 *	now	what the layers made so far show; a part of `was`, always
 *	part	what this layer is to hold
 *
 * A name in `now` remembers the layer that brought it to `was`: if `was` has it from another
 * layer now, it was replaced or removed, and must not show.
 */
#include "kin.h"
#include "imageconf.h"
#include "path.h"

#include <stdio.h>

#define WHITEOUT ".wh."

struct filtering {
	const struct kin *kin;
	size_t member;
	uint32_t layer;
	struct image *image;
	const struct kin_member **peers; /* members that have this layer, ours among them */
	size_t n_peers;
	struct tree *was, *now, *part;
	struct layer_seen seen;
	struct pathset *inodes; /* of `was`, with several names: the bytes of their address */
	struct inode **first;	/* by number: the same in `part` */
	size_t first_cap;
	int64_t latest;
	bool changed; /* it cannot pass through */
	char path[PATH_ABS_MAX + 1];
};

/* ---- what a layer is to hold ----------------------------------------------------------------- */

static void copy_inode(struct inode *to, const struct inode *from)
{
	uint32_t n_names = to->n_names;

	*to = *from;
	to->n_names = n_names;
}

/*
 * Puts a node of `was` into the part, with other content if there is one; directories get their
 * attributes at the end.
 */
static void take(struct filtering *f, const struct node *node, const struct content *content)
{
	bool is_dir = node_is(node, TAR_DIR), fresh;
	struct node *n;
	int64_t k;

	tree_path(node, f->path, sizeof(f->path));
	if (tree_find(f->part, f->path))
		return;
	n = tree_put(f->part, f->path, node->layer, is_dir);
	if (is_dir)
		return;
	if (node_is(node, TAR_FILE) && node->inode->n_names > 1) {
		k = pathset_add(f->inodes, (const char *)&node->inode, sizeof(node->inode),
				&fresh);
		if (k < 0)
			abort();
		if (!fresh) {
			tree_link(f->part, n, f->first[k]);
			return;
		}
		xgrow(&f->first, &f->first_cap, (size_t)k, sizeof(struct inode *));
		f->first[k] = n->inode;
	}
	copy_inode(n->inode, node->inode);
	if (content) {
		n->inode->content = content;
		f->changed = true;
	}
}

static const struct content *content_of(const struct node *node)
{
	return node_is(node, TAR_FILE) ? node->inode->content : NULL;
}

/* The node of a member that has this layer, too, and keeps this name from it; or NULL. */
static const struct node *keeper_of(struct filtering *f, const struct node *node)
{
	tree_path(node, f->path, sizeof(f->path));
	for (size_t i = 0; i < f->n_peers; i++) {
		const struct kin_member *m = f->peers[i];
		const struct node *end;

		end = tree_find(m->tree, f->path);
		if (!end || !end->reason || node_is(end, TAR_DIR) != node_is(node, TAR_DIR))
			continue;
		if (node_is(node, TAR_DIR) ||
		    (end->layer == f->layer && kin_home(m, end) == f->layer))
			return end;
	}
	return NULL;
}

static bool is_own(const struct filtering *f, const struct node *node)
{
	return node->inode && node->layer == f->layer;
}

static void take_seen(struct filtering *f)
{
	for (size_t i = 0; i < f->seen.n_nodes; i++) {
		const struct node *node = f->seen.nodes[i];

		const struct node *keeper = is_own(f, node) ? keeper_of(f, node) : NULL;

		if (keeper)
			take(f, node, content_of(keeper));
	}
}

static void take_extra(struct filtering *f)
{
	for (size_t i = 0; i < f->n_peers; i++) {
		const struct kin_member *m = f->peers[i];

		for (size_t k = 0; k < m->n_extra; k++) {
			if (kin_home(m, m->extra[k]) != f->layer)
				continue;
			tree_path(m->extra[k], f->path, sizeof(f->path));
			take(f, tree_find(f->was, f->path), content_of(m->extra[k]));
		}
	}
}

/* ---- what must not show ------------------------------------------------------------------------ */

/* Hides node (of `now`), unless the part replaces it anyway. */
static void hide(struct filtering *f, struct node *node)
{
	size_t len = tree_path(node, f->path, sizeof(f->path));
	size_t base = len - node->name_len;
	struct node *whiteout;

	if (!tree_find(f->part, f->path) && len + sizeof(WHITEOUT) <= sizeof(f->path)) {
		memmove(f->path + base + strlen(WHITEOUT), f->path + base, node->name_len + 1u);
		memcpy(f->path + base, WHITEOUT, strlen(WHITEOUT));
		whiteout = tree_put(f->part, f->path, f->layer, false);
		whiteout->inode->type = TAR_FILE;
		whiteout->inode->mode = 0;
	}
	tree_remove(f->now, node, LAYER_NONE);
}

/* Goes through a directory of `now` and the same of `was`. */
static void compare(struct filtering *f, const struct node *now, const struct node *was)
{
	tree_for_each_child (n, now) {
		const struct node *w;
		bool is_dir;

		if (!n->inode)
			continue;
		w = tree_child(f->was, was, n->name, n->name_len);
		is_dir = node_is(n, TAR_DIR);
		if (!w || node_is(w, TAR_DIR) != is_dir || (!is_dir && w->layer != n->layer)) {
			hide(f, n);
			continue;
		}
		if (!is_dir)
			continue;
		if (w->layer != n->layer)
			take(f, w, NULL);
		compare(f, n, w);
	}
}

/* ---- the part as a whole ------------------------------------------------------------------------ */

static bool is_whiteout(const struct node *node)
{
	return !node_is(node, TAR_DIR) && node->inode->layer == LAYER_NONE;
}

/*
 * Gives directories their attributes, marks all for layer_write(), brings `now` up to date.
 * Returns how many of the layer's own entries there are.
 */
static size_t finish_part(struct filtering *f)
{
	size_t n_own = 0;

	tree_freeze(f->part);
	for (struct node *n = tree_next(tree_root(f->part)); n; n = tree_next(n)) {
		const struct node *was;
		struct node *now;

		tree_mark(n, KEEP_LOG, NULL);
		if (is_whiteout(n))
			continue;
		tree_path(n, f->path, sizeof(f->path));
		was = tree_find(f->was, f->path);
		if (node_is(n, TAR_DIR))
			copy_inode(n->inode, was->inode);
		now = tree_put(f->now, f->path, was->layer, node_is(n, TAR_DIR));
		now->inode->type = n->inode->type;
		if (was->layer == f->layer && was->inode->layer != LAYER_NONE)
			n_own++;
		/* A name from below, or a link into another layer. */
		if (!node_is(n, TAR_DIR) && was->inode->layer != f->layer)
			f->changed = true;
		if (was->layer == f->layer && was->inode->mtime > f->latest)
			f->changed = true;
	}
	return n_own;
}

/* A useless whiteout does no harm, but some engines make the directory it stands in. */
static bool whiteouts_stand(const struct filtering *f)
{
	for (size_t i = 0; i < pathset_count(f->seen.whiteout_dirs); i++) {
		size_t len;
		const char *dir = pathset_get(f->seen.whiteout_dirs, i, &len);
		const struct node *node = tree_find(f->now, dir);

		if (!node || !node_is(node, TAR_DIR))
			return false;
	}
	return true;
}

/* ---- one layer ------------------------------------------------------------------------------------ */

static void find_peers(struct filtering *f)
{
	f->n_peers = 0;
	for (size_t i = 0; i < f->kin->n_members; i++)
		if (i == f->member || kin_common(f->kin, f->member, i) > f->layer)
			f->peers[f->n_peers++] = &f->kin->members[i];
}

static void begin_layer(struct filtering *f)
{
	find_peers(f);
	f->part = tree_new();
	f->inodes = pathset_new();
	if (!f->inodes)
		abort();
	f->changed = false;
	layer_seen_init(&f->seen);
}

static void end_layer(struct filtering *f)
{
	tree_free(f->part);
	pathset_free(f->inodes);
	layer_seen_fini(&f->seen);
	f->part = NULL;
}

/* A member that was done before, and has this layer, too. Its form is ours. */
static const struct layerout *done_before(const struct filtering *f)
{
	const struct kin_member *first = f->peers[0];

	return first < &f->kin->members[f->member] ? &first->layers[f->layer] : NULL;
}

static int write_part(struct filtering *f, size_t n_own, const struct compress_form *form,
		      struct layerout *out)
{
	const struct layerout *same = done_before(f);

	if (!tree_next(tree_root(f->part)))
		return 0; /* gone, as it was set at the start */
	if (same) {
		*out = *same;
		out->owned = false;
		return 0;
	}
	out->gone = false;
	if (n_own == f->seen.n_nodes && !f->changed && whiteouts_stand(f))
		return layerout_pass(out, f->image, f->layer, form);
	return layerout_write(out, f->image, f->part, form, NULL);
}

static int filter_layer(struct filtering *f, const struct compress_form *form,
			struct layerout *out)
{
	size_t n_own;
	int r;

	begin_layer(f);
	r = layer_read(f->image, f->layer, f->was, &f->seen);
	if (r == 0) {
		take_seen(f);
		take_extra(f);
		compare(f, tree_root(f->now), tree_root(f->was));
		n_own = finish_part(f);
		r = write_part(f, n_own, form, out);
	}
	end_layer(f);
	return r;
}

/* An image of no layers at all is refused by some engines: then the last one is empty. */
static int write_empty(struct filtering *f, const struct compress_form *form,
		       struct layerout *out)
{
	struct tree *empty CLEANUP(tree_freep) = tree_new();

	out->gone = false;
	tree_freeze(empty);
	return layerout_write(out, f->image, empty, form, NULL);
}

int kin_write(struct kin *kin, size_t m, const struct compress_form *form)
{
	struct kin_member *member = &kin->members[m];
	struct tree *was CLEANUP(tree_freep) = tree_new();
	struct tree *now CLEANUP(tree_freep) = tree_new();
	struct filtering *f = xcalloc(1, sizeof(*f));
	size_t n = member->image->n_layers, n_left = 0;
	int r;

	f->kin = kin;
	f->member = m;
	f->image = member->image;
	f->was = was;
	f->now = now;
	f->peers = xcalloc(kin->n_members, sizeof(*f->peers));
	f->latest = INT64_MAX;
	r = imageconf_source_date(&f->latest);
	if (m == 0)
		kin_prepare(kin);
	for (; r >= 0 && f->layer < n; f->layer++) {
		r = filter_layer(f, form, &member->layers[f->layer]);
		n_left += r >= 0 && !member->layers[f->layer].gone;
	}
	if (r >= 0 && n && !n_left)
		r = write_empty(f, form, &member->layers[n - 1]);
	free(f->peers);
	free(f->first);
	free(f);
	return MIN(r, 0);
}
