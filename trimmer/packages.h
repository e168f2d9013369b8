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

/* ---- what becomes of the databases: packages_cut.c ----------------------------------------- */

enum packages_mode {
	PACKAGES_CUT,  /* to what is left (rpm's: whole) */
	PACKAGES_KEEP, /* as they are */
	PACKAGES_DROP,
};
/* NULL: cut. -EINVAL after a printed error. */
int packages_mode_parse(const char *text, enum packages_mode *mode) MUST_CHECK;

/* Of the databases that the image has: those that are files beneath these, directories whole. */
extern const char *const packages_databases[];
extern const size_t packages_n_databases;
/* Files that scanners and dpkg read beside them. */
extern const char *const packages_companions[];
extern const size_t packages_n_companions;
/* True for a database that is not read here, only kept or dropped: rpm's. */
bool packages_is_opaque(const char *database);

/* What a listed file must fulfil to be left, beside being marked: NULL for nothing. */
struct packages_keeper {
	/* Is node, which database (a file) lists, needed by another image that has both? */
	bool (*keeps)(void *arg, const struct node *database, const struct node *node);
	void *arg;
};
/*
 * Marks the databases and gives them what is left, once all else is marked. Again after more
 * marks: the last one counts. owners: NULL, or empty ones that become what packages_read()
 * would make, since the databases are read anyway.
 */
void packages_cut(struct image *image, struct tree *tree, const struct packages_keeper *keeper,
		  struct packages *owners);
