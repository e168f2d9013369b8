// SPDX-License-Identifier: Apache-2.0
/*
 * packages_cut.h - packages_*.c's doors to each other: cutting one database
 */
#pragma once

#include "packages.h"
#include "pkgpaths.h"

#include <stdio.h>

/* Files of a package: kept, and listed. */
struct tally {
	size_t kept, all;
};

struct cut {
	struct pkgpaths *paths;
	struct image *image;
	struct tree *tree;
	const struct packages_keeper *keeper;
	struct packages *owners; /* or NULL */
	struct pathset *lists;	 /* packages that have a list, as it is called: libc6:amd64 */
	struct tally *tallies;	 /* of them, by number */
	size_t tallies_cap;
};

/* Notes that package (without its architecture) lists node. */
void packages_note(struct packages *owners, const char *package, struct node *node);

/* dpkg's databases, distroless images' too. */
void cut_dpkg(struct cut *c);
/* One database of apk. */
void cut_apk(struct cut *c, struct node *database);

bool cut_is_kept(const struct cut *c, const struct node *database, const struct node *node);
/* A new text, until cut_replace() or fclose(); the caller frees it. */
FILE *cut_open(char **text, size_t *len);
/* Ends the new text: marks the database, which becomes that unless it is that already. */
void cut_replace(struct cut *c, struct node *node, const struct span *old, FILE *out,
		 char **text, const size_t *len);
void cut_put_line(FILE *out, struct span line);
void cut_put_lines(FILE *out, struct span text);
/* "(imagetrim: partial, 12 of 80 files)", "partial (12 of 80 files)": how many there once were. */
size_t cut_earlier_total(struct span text);
