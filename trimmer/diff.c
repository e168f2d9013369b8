// SPDX-License-Identifier: Apache-2.0
/*
 * diff.c - two trees walked side by side
 *
 * In: two open images and their trees. Out: rows. What both have from the same place of the same
 * layer is not read. Never prints what differs.
 */
#include "diff.h"
#include "imageconf.h"
#include "layer.h"
#include "path.h"

#define PIECE (256u << 10)

struct comparing {
	struct diff *diff;
	struct image *a, *b;
};

static struct diff_row *add_row(struct diff *diff, char kind, char *path)
{
	struct diff_row *row;

	xgrow(&diff->rows, &diff->cap, diff->n_rows, sizeof(*diff->rows));
	row = &diff->rows[diff->n_rows++];
	*row = (struct diff_row) { .kind = kind, .path = path };
	return row;
}

static char *path_of(const struct node *node)
{
	char path[PATH_ABS_MAX + 1];

	tree_path(node, path, sizeof(path));
	return xstrdup(path);
}

/* ---- one file ----------------------------------------------------------------------------- */

static bool same_xattrs(const struct tar_entry *a, const struct tar_entry *b)
{
	if (a->n_xattrs != b->n_xattrs)
		return false;
	for (size_t i = 0; i < a->n_xattrs; i++) {
		const struct tar_xattr *x = &a->xattrs[i];
		bool found = false;

		for (size_t k = 0; k < b->n_xattrs && !found; k++)
			found = strcmp(x->name, b->xattrs[k].name) == 0 &&
				x->len == b->xattrs[k].len &&
				memcmp(x->value, b->xattrs[k].value, x->len) == 0;
		if (!found)
			return false;
	}
	return true;
}

/* Fills buf as far as there is data: how much, or -errno. */
static ssize_t fill(struct tar_reader *reader, char *buf)
{
	size_t len = 0;

	while (len < PIECE) {
		ssize_t n = tar_read(reader, buf + len, PIECE - len);

		if (n < 0)
			return n;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* 1 if they differ. */
static int compare_data(struct tar_reader *a, struct tar_reader *b)
{
	cleanup_free char *x = xmalloc(PIECE), *y = xmalloc(PIECE);

	for (;;) {
		ssize_t n = fill(a, x), m = fill(b, y);

		if (n < 0 || m < 0)
			return n < 0 ? (int)n : (int)m;
		if (n != m || memcmp(x, y, (size_t)n) != 0)
			return 1;
		if (n == 0)
			return 0;
	}
}

/* Opens the entry; without one (a directory that no layer names) *entry is empty. */
static int open_entry(struct image *image, const struct inode *inode,
		      struct tar_reader **reader, struct tar_entry *entry)
{
	*entry = (struct tar_entry) { 0 };
	return inode->layer == LAYER_NONE ? 0 : layer_open_entry(image, inode, reader, entry);
}

/* Adds to *what what only the layers tell. */
static int compare_entries(struct comparing *c, const struct inode *a, const struct inode *b,
			   uint32_t *what)
{
	struct tar_reader *x CLEANUP(tar_closep) = NULL, *y CLEANUP(tar_closep) = NULL;
	struct tar_entry e, f;
	int r = open_entry(c->a, a, &x, &e);

	if (r == 0)
		r = open_entry(c->b, b, &y, &f);
	if (r < 0)
		return r;
	if (!same_xattrs(&e, &f))
		*what |= DIFF_XATTRS;
	if (a->type != TAR_FILE || a->size != b->size)
		return 0;
	r = compare_data(x, y);
	if (r == 1)
		*what |= DIFF_CONTENT;
	return MIN(r, 0);
}

static uint32_t compare_inodes(const struct inode *a, const struct inode *b)
{
	bool device = a->type == TAR_CHAR || a->type == TAR_BLOCK;
	uint32_t what = 0;

	if (a->type != b->type)
		return DIFF_TYPE;
	if (a->mode != b->mode && a->type != TAR_SYMLINK)
		what |= DIFF_MODE;
	if (a->uid != b->uid || a->gid != b->gid)
		what |= DIFF_OWNER;
	if (a->type == TAR_FILE && a->size != b->size)
		what |= DIFF_CONTENT;
	if (a->type == TAR_SYMLINK && strcmp(a->link, b->link) != 0)
		what |= DIFF_LINK;
	if (device && (a->major != b->major || a->minor != b->minor))
		what |= DIFF_DEVICE;
	return what;
}

/* Both have the same bytes of the same layer. */
static bool same_place(const struct comparing *c, const struct inode *a, const struct inode *b)
{
	return a->layer != LAYER_NONE && b->layer != LAYER_NONE && a->pos == b->pos &&
	       strcmp(c->a->layers[a->layer].diff_id, c->b->layers[b->layer].diff_id) == 0;
}

static int compare_nodes(struct comparing *c, const struct node *a, const struct node *b)
{
	uint32_t what = compare_inodes(a->inode, b->inode);
	struct diff_row *row;
	int r = 0;

	if (!(what & DIFF_TYPE) && !same_place(c, a->inode, b->inode))
		r = compare_entries(c, a->inode, b->inode, &what);
	if (r < 0 || !what)
		return r;
	row = add_row(c->diff, '~', path_of(a));
	row->what = what;
	row->before = a->inode;
	row->after = b->inode;
	return 0;
}

/* ---- the walk ----------------------------------------------------------------------------- */

static void add_all(struct comparing *c, char kind, const struct node *node)
{
	struct diff_row *row = add_row(c->diff, kind, path_of(node));

	*(kind == '+' ? &row->after : &row->before) = node->inode;
	tree_for_each_child (child, node)
		add_all(c, kind, child);
}

static int compare_names(const struct node *a, const struct node *b)
{
	if (!a || !b)
		return !a - !b;
	return strcmp(a->name, b->name);
}

static int walk(struct comparing *c, const struct node *a, const struct node *b)
{
	const struct node *x = a->child, *y = b->child;
	int r = compare_nodes(c, a, b);

	while (r == 0 && (x || y)) {
		int order = compare_names(x, y);

		if (order < 0)
			add_all(c, '-', x);
		else if (order > 0)
			add_all(c, '+', y);
		else
			r = walk(c, x, y);
		if (order <= 0)
			x = x->next;
		if (order >= 0)
			y = y->next;
	}
	return r;
}

/* ---- configs ------------------------------------------------------------------------------ */

/* What is there, without our labels; the caller frees. */
static struct json *inner_config(const struct image *image)
{
	const struct json *config = json_get(image->config, "config");
	struct json *copy = config ? json_copy_plain(config) : json_new_object();
	struct json *labels = json_get(copy, "Labels");

	for (size_t i = json_members(labels); i-- > 0;) {
		cleanup_free char *name = NULL;
		const char *key;

		json_member(labels, i, &key);
		name = xstrdup(key);
		if (strncmp(name, LABEL_PREFIX, strlen(LABEL_PREFIX)) == 0)
			json_remove(labels, name);
	}
	if (labels && !json_members(labels))
		json_remove(copy, "Labels");
	return copy;
}

static char *member_text(const struct json *object, const char *key)
{
	const struct json *member = json_get(object, key);

	return member ? json_write(member, NULL) : xstrdup("null");
}

/* Members of a that b has not, or otherwise; with only_new, those alone that b lacks. */
static void compare_members(struct diff *diff, const struct json *a, const struct json *b,
			    bool only_new)
{
	for (size_t i = 0; i < json_members(a); i++) {
		cleanup_free char *x = NULL, *y = NULL;
		const char *key;

		json_member(a, i, &key);
		if (only_new && json_has(b, key))
			continue;
		x = member_text(a, key);
		y = member_text(b, key);
		if (strcmp(x, y) != 0)
			add_row(diff, '~', xstrdup(key))->what = DIFF_CONFIG;
	}
}

static void compare_configs(struct comparing *c)
{
	struct json *a CLEANUP(json_freep) = inner_config(c->a);
	struct json *b CLEANUP(json_freep) = inner_config(c->b);

	compare_members(c->diff, a, b, false);
	compare_members(c->diff, b, a, true);
}

int diff_images(struct diff *diff, struct image *a, struct tree *tree_a, struct image *b,
		struct tree *tree_b)
{
	struct comparing c = { diff, a, b };

	*diff = (struct diff) { 0 };
	compare_configs(&c);
	return walk(&c, tree_root(tree_a), tree_root(tree_b));
}

void diff_fini(struct diff *diff)
{
	for (size_t i = 0; i < diff->n_rows; i++)
		free(diff->rows[i].path);
	free(diff->rows);
	*diff = (struct diff) { 0 };
}
