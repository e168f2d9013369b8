// SPDX-License-Identifier: Apache-2.0
/*
 * findings.h - what an image's marks and its logs say together: the data of `imagetrim report`
 *
 * One JSON object, which imagetrim(1) describes: what the page shows and what --json prints.
 */
#pragma once

#include "access.h"
#include "logs.h"
#include "report.h"

/* All borrowed, and all made: the tree is marked, its nodes know their packages. */
struct findings {
	const struct image *image;
	const struct tree *tree;
	const struct packages *packages;
	const struct report *report;
	const struct access_set *access;
	const struct log_table *logs;
	uint64_t absent; /* logged paths that the image does not have */
};

struct json *findings_json(const struct findings *findings);

/* ---- findings_tree.c, for findings.c ------------------------------------------------------ */

/* Every node, parents first, as one long array for each of its properties. */
struct json *findings_tree_json(const struct tree *tree);
