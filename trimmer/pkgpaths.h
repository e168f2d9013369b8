// SPDX-License-Identifier: Apache-2.0
/*
 * pkgpaths.h - what package databases list, found in the tree
 *
 * Paths are looked up through the image's directory links, for a usr-merged Debian still lists
 * /bin/sh, and through dpkg's diversions: what another package moved away is found where it is.
 */
#pragma once

#include "image.h"
#include "path.h"
#include "pathset.h"
#include "tree.h"

struct pkgpaths_diversion {
	const char *to;	     /* where the files of other packages are */
	const char *package; /* that has the path for itself; ":" for none */
};

/* Large: on the heap. */
struct pkgpaths {
	struct image *image;
	struct tree *tree;
	size_t left;		  /* bytes that may still be read of databases */
	struct pathset *diverted; /* paths; by number: */
	struct pkgpaths_diversion *diversions;
	size_t diversions_cap;
	char *diversions_text;
	/* Lists go through one directory after another: the last one looked up. */
	char dir_path[PATH_ABS_MAX + 1];
	size_t dir_len;
	struct node *dir; /* NULL: the image has no such directory */
	struct node
		*last; /* that was found in it: a list names a directory, then what is in it */
};

struct pkgpaths *pkgpaths_new(struct image *image, struct tree *tree);
void pkgpaths_free(struct pkgpaths *p);

/* A database's text, or NULL (no file, or too much to read). The caller frees. */
char *pkgpaths_text(struct pkgpaths *p, const struct node *node, size_t *len);
/* The same by path; *node: the file, links followed. */
char *pkgpaths_text_at(struct pkgpaths *p, const char *path, struct node **node, size_t *len);
/* The next line of *text, which ends at end, without its newline. False at the end. */
bool pkgpaths_line(const char **text, const char *end, struct span *line);
bool pkgpaths_begins(struct span line, const char *with);
/* The lines up to an empty one, with their newlines. False at the end. */
bool pkgpaths_block(const char **text, const char *end, struct span *block);
/* The value of a block's field ("Package:"), in its first line; empty if there is none. */
struct span pkgpaths_field(struct span block, const char *name);

/* The node of a listed path, with or without its first slash, of that package; or NULL. */
struct node *pkgpaths_find(struct pkgpaths *p, const char *package, const char *path,
			   size_t len);
/* The same in two steps, for databases that list files below their directories. */
void pkgpaths_enter(struct pkgpaths *p, const char *dir, size_t len);
struct node *pkgpaths_in_dir(struct pkgpaths *p, const char *base, size_t len);

/* Where databases lie that are a file a package, what they end with, where a line's path begins. */
struct pkgpaths_lists {
	const char *dir, *suffix;
	size_t skip;
};
#define PKGPATHS_DPKG_INFO   "/var/lib/dpkg/info"
#define PKGPATHS_DPKG_STATUS "/var/lib/dpkg/status"
#define PKGPATHS_STATUS_D    "/var/lib/dpkg/status.d"
#define PKGPATHS_MD5_SKIP    34 /* 32 digits, 2 blanks */
extern const struct pkgpaths_lists pkgpaths_dpkg[2];
/* apk's, in the order they are looked for; where /lib is a link both lead to one file. */
extern const char *const pkgpaths_apk[2];
