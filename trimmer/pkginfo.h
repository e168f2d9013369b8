// SPDX-License-Identifier: Apache-2.0
/*
 * pkginfo.h - what the package databases say of each package
 */
#pragma once

#include "pkgpaths.h"

/* Fields that a trim adds to dpkg's stanzas (packages_cut.c). */
#define PKGINFO_PARTIAL	 "Imagetrim:"
#define PKGINFO_LICENCES "Imagetrim-License:"

struct pkginfo {
	const char *kind; /* "deb", "apk": the type of a package URL */
	char *name, *version;
	char *arch;	/* or NULL */
	char *licences; /* NULL: not known. apk: an SPDX expression; deb: names joined by " AND " */
	char *partial; /* "12 of 80 files" if a trim took the rest, else NULL */
};

struct pkginfos {
	struct pkginfo *items;
	size_t n_items, cap;
};

/* In the order of the databases. What is damaged tells less; that is no error. */
void pkginfos_read(struct pkginfos *infos, struct image *image, struct tree *tree);
void pkginfos_fini(struct pkginfos *infos);

/*
 * The short names of all licences in a Debian package's machine-readable copyright file, joined by
 * " AND "; NULL if the image has no such file. The caller frees.
 */
char *pkginfo_licences(struct pkgpaths *paths, const char *package);
