// SPDX-License-Identifier: Apache-2.0
/*
 * kin.h - images trimmed layer by layer, alone or together, so that they share their base
 *
 * Layer number i is common to two images if their diff IDs 0 to i are equal. Of a common layer
 * all keep the same: what any of them needs from it. So its new form is the same, too.
 *
 * The rules, for one image ("the final tree" is what a container sees):
 *
 * - A file is kept in the layer that the final tree has it from, and in no other: bytes that
 *   a higher layer hides are dropped whether that layer's own file is kept or not.
 * - A directory's entry is kept in every layer that has one, if the final tree keeps the
 *   directory; so each layer alone gives its directories their attributes as of that layer. A
 *   parent without an entry gets one, with these attributes; so does a kept directory that no
 *   layer has an entry for, in the layer that implies it.
 * - Names of one file stay together: in the layer of the first kept one, or, when a higher
 *   layer linked to a file below it, all in the highest such layer (no engine takes a link
 *   into another layer).
 * - After each layer the new image must show nothing that the original does not show there. A
 *   whiteout is written for just what would: that is only possible where an image of the
 *   family needs what this one hides.
 * - A layer of which everything stays passes through byte for byte, useless whiteouts
 *   included; one of which nothing stays is gone.
 */
#pragma once

#include "layerout.h"

struct kin_member {
	struct image *image;
	struct tree *tree;	 /* frozen and marked */
	struct layerout *layers; /* by the original's positions, once kin_write() was called */
	/* private: files with a name in a higher layer than their entry */
	struct pathset *moved;
	uint32_t *homes; /* by number in moved: the layer that all names are written in */
	size_t homes_cap;
	const struct node **extra; /* kept names without an entry in the layer they go to */
	size_t n_extra, extra_cap;
};

struct kin {
	struct kin_member *members;
	size_t n_members;
};

/* How many layers, from the base, two members have in common. */
size_t kin_common(const struct kin *kin, size_t a, size_t b);
/*
 * True if a member that has the layer of database, which belongs to member m, keeps what node
 * is there: what such a file says must be the same for all.
 */
bool kin_keeps(const struct kin *kin, size_t m, const struct node *database,
	       const struct node *node);
/* Marks in every member what the others need from common layers. Once, after all marking. */
void kin_share(struct kin *kin);
/*
 * Makes the layers of member m; members must be done in order, m from 0. Prints the error.
 * kin_fini() frees what it made, also after a failure.
 */
int kin_write(struct kin *kin, size_t m, const struct compress_form *form) MUST_CHECK;
void kin_fini(struct kin *kin);

/* ---- kin.c's door to kin_layer.c --------------------------------------------------- */

/* Finds files with names in several layers, makes room for the layers. */
void kin_prepare(struct kin *kin);
/* The layer a marked node of member is written in. */
uint32_t kin_home(const struct kin_member *member, const struct node *node);
