// SPDX-License-Identifier: Apache-2.0
/*
 * tree.c - the image's file system as names over inodes
 *
 * In: names in the order the layers bring them. Out: one merged tree. Never reads a layer.
 *
 * A name is found through one hash table over (parent, name), whose slots hold the hash, too:
 * of a million names few are in the CPU's cache. A removed name keeps its node
 * without an inode ("dead"), so removing is cheap and the table never shrinks; tree_freeze()
 * drops the dead from the child lists.
 */
#include "tree.h"
#include "path.h"

#define CHUNK	    65536
#define SLOTS_MIN   4096
#define SLOTS_SMALL 65536

struct chunk {
	struct chunk *next;
	_Alignas(16) char data[];
};

struct slot {
	struct node *node; /* NULL: free */
	uint32_t hash;
};

struct tree {
	struct node *root;
	struct slot *slots;
	size_t n_slots, n_nodes;
	struct chunk *chunks;
	char *pos;
	size_t left;
	struct node *last_dir; /* that was put, or NULL */
	size_t last_len;
	char last_path[PATH_ABS_MAX + 1];
	const char **askers; /* number n at n - 1 */
	size_t n_askers, askers_cap;
	bool has_devices;
};

/* ---- memory ------------------------------------------------------------------------------ */

static void *alloc(struct tree *tree, size_t size, size_t align)
{
	size_t pad = (size_t) - (uintptr_t)tree->pos & (align - 1);
	void *p;

	if (!tree->pos || tree->left < pad + size) {
		size_t room = MAX((size_t)CHUNK, size);
		struct chunk *c = xmalloc(sizeof(*c) + room);

		c->next = tree->chunks;
		tree->chunks = c;
		tree->pos = c->data;
		tree->left = room;
		pad = 0;
	}
	p = tree->pos + pad;
	tree->pos += pad + size;
	tree->left -= pad + size;
	return p;
}

const char *tree_text(struct tree *tree, const char *text, size_t len)
{
	char *copy = alloc(tree, len + 1, 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

void tree_replace(struct tree *tree, struct inode *inode, const char *data, size_t len)
{
	struct content *content = alloc(tree, sizeof(*content), _Alignof(struct content));

	*content = (struct content) { tree_text(tree, data, len), len };
	inode->content = content;
}

static struct inode *new_inode(struct tree *tree)
{
	struct inode *inode = alloc(tree, sizeof(*inode), _Alignof(struct inode));

	*inode = (struct inode) {
		.type = TAR_DIR,
		.mode = 0755,
		.layer = LAYER_NONE,
	};
	return inode;
}

static struct node *new_node(struct tree *tree, struct node *parent, const char *name,
			     size_t len)
{
	struct node *node = alloc(tree, sizeof(*node), _Alignof(struct node));

	*node = (struct node) {
		.parent = parent,
		.name = tree_text(tree, name, len),
		.name_len = (uint16_t)len,
		.layer = LAYER_NONE,
	};
	if (parent) {
		node->next = parent->child;
		parent->child = node;
	}
	tree->n_nodes++;
	return node;
}

struct tree *tree_new(void)
{
	struct tree *tree = xcalloc(1, sizeof(*tree));

	tree->root = new_node(tree, NULL, "", 0);
	tree_link(tree, tree->root, new_inode(tree));
	tree->n_slots = SLOTS_MIN;
	tree->slots = xcalloc_table(tree->n_slots, sizeof(*tree->slots));
	return tree;
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	for (struct chunk *c = tree->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(tree->slots);
	free(tree->askers);
	free(tree);
}

/* ---- names ------------------------------------------------------------------------------- */

static uint32_t hash_name(const struct node *parent, const char *name, size_t len)
{
	uint64_t h = (uintptr_t)parent * 0x9e3779b97f4a7c15u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 0x100000001b3u;
	h ^= h >> 32;
	h *= 0xbf58476d1ce4e5b9u;
	return (uint32_t)(h >> 20);
}

/* The slot of (parent, name), or the free one where it belongs. Dead nodes are found too. */
static struct slot *find_slot(const struct tree *tree, uint32_t hash, const struct node *parent,
			      const char *name, size_t len)
{
	size_t mask = tree->n_slots - 1;
	size_t i = hash & mask;

	for (; tree->slots[i].node; i = (i + 1) & mask) {
		const struct node *node = tree->slots[i].node;

		if (tree->slots[i].hash == hash && node->parent == parent &&
		    node->name_len == len && memcmp(node->name, name, len) == 0)
			break;
	}
	return &tree->slots[i];
}

/* Of what is small little is lost in a table that is too large, and a page costs as 20 look-ups. */
static void grow_slots(struct tree *tree)
{
	struct slot *old = tree->slots;
	size_t n_old = tree->n_slots, mask;

	tree->n_slots *= n_old < SLOTS_SMALL ? 4 : 2;
	mask = tree->n_slots - 1;
	tree->slots = xcalloc_table(tree->n_slots, sizeof(*tree->slots));
	for (size_t i = 0; i < n_old; i++) {
		size_t k = old[i].hash & mask;

		if (!old[i].node)
			continue;
		while (tree->slots[k].node)
			k = (k + 1) & mask;
		tree->slots[k] = old[i];
	}
	free(old);
}

struct node *tree_root(const struct tree *tree)
{
	return tree->root;
}

struct node *tree_child(const struct tree *tree, const struct node *dir, const char *name,
			size_t len)
{
	struct node *node = find_slot(tree, hash_name(dir, name, len), dir, name, len)->node;

	return node && node->inode ? node : NULL;
}

struct node *tree_find(const struct tree *tree, const char *path)
{
	struct node *node = tree->root;
	struct span name;

	while (node && (name = path_next(&path)).len)
		node = tree_child(tree, node, name.data, name.len);
	return node;
}

/* ---- building ---------------------------------------------------------------------------- */

void tree_link(struct tree *tree, struct node *node, struct inode *inode)
{
	(void)tree;
	inode->n_names++;
	if (node->inode)
		node->inode->n_names--;
	node->inode = inode;
}

static void kill_node(struct node *node)
{
	if (node->inode)
		node->inode->n_names--;
	node->inode = NULL;
}

/* True if something of keep_layer stays, so that node must stay a directory. */
static bool remove_below(struct tree *tree, struct node *dir, uint32_t keep_layer)
{
	bool stays = false;

	tree_for_each_child (c, dir) {
		bool below;

		if (!c->inode)
			continue;
		below = remove_below(tree, c, keep_layer);
		if (keep_layer != LAYER_NONE && c->layer == keep_layer) {
			stays = true;
		} else if (below) {
			/* The name is hidden, a directory made anew holds what stays. */
			tree_link(tree, c, new_inode(tree));
			c->layer = keep_layer;
			stays = true;
		} else {
			kill_node(c);
		}
	}
	return stays;
}

void tree_clear(struct tree *tree, struct node *dir, uint32_t keep_layer)
{
	remove_below(tree, dir, keep_layer);
}

void tree_remove(struct tree *tree, struct node *node, uint32_t keep_layer)
{
	bool below = remove_below(tree, node, keep_layer);

	if (!node->parent || (keep_layer != LAYER_NONE && node->layer == keep_layer))
		return;
	if (!below) {
		kill_node(node);
		return;
	}
	tree_link(tree, node, new_inode(tree));
	node->layer = keep_layer;
}

/* The child of that name, made (dead) when it is missing. */
static struct node *put_child(struct tree *tree, struct node *dir, const char *name, size_t len)
{
	uint32_t hash = hash_name(dir, name, len);
	struct slot *slot;

	if ((tree->n_nodes + 1) * 10 > tree->n_slots * 7)
		grow_slots(tree);
	slot = find_slot(tree, hash, dir, name, len);
	if (!slot->node)
		*slot = (struct slot) { new_node(tree, dir, name, len), hash };
	return slot->node;
}

/*
 * Where to begin with path: in tars what is in a directory follows it. A name never gets another
 * node, and what has an inode lies in directories that have one.
 */
static struct node *first_dir(const struct tree *tree, const char **path)
{
	const struct node *dir = tree->last_dir;

	if (!dir || strncmp(*path, tree->last_path, tree->last_len) != 0 ||
	    (*path)[tree->last_len] != '/' || !dir->inode || !node_is(dir, TAR_DIR))
		return tree->root;
	*path += tree->last_len;
	return tree->last_dir;
}

static void remember_dir(struct tree *tree, struct node *dir, const char *path)
{
	size_t len = strlen(path);

	if (len > PATH_ABS_MAX)
		return;
	memcpy(tree->last_path, path, len + 1);
	tree->last_len = len;
	tree->last_dir = dir;
}

struct node *tree_put(struct tree *tree, const char *path, uint32_t layer, bool is_dir)
{
	const char *whole = path;
	struct node *node = first_dir(tree, &path);
	struct span name = path_next(&path);

	while (name.len) {
		struct span next = path_next(&path);

		node = put_child(tree, node, name.data, name.len);
		name = next;
		if (name.len && (!node->inode || !node_is(node, TAR_DIR))) {
			tree_link(tree, node, new_inode(tree));
			node->layer = layer;
		}
	}
	if (!is_dir || (node->inode && !node_is(node, TAR_DIR)))
		tree_clear(tree, node, LAYER_NONE);
	tree_link(tree, node, new_inode(tree));
	node->layer = layer;
	if (is_dir)
		remember_dir(tree, node, whole);
	return node;
}

static int compare_names(const struct node *x, const struct node *y)
{
	int r = memcmp(x->name, y->name, MIN(x->name_len, y->name_len));

	if (r)
		return r;
	return x->name_len < y->name_len ? -1 : x->name_len > y->name_len;
}

static int last_first(const void *a, const void *b)
{
	return compare_names(*(struct node *const *)b, *(struct node *const *)a);
}

void tree_freeze(struct tree *tree)
{
	cleanup_free struct node **children = NULL;
	size_t cap = 0;

	for (struct node *dir = tree->root; dir; dir = tree_next(dir)) {
		bool sorted = true;
		size_t n = 0;

		/* The last one that was put comes first, and most tars are sorted. */
		tree_for_each_child (c, dir) {
			if (!c->inode)
				continue;
			xgrow(&children, &cap, n, sizeof(struct node *));
			sorted = sorted && (!n || compare_names(children[n - 1], c) > 0);
			children[n++] = c;
		}
		if (!sorted)
			qsort(children, n, sizeof(struct node *), last_first);
		dir->child = NULL;
		for (size_t i = 0; i < n; i++) {
			children[i]->next = dir->child;
			dir->child = children[i];
		}
	}
}

/* ---- what is known of all ---------------------------------------------------------------- */

size_t tree_n_nodes(const struct tree *tree)
{
	return tree->n_nodes;
}

void tree_note_device(struct tree *tree)
{
	tree->has_devices = true;
}

bool tree_has_devices(const struct tree *tree)
{
	return tree->has_devices;
}

uint16_t tree_add_asker(struct tree *tree, const char *text)
{
	if (tree->n_askers == UINT16_MAX)
		return 0;
	xgrow(&tree->askers, &tree->askers_cap, tree->n_askers, sizeof(*tree->askers));
	tree->askers[tree->n_askers++] = tree_text(tree, text, strlen(text));
	return (uint16_t)tree->n_askers;
}

const char *tree_asker(const struct tree *tree, const struct node *node)
{
	return node->asker ? tree->askers[node->asker - 1] : NULL;
}
