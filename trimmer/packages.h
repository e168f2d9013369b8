// SPDX-License-Identifier: Apache-2.0
/*
 * packages.h - which package of the image a file belongs to
 *
 * Read from the databases inside the image: dpkg's (info/NAME.list, and distroless images'
 * status.d/NAME.md5sums) and apk's (installed). A database that is damaged tells less; that is
 * no error. Paths are looked up through the image's directory links, for a usr-merged Debian
 * still lists /bin/sh.
 */
#pragma once

#include "image.h"
#include "tree.h"

struct packages {
	char **names; /* number n of node->package at n - 1 */
	size_t n_names, cap;
};

/* Notes in every node but directories what package it is of; the first that lists it. */
void packages_read(struct packages *packages, struct image *image, struct tree *tree);
void packages_fini(struct packages *packages);
/* Of a node, or NULL. */
const char *packages_name(const struct packages *packages, const struct node *node);

/*
 * Calls each(arg, package, node) for all that the package of that name lists (dpkg: NAME or
 * NAME:ARCH), directories too; for all packages if name is NULL. Returns how many packages.
 */
size_t packages_each(struct image *image, struct tree *tree, const char *name,
		     void (*each)(void *arg, const char *package, struct node *node),
		     void *arg);
