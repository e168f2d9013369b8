// SPDX-License-Identifier: Apache-2.0
/*
 * provenance.h - where a mark comes from: runs, programs, kinds of access, rules
 *
 * Collected while the logs are read; memory goes by distinct paths and the programs that used
 * each, and a byte or two for each run that did.
 *
 *	provenance_init(&p);
 *	access.watch = &p.watch;
 *	access_add_all(&access, ...);	selection_make(..., &tree, ...);
 *	provenance_settle(&p, image, tree, &access);
 *	provenance_why(&p, node), provenance_hits(&p, node, &n) ...
 */
#pragma once

#include "access.h"
#include "logs.h"
#include "tree.h"

/* What one program did to one path, over all runs. */
struct provenance_use {
	uint32_t path;	  /* number in the access set */
	uint32_t program; /* of its path in provenance.programs */
	uint32_t ops;
	uint32_t mounted_ops; /* the same below a mount, which says nothing about the image */
	uint32_t n_runs;
	/* private */
	uint32_t next, last_run, n_bytes;
	size_t cap;
	uint8_t *bytes; /* run numbers, each as the difference to the one before, as varints */
};

/* A logged path that leads to a node, or (link) over it. */
struct provenance_hit {
	const struct node *node;
	uint32_t path; /* number in the access set */
	bool link;
};

struct provenance {
	struct access_watch watch;
	struct log_run *runs; /* in the order they were read; their counts are 0 */
	size_t n_runs;
	struct pathset *programs; /* "" is unknown */
	/* private */
	size_t runs_cap;
	struct provenance_use *uses;
	size_t n_uses, uses_cap;
	uint32_t *first; /* by path: number of its first use + 1 */
	size_t n_first, first_cap;
	struct provenance_hit *hits; /* by node, then path */
	size_t n_hits, hits_cap;
	const struct access_set *access;
	struct tree *tree;
};

void provenance_init(struct provenance *p);
void provenance_fini(struct provenance *p);
/* Once the tree is marked: finds out which paths lead where. All are borrowed from now on. */
void provenance_settle(struct provenance *p, const struct image *image, struct tree *tree,
		       const struct access_set *access);

/* The paths that lead to node, by their order as text; NULL and *n 0 if none does. */
const struct provenance_hit *provenance_hits(const struct provenance *p,
					     const struct node *node, size_t *n);
/* The uses of a path, one after another; use NULL: the first. NULL at the end. */
const struct provenance_use *provenance_next_use(const struct provenance *p, uint32_t path,
						 const struct provenance_use *use);
/* The runs of a use, ascending numbers in p->runs; *pos and *run 0 at the start. */
bool provenance_next_run(const struct provenance_use *use, size_t *pos, uint32_t *run);
/* Its program's path; "" if unknown. */
const char *provenance_program(const struct provenance *p, const struct provenance_use *use);

/*
 * Why node is kept, or left out, in one phrase: "library of /usr/bin/x", "executed, read by
 * /bin/sh in 2 of 5 runs", ".imagetrim:3: drop /x". Names are escaped. The caller frees.
 */
char *provenance_why(const struct provenance *p, const struct node *node);
