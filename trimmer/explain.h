// SPDX-License-Identifier: Apache-2.0
/*
 * explain.h - why a path of the image is kept or left out, for people and for programs
 */
#pragma once

#include "json.h"
#include "packages.h"
#include "provenance.h"

/* All is borrowed; the tree is marked and p settled. */
struct explain {
	struct image *image;
	struct tree *tree;
	const struct access_set *access;
	const struct provenance *provenance;
	const struct packages *packages;
};

/* One paragraph on stdout. False if the image has no such path. */
bool explain_print(const struct explain *x, const char *abs);
/* The same for --json; the caller frees. */
struct json *explain_json(const struct explain *x, const char *abs, bool *found);
