// SPDX-License-Identifier: Apache-2.0
/*
 * layer_read.c - the entries of all layers, base first, merged into one tree
 *
 * In: plain tars. Out: a tree of what a container would see, each inode knowing where its
 * entry stands. Never touches a file system; refuses names that could lead out of one.
 *
 * Whiteouts hide what lower layers brought, wherever they stand in the tar, never what their
 * own layer brings (OCI layer.md); names ".wh..wh.*" but the opaque one are aufs leftovers.
 */
#include "layer.h"
#include "diag.h"
#include "limit.h"
#include "path.h"

#include <limits.h>
#include <stdio.h>

#define WHITEOUT     ".wh."
#define WHITEOUT_LEN 4
#define OPAQUE	     ".wh..wh..opq"
#define AUFS	     ".wh..wh."

struct reading {
	struct image *image;
	struct tree *tree;
	uint32_t layer;
	struct layer_seen *seen; /* NULL: not asked for */
};

/* ---- what is seen of the layer ------------------------------------------------------------ */

static void see_node(const struct reading *rd, struct node *node)
{
	struct layer_seen *seen = rd->seen;

	if (!seen)
		return;
	xgrow(&seen->nodes, &seen->cap, seen->n_nodes, sizeof(*seen->nodes));
	seen->nodes[seen->n_nodes++] = node;
}

static void see_whiteout(const struct reading *rd, const char *dir)
{
	bool fresh;

	if (rd->seen && pathset_add(rd->seen->whiteout_dirs, dir, strlen(dir), &fresh) < 0)
		abort();
}

void layer_seen_init(struct layer_seen *seen)
{
	*seen = (struct layer_seen) { .whiteout_dirs = pathset_new() };
	if (!seen->whiteout_dirs)
		abort();
}

void layer_seen_fini(struct layer_seen *seen)
{
	pathset_free(seen->whiteout_dirs);
	free(seen->nodes);
}

/* ---- entries ------------------------------------------------------------------------------ */

/* Refuses one entry in words. */
static int bad_entry(const struct reading *rd, const char *path, const char *why)
{
	char name[512];

	path_escape(name, sizeof(name), path, strlen(path));
	diag_error("%s: layer %u: entry '%s': %s", rd->image->name, rd->layer + 1, name, why);
	return -EBADMSG;
}

/*
 * Checks the components of a name from a tar and copies them to clean ("a/b", "" for the
 * root). NULL when it is fine, else what is wrong.
 */
static const char *clean_name(char clean[PATH_MAX], const char *path)
{
	size_t n = 0;
	struct span c;

	while ((c = path_next(&path)).len) {
		if (c.len == 2 && memcmp(c.data, "..", 2) == 0)
			return "a name with '..' could lead out of the image";
		if (c.len > PATH_NAME_MAX)
			return "a part of the name is longer than 255 bytes";
		if (n + c.len + 2 > PATH_MAX)
			return "the name is longer than 4096 bytes";
		if (n)
			clean[n++] = '/';
		memcpy(clean + n, c.data, c.len);
		n += c.len;
	}
	clean[n] = '\0';
	return NULL;
}

/* Handles a whiteout; base points into clean at the last component. */
static int take_whiteout(struct reading *rd, char *clean, const char *base)
{
	bool opaque = strcmp(base, OPAQUE) == 0;
	struct node *dir, *node;

	if (strncmp(base, AUFS, strlen(AUFS)) == 0 && !opaque)
		return 0;
	if (!base[WHITEOUT_LEN])
		return bad_entry(rd, clean, "a whiteout must name what it hides");
	/* What is left of clean is the directory. */
	clean[base - clean] = '\0';
	see_whiteout(rd, clean);
	dir = tree_find(rd->tree, clean);
	if (!dir)
		return 0;
	if (opaque) {
		tree_clear(rd->tree, dir, rd->layer);
		return 0;
	}
	base += WHITEOUT_LEN;
	node = tree_child(rd->tree, dir, base, strlen(base));
	if (node)
		tree_remove(rd->tree, node, rd->layer);
	return 0;
}

static bool has_caps(const struct tar_entry *e)
{
	for (size_t i = 0; i < e->n_xattrs; i++)
		if (strcmp(e->xattrs[i].name, "security.capability") == 0)
			return true;
	return false;
}

static void set_attributes(struct inode *inode, const struct tar_entry *e)
{
	inode->has_caps = has_caps(e);
	inode->mode = e->mode;
	inode->uid = e->uid;
	inode->gid = e->gid;
	inode->mtime = e->mtime;
}

/* A further name of an inode; the attributes of the last entry hold for all (formats.md 3.3). */
static int take_hardlink(struct reading *rd, const char *clean, const struct tar_entry *e)
{
	char target[PATH_MAX];
	const char *why = clean_name(target, e->link);
	struct node *node = why ? NULL : tree_find(rd->tree, target);
	struct inode *inode;

	if (why)
		return bad_entry(rd, e->path, "its hard link target is no clean name");
	if (!node || node_is(node, TAR_DIR))
		return bad_entry(rd, e->path, "its hard link target is not in the image");
	inode = node->inode;
	if (inode->layer == rd->layer)
		set_attributes(inode, e);
	if (strcmp(target, clean) != 0) {
		node = tree_put(rd->tree, clean, rd->layer, false);
		tree_link(rd->tree, node, inode);
	}
	see_node(rd, node);
	return 0;
}

static void take_node(struct reading *rd, const char *clean, const struct tar_entry *e)
{
	struct node *node = tree_put(rd->tree, clean, rd->layer, e->type == TAR_DIR);
	struct inode *inode = node->inode;

	set_attributes(inode, e);
	inode->type = (uint8_t)e->type;
	if (e->type == TAR_CHAR || e->type == TAR_BLOCK)
		tree_note_device(rd->tree);
	inode->layer = rd->layer;
	inode->pos = e->pos;
	if (e->type == TAR_FILE)
		inode->size = e->size;
	inode->major = e->major;
	inode->minor = e->minor;
	if (e->type == TAR_SYMLINK)
		inode->link = tree_text(rd->tree, e->link, strlen(e->link));
	see_node(rd, node);
}

static int take_entry(struct reading *rd, const struct tar_entry *e)
{
	char clean[PATH_MAX];
	const char *why = clean_name(clean, e->path);
	const char *base;

	if (why)
		return bad_entry(rd, e->path, why);
	if (!clean[0])
		return 0; /* the root's own entry: engines disagree about it, none needs it */
	base = path_base(clean);
	if (strncmp(base, WHITEOUT, WHITEOUT_LEN) == 0)
		return take_whiteout(rd, clean, base);
	if (e->type == TAR_SYMLINK && strlen(e->link) >= PATH_MAX)
		return bad_entry(rd, e->path, "its link text is longer than 4096 bytes");
	if (e->type == TAR_HARDLINK)
		return take_hardlink(rd, clean, e);
	take_node(rd, clean, e);
	return 0;
}

static int too_many(const struct reading *rd)
{
	diag_error("%s: more than %llu files and directories" LIMIT_HINT, rd->image->name,
		   (unsigned long long)limit_get(LIMIT_FILES), limit_name(LIMIT_FILES));
	return -EBADMSG;
}

static int read_layer(struct reading *rd)
{
	struct tar_reader *tar CLEANUP(tar_closep) = NULL;
	struct range range;
	struct tar_entry e;
	int r = image_layer_tar(rd->image, rd->layer, &range);

	if (r < 0)
		return r;
	r = tar_open(&range, &tar);
	if (r < 0) {
		diag_error("%s: layer %u is no tar archive", rd->image->name, rd->layer + 1);
		return r;
	}
	while ((r = tar_next(tar, &e)) > 0) {
		r = take_entry(rd, &e);
		if (r == 0 && tree_n_nodes(rd->tree) > limit_get(LIMIT_FILES))
			r = too_many(rd);
		if (r < 0)
			return r;
	}
	if (r < 0)
		diag_error("%s: layer %u is broken: %s", rd->image->name, rd->layer + 1,
			   tar_reason(tar));
	return r;
}

int layer_read_all(struct image *image, struct tree *tree)
{
	int r = 0;

	for (uint32_t i = 0; i < image->n_layers && r == 0; i++)
		r = layer_read(image, i, tree, NULL);
	return r;
}

int layer_read(struct image *image, uint32_t layer, struct tree *tree, struct layer_seen *seen)
{
	struct reading rd = { image, tree, layer, seen };

	return read_layer(&rd);
}

int layer_open_entry(struct image *image, const struct inode *inode, struct tar_reader **ret,
		     struct tar_entry *entry)
{
	struct tar_reader *tar CLEANUP(tar_closep) = NULL;
	struct range range;
	int r = image_layer_tar(image, inode->layer, &range);

	if (r < 0)
		return r;
	if (inode->pos > range.len)
		return -EBADMSG;
	range.off += inode->pos;
	range.len -= inode->pos;
	r = tar_open(&range, &tar);
	if (r == 0)
		r = tar_next(tar, entry);
	if (r <= 0) {
		diag_error("%s: layer %u cannot be read again at byte %llu", image->name,
			   inode->layer + 1, (unsigned long long)inode->pos);
		return r < 0 ? r : -EBADMSG;
	}
	*ret = steal_ptr(tar);
	return 0;
}

/* Reads up to size bytes of the entry's data; fewer only at its end. */
static int read_data(struct tar_reader *tar, char *buf, size_t size, size_t *len)
{
	*len = 0;
	while (*len < size) {
		ssize_t n = tar_read(tar, buf + *len, size - *len);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	return 0;
}

int layer_read_head(struct image *image, const struct inode *inode, char *buf, size_t size,
		    size_t *len)
{
	struct tar_reader *tar CLEANUP(tar_closep) = NULL;
	struct tar_entry e;
	int r = layer_open_entry(image, inode, &tar, &e);

	return r < 0 ? r : read_data(tar, buf, size, len);
}

int layer_file_range(struct image *image, const struct inode *inode, struct range *range)
{
	struct tar_reader *tar CLEANUP(tar_closep) = NULL;
	struct tar_entry e;
	struct range layer;
	int r = image_layer_tar(image, inode->layer, &layer);

	if (r == 0)
		r = layer_open_entry(image, inode, &tar, &e);
	if (r < 0)
		return r;
	if (e.type != TAR_FILE || e.sparse)
		return -EOPNOTSUPP;
	*range = (struct range) { layer.fd, layer.off + inode->pos + e.data_pos, e.size };
	if (e.size > layer.len - inode->pos - e.data_pos)
		return -EBADMSG;
	return 0;
}

int layer_read_file(struct image *image, const struct inode *inode, size_t max, char **data,
		    size_t *len)
{
	struct tar_reader *tar CLEANUP(tar_closep) = NULL;
	cleanup_free char *buf = NULL;
	struct tar_entry e;
	size_t used;
	int r;

	if (inode->size > max)
		return -EFBIG;
	r = layer_open_entry(image, inode, &tar, &e);
	if (r < 0)
		return r;
	buf = xmalloc(inode->size + 1);
	r = read_data(tar, buf, inode->size, &used);
	if (r < 0)
		return r;
	if (used != inode->size)
		return -EBADMSG;
	buf[used] = '\0';
	*data = steal_ptr(buf);
	*len = used;
	return 0;
}
