// SPDX-License-Identifier: Apache-2.0
/*
 * layer.h - layers into the tree, the marked tree into a layer
 *
 * Source: OCI image-spec layer.md (whiteouts, opaque directories), formats.md 3.
 */
#pragma once

#include "image.h"
#include "pathset.h"
#include "tree.h"

/*
 * Reads all layers of image, base first, into a tree that is not yet frozen. Refuses `..`
 * names, hard links without target, over-long names. Prints the error.
 */
int layer_read_all(struct image *image, struct tree *tree) MUST_CHECK;

/* What one layer holds, beside what it does to the tree. */
struct layer_seen {
	struct node **nodes; /* one an entry that is no whiteout, in the tar's order */
	size_t n_nodes, cap;
	struct pathset *whiteout_dirs; /* directories in which something is hidden: "a/b/" */
};
void layer_seen_init(struct layer_seen *seen);
void layer_seen_fini(struct layer_seen *seen);
/* Reads layer number `layer` into tree, which holds those below it. seen may be NULL. */
int layer_read(struct image *image, uint32_t layer, struct tree *tree,
	       struct layer_seen *seen) MUST_CHECK;

/* Content of a regular file (at most max bytes: -EFBIG), the caller frees. */
int layer_read_file(struct image *image, const struct inode *inode, size_t max, char **data,
		    size_t *len) MUST_CHECK;

/*
 * Where the bytes of a regular file lie in its plain layer. -EOPNOTSUPP, without a message, if
 * they do not lie there as they are (a sparse file).
 */
int layer_file_range(struct image *image, const struct inode *inode,
		     struct range *range) MUST_CHECK;

/* The first bytes of a regular file, as many as there are up to size. */
int layer_read_head(struct image *image, const struct inode *inode, char *buf, size_t size,
		    size_t *len) MUST_CHECK;
/*
 * Opens the layer at the inode's entry, for its data and extended attributes (entry is valid
 * until the reader's next call). Prints the error. The caller closes.
 */
int layer_open_entry(struct image *image, const struct inode *inode, struct tar_reader **reader,
		     struct tar_entry *entry) MUST_CHECK;

/*
 * Writes the marked nodes as one layer to sink: parents first, byte order, each regular file
 * once, its other kept names as hard links. Metadata and xattrs from the entry in the layer.
 * latest: times after it become it (SOURCE_DATE_EPOCH; INT64_MAX for none).
 */
int layer_write(struct image *image, const struct tree *tree, int64_t latest,
		int (*sink)(void *arg, const void *data, size_t len), void *arg) MUST_CHECK;
