// SPDX-License-Identifier: Apache-2.0
/*
 * kin.c - which images have which layers in common, and what they need together
 *
 * In: marked trees. Out: trees that keep the same of common layers, and where each file is to
 * be written. Never drops a mark.
 */
#include "kin.h"
#include "path.h"

/* ---- common layers --------------------------------------------------------------------------- */

size_t kin_common(const struct kin *kin, size_t a, size_t b)
{
	const struct image *x = kin->members[a].image, *y = kin->members[b].image;
	size_t n = 0;

	while (n < x->n_layers && n < y->n_layers &&
	       strcmp(x->layers[n].diff_id, y->layers[n].diff_id) == 0)
		n++;
	return n;
}

/* Directories need no mark here: kin_layer.c gives both images the same of them. */
static void share_marks(const struct tree *from, const struct tree *to, size_t common)
{
	char path[PATH_ABS_MAX + 1];

	for (const struct node *n = tree_root(from); n; n = tree_next(n)) {
		struct node *same;

		if (!n->reason || node_is(n, TAR_DIR) || n->layer >= common)
			continue;
		tree_path(n, path, sizeof(path));
		same = tree_find(to, path);
		if (same && !node_is(same, TAR_DIR) && same->layer == n->layer)
			tree_mark(same, KEEP_SHARED, NULL);
	}
}

/*
 * A mark that came from another member is passed on once more at most to those that have it
 * from there already, so one round over all pairs is enough.
 */
void kin_share(struct kin *kin)
{
	for (size_t a = 0; a < kin->n_members; a++) {
		for (size_t b = 0; b < kin->n_members; b++) {
			size_t common = a == b ? 0 : kin_common(kin, a, b);

			if (common)
				share_marks(kin->members[a].tree, kin->members[b].tree, common);
		}
	}
}

bool kin_keeps(const struct kin *kin, size_t m, const struct node *database,
	       const struct node *node)
{
	char path[PATH_ABS_MAX + 1];

	tree_path(node, path, sizeof(path));
	for (size_t i = 0; i < kin->n_members; i++) {
		const struct node *same;

		if (i == m || kin_common(kin, m, i) <= database->layer)
			continue;
		same = tree_find(kin->members[i].tree, path);
		if (same && same->reason && node_is(same, TAR_DIR) == node_is(node, TAR_DIR))
			return true;
	}
	return false;
}

/* ---- files with names in several layers -------------------------------------------------------- */

static bool is_linked(const struct node *node)
{
	return node->reason && node_is(node, TAR_FILE) && node->inode->n_names > 1;
}

static void raise_home(struct kin_member *m, const struct node *node)
{
	bool fresh;
	int64_t n =
		pathset_add(m->moved, (const char *)&node->inode, sizeof(node->inode), &fresh);

	if (n < 0)
		abort();
	xgrow(&m->homes, &m->homes_cap, (size_t)n, sizeof(*m->homes));
	m->homes[n] = fresh ? node->layer : MAX(m->homes[n], node->layer);
}

static void find_moved(struct kin_member *m)
{
	m->moved = pathset_new();
	if (!m->moved)
		abort();
	for (const struct node *n = tree_root(m->tree); n; n = tree_next(n))
		if (is_linked(n) && n->layer > n->inode->layer)
			raise_home(m, n);
}

/* Names that come to another layer than the one that brought them; directories implied. */
static void find_extra(struct kin_member *m)
{
	for (const struct node *n = tree_next(tree_root(m->tree)); n; n = tree_next(n)) {
		if (!n->reason || (kin_home(m, n) == n->layer && n->inode->layer != LAYER_NONE))
			continue;
		xgrow(&m->extra, &m->extra_cap, m->n_extra, sizeof(*m->extra));
		m->extra[m->n_extra++] = n;
	}
}

uint32_t kin_home(const struct kin_member *m, const struct node *node)
{
	int64_t n;

	if (!is_linked(node) || !pathset_count(m->moved))
		return node->layer;
	n = pathset_find(m->moved, (const char *)&node->inode, sizeof(node->inode));
	return n < 0 ? node->layer : m->homes[n];
}

/* ---- members ----------------------------------------------------------------------------------- */

void kin_prepare(struct kin *kin)
{
	for (size_t i = 0; i < kin->n_members; i++) {
		struct kin_member *m = &kin->members[i];

		find_moved(m);
		find_extra(m);
		m->layers = xcalloc(m->image->n_layers, sizeof(*m->layers));
		for (size_t k = 0; k < m->image->n_layers; k++)
			m->layers[k].gone = true;
	}
}

void kin_fini(struct kin *kin)
{
	for (size_t i = 0; i < kin->n_members; i++) {
		struct kin_member *m = &kin->members[i];

		for (size_t k = 0; m->layers && k < m->image->n_layers; k++)
			layerout_fini(&m->layers[k]);
		free(m->layers);
		free(m->homes);
		free(m->extra);
		pathset_free(m->moved);
		m->layers = NULL;
		m->homes = NULL;
		m->extra = NULL;
		m->moved = NULL;
	}
}
