// SPDX-License-Identifier: Apache-2.0
/*
 * tree.h - the file system of an image: names (nodes) over inodes, and why a name is kept
 *
 * Built by layer_read() from the bottom layer up, then frozen: after tree_freeze() nothing
 * but reasons changes, and reasons only appear. Nodes of one hard link group share an inode,
 * as in a file system. Memory: about 140 bytes a file and its name.
 */
#pragma once

#include "tar.h"

/* Why a node is kept; 0 is dropped. In the order they are reported. */
enum reason {
	KEEP_NO = 0,
	KEEP_LOG,     /* a log says it was used */
	KEEP_PARENT,  /* a kept node is below it */
	KEEP_LINK,    /* a symbolic link on the way to a kept node */
	KEEP_PROGRAM, /* entrypoint, cmd, healthcheck, --include-cmd */
	KEEP_INTERP,  /* PT_INTERP or #! of a kept program */
	KEEP_LIBRARY, /* DT_NEEDED of a kept program or library */
	KEEP_NSS,     /* nsswitch.conf and the modules it names */
	KEEP_ALWAYS,  /* passwd, group, /tmp, standard directories, ... */
	KEEP_CONFIG,  /* WorkingDir, Volumes, home of User */
	KEEP_INCLUDE, /* --include */
	KEEP_RULE,    /* a rules file */
	KEEP_PYTHON,  /* byte code of a kept source, or the source of kept byte code */
	KEEP_SHARED,  /* an image trimmed together with this one needs it from a common layer */
	KEEP_PACKAGES, /* a package database, and what scanners read with it */
	N_REASONS,
};

/* Bytes that a regular file gets in the new image. */
struct content {
	const char *data;
	size_t len;
};

struct inode {
	uint64_t pos; /* of the tar entry's header in its layer */
	uint64_t size;
	int64_t mtime;
	uint32_t mode; /* 07777 */
	uint32_t uid, gid;
	uint32_t major, minor;
	uint32_t n_names; /* nodes that share it */
	uint32_t layer;	  /* index of the layer pos is in; LAYER_NONE: no entry at all */
	uint8_t type;	  /* enum tar_type, never TAR_HARDLINK */
	bool has_caps;	  /* an attribute security.capability */
	union {
		const char *link;	       /* TAR_SYMLINK */
		const struct content *content; /* TAR_FILE: instead of the entry's, or NULL */
	};
};
#define LAYER_NONE UINT32_MAX /* a directory that no layer has an entry for: 0755 root */

struct node {
	struct node *parent; /* NULL for the root */
	struct node *child;  /* first, in byte order once frozen */
	struct node *next;   /* sibling */
	struct inode *inode;
	const char *name; /* "" for the root */
	uint16_t name_len;
	uint16_t asker;	  /* who wanted the mark or exclusion, by tree_asker(); 0: none */
	uint32_t layer;	  /* that brought this name last (for whiteouts) */
	uint8_t reason;	  /* enum reason */
	bool excluded;	  /* by the user: can never be marked */
	bool queued;	  /* the closure looks into it, or did */
	uint32_t package; /* that owns it, by packages.h; 0: none */
	const struct node *because; /* the kept node that asked for it, or NULL */
};

struct tree;

struct tree *tree_new(void);
void tree_free(struct tree *tree);
static inline void tree_freep(struct tree **t)
{
	if (*t)
		tree_free(*t);
}

struct node *tree_root(const struct tree *tree);
struct node *tree_child(const struct tree *tree, const struct node *dir, const char *name,
			size_t len);

/* ---- building ---------------------------------------------------------------------------- */

/*
 * Walks to the directory of path inside the tree (no links are followed: a non-directory in
 * the way is replaced, as engines do), making what is missing, and gives the node of the last
 * component with an inode of its own, new or replaced. A directory over a directory keeps its
 * children. The root for an empty path. path has no ".." (the caller refuses it).
 */
struct node *tree_put(struct tree *tree, const char *path, uint32_t layer, bool is_dir);
/* Makes node a further name of inode. */
void tree_link(struct tree *tree, struct node *node, struct inode *inode);
/* Looks a path up without following links; NULL if it is not there. */
struct node *tree_find(const struct tree *tree, const char *path);
/* Removes node and all below it, but what `keep_layer` brought (LAYER_NONE: everything). */
void tree_remove(struct tree *tree, struct node *node, uint32_t keep_layer);
/* Removes what is below dir, but what layer keep_layer brought. */
void tree_clear(struct tree *tree, struct node *dir, uint32_t keep_layer);
/* Text that lives as long as the tree. */
const char *tree_text(struct tree *tree, const char *text, size_t len);
/* Sorts children by name; from now on only marks change. */
void tree_freeze(struct tree *tree);

/* Gives a regular file other bytes (copied), for writing only: layer_read_file() reads the old. */
void tree_replace(struct tree *tree, struct inode *inode, const char *data, size_t len);

/* ---- reading ------------------------------------------------------------------------------ */

#define tree_for_each_child(c, dir) for (struct node *c = (dir)->child; c; c = c->next)

/* The next node in depth-first byte order, parents first; NULL at the end. */
struct node *tree_next(const struct node *node);
/* The absolute path into buf (size PATH_ABS_MAX + 1 is always enough). Returns its length. */
size_t tree_path(const struct node *node, char *buf, size_t size);
size_t tree_n_nodes(const struct tree *tree);
/* Whether a device node was put in, so that nobody need look through all for none. */
void tree_note_device(struct tree *tree);
bool tree_has_devices(const struct tree *tree);
/* Bytes that a regular file will have in the new image. */
static inline uint64_t inode_new_size(const struct inode *inode)
{
	return inode->type == TAR_FILE && inode->content ? inode->content->len : inode->size;
}
static inline bool node_is(const struct node *node, enum tar_type type)
{
	return node->inode->type == type;
}

/*
 * Marks node and its parents; keeps an earlier reason; does nothing to what the user excluded.
 * True if node was not marked before.
 */
bool tree_mark(struct node *node, enum reason reason, const struct node *because);
/*
 * Who asks for files to be kept or left out, beside logs and kept files: "--include '/x'". Returns
 * its number for node->asker; 0 beyond 65,535 of them.
 */
uint16_t tree_add_asker(struct tree *tree, const char *text);
/* Its text, or NULL. */
const char *tree_asker(const struct tree *tree, const struct node *node);
const char *reason_name(enum reason reason);
