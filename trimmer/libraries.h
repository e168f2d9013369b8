// SPDX-License-Identifier: Apache-2.0
/*
 * libraries.h - where the dynamic loader of the image would find a library
 *
 * Source: ld.so(8), ldconfig(8): DT_RPATH of the object and its loaders (unless it has
 * DT_RUNPATH), LD_LIBRARY_PATH, DT_RUNPATH, the directories of /etc/ld.so.conf (what
 * ld.so.cache was made from), /etc/ld-musl-*.path, the default directories.
 */
#pragma once

#include "elfinfo.h"
#include "image.h"
#include "resolve.h"

struct library_paths {
	char **dirs; /* of ld.so.conf and the defaults, in order */
	size_t n_dirs, cap;
	const char *environment; /* LD_LIBRARY_PATH of the image, or NULL; borrowed */
	const char *lib;	 /* what $LIB stands for */
	const char *platform;	 /* what $PLATFORM stands for */
};

/* An object that was loaded, and who loaded it. */
struct library_object {
	const struct library_object *loader; /* NULL for a program */
	const struct node *node;
	struct elf_info elf;
};

void libraries_init(struct library_paths *paths, struct image *image, struct tree *tree);
void libraries_fini(struct library_paths *paths);
/*
 * Finds DT_NEEDED name for object: marks it and the way to it with KEEP_LIBRARY and gives the
 * node, -ENOENT when the image has no such library of the object's class and machine.
 */
int libraries_mark(const struct library_paths *paths, struct image *image, struct tree *tree,
		   const struct library_object *object, const char *name, struct node **node);
/* The same for a name that no object needs (an NSS module), with a reason. */
int libraries_mark_named(const struct library_paths *paths, struct tree *tree, const char *name,
			 enum reason reason, struct node **node);
