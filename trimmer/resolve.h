// SPDX-License-Identifier: Apache-2.0
/*
 * resolve.h - following a path inside the tree, marking what it steps on
 *
 * Like the kernel's path walk (path_resolution(7)) with the image's root as root: absolute
 * links start at the root, ".." of the root is the root, 40 links at most. Never looks at the
 * host's disk.
 */
#pragma once

#include "tree.h"

#define RESOLVE_LINKS_MAX 40

/*
 * Walks path (relative: from dir) and marks every directory and link on the way as parent and
 * link, and the end with reason. follow: a link in the last component is followed. What
 * exists of the way is marked also when the end does not exist (-ENOENT): a program that made
 * a file there needs the directory. -ELOOP, -ENOTDIR, -ENAMETOOLONG likewise. *end: the node
 * (NULL allowed as argument).
 */
int resolve_mark(struct tree *tree, struct node *dir, const char *path, bool follow,
		 enum reason reason, const struct node *because, struct node **end);
/* The same without marking, but with each(arg, link) for every link that is followed. */
int resolve_trace(struct tree *tree, const char *path, bool follow,
		  void (*each)(void *arg, const struct node *link), void *arg,
		  struct node **end);
/* The same without either. */
int resolve_find(struct tree *tree, struct node *dir, const char *path, bool follow,
		 struct node **end);
