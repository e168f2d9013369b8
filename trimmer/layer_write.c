// SPDX-License-Identifier: Apache-2.0
/*
 * layer_write.c - the marked part of the tree as one layer
 *
 * In: a frozen tree with reasons, and the original layers. Out: one tar, parents first, in
 * byte order, made of the original's own metadata and bytes. Never writes a whiteout: the
 * layer stands alone.
 *
 * An inode with several kept names is written once under the first of them; the others are
 * hard links to it that repeat its metadata, since engines apply a link entry's attributes to
 * the shared inode (formats.md 0.5).
 */
#include "layer.h"
#include "path.h"
#include "pathset.h"

#define COPY_SIZE (512u << 10)

struct writing {
	struct image *image;
	int64_t latest;
	struct tar_writer *tar;
	struct pathset *inodes;	   /* shared inodes seen: the bytes of their address */
	struct node const **first; /* by number: the first kept name */
	size_t first_cap;
	char *buf;
	char path[PATH_ABS_MAX + 2], link[PATH_ABS_MAX + 2];
};

/* Path in the form tar wants: no leading slash; a directory ends with one. */
static const char *entry_path(const struct node *node, char buf[PATH_ABS_MAX + 2])
{
	size_t n = tree_path(node, buf, PATH_ABS_MAX + 1);

	if (node_is(node, TAR_DIR)) {
		buf[n++] = '/';
		buf[n] = '\0';
	}
	return buf + 1;
}

/*
 * The name an inode was written under before, or NULL; remembers node if it is the first.
 * Only regular files are linked: engines differ about links to anything else.
 */
static const struct node *first_name(struct writing *w, const struct node *node)
{
	const struct inode *inode = node->inode;
	int64_t n;
	bool fresh;

	if (inode->n_names < 2 || inode->type != TAR_FILE)
		return NULL;
	n = pathset_add(w->inodes, (const char *)&inode, sizeof(inode), &fresh);
	if (n < 0)
		abort();
	if (!fresh)
		return w->first[n];
	xgrow(&w->first, &w->first_cap, (size_t)n, sizeof(*w->first));
	w->first[n] = node;
	return NULL;
}

static int copy_data(struct writing *w, struct tar_reader *from, uint64_t size)
{
	while (size) {
		ssize_t n = tar_read(from, w->buf, MIN(size, (uint64_t)COPY_SIZE));
		int r;

		if (n <= 0)
			return n < 0 ? (int)n : -EBADMSG;
		r = tar_write(w->tar, w->buf, (size_t)n);
		if (r < 0)
			return r;
		size -= (uint64_t)n;
	}
	return 0;
}

static const char *link_text(const struct inode *inode)
{
	return inode->type == TAR_SYMLINK ? inode->link : NULL;
}

static int write_node(struct writing *w, const struct node *node)
{
	struct tar_reader *from CLEANUP(tar_closep) = NULL;
	const struct inode *inode = node->inode;
	const struct node *first = first_name(w, node);
	struct tar_entry e = { 0 };
	int r;

	if (inode->layer != LAYER_NONE) {
		r = layer_open_entry(w->image, inode, &from, &e);
		if (r < 0)
			return r;
	}
	e.path = entry_path(node, w->path);
	e.type = first ? TAR_HARDLINK : (enum tar_type)inode->type;
	e.link = first ? entry_path(first, w->link) : link_text(inode);
	e.mode = inode->mode;
	e.uid = inode->uid;
	e.gid = inode->gid;
	e.mtime = MIN(inode->mtime, w->latest);
	e.size = first ? 0 : inode_new_size(inode);
	e.major = inode->major;
	e.minor = inode->minor;
	r = tar_put(w->tar, &e);
	if (r < 0 || e.type != TAR_FILE)
		return r;
	if (inode->content)
		return tar_write(w->tar, inode->content->data, inode->content->len);
	return copy_data(w, from, e.size);
}

int layer_write(struct image *image, const struct tree *tree, int64_t latest,
		int (*sink)(void *arg, const void *data, size_t len), void *arg)
{
	struct writing *w = xcalloc(1, sizeof(*w));
	int r;

	w->image = image;
	w->latest = latest;
	w->buf = xmalloc(COPY_SIZE);
	w->inodes = pathset_new();
	r = tar_writer_new(sink, arg, &w->tar);
	for (const struct node *n = tree_next(tree_root(tree)); n && r == 0; n = tree_next(n))
		if (n->reason)
			r = write_node(w, n);
	if (r == 0)
		r = tar_writer_finish(steal_ptr(w->tar));
	if (w->tar)
		tar_writer_abort(w->tar);
	pathset_free(w->inodes);
	free(w->first);
	free(w->buf);
	free(w);
	return r;
}
