// SPDX-License-Identifier: Apache-2.0
/*
 * findings.h - what an image's marks and its logs say together: the data of `imagetrim report`
 *
 * One JSON object, which imagetrim(1) describes: what the page shows and what --json prints.
 */
#pragma once

#include "access.h"
#include "logs.h"
#include "profile.h"
#include "provenance.h"
#include "report.h"

/* All borrowed, and all made: the tree is marked, its nodes know their packages. */
struct findings {
	const struct image *image;
	const struct tree *tree;
	const struct packages *packages;
	const struct report *report;
	const struct access_set *access;
	const struct provenance *provenance; /* settled */
	const struct log_table *logs;
	const struct profile *profile;
	uint64_t absent; /* logged paths that the image does not have */
};

struct json *findings_json(const struct findings *findings);

/* ---- for findings.c ----------------------------------------------------------------------- */

/*
 * findings_tree.c: sets "tree", every node, parents first, as one long array for each of its
 * properties, and the "phrases" that its column "why" numbers.
 */
void findings_set_tree(struct json *o, const struct tree *tree,
		       const struct provenance *provenance);
/* findings_uses.c: who used which node. */
struct json *findings_uses_json(const struct findings *findings);
