// SPDX-License-Identifier: Apache-2.0
/*
 * trim.h - image and logs to a trimmed image: the stages of the main job, one after another
 */
#pragma once

#include "access.h"
#include "image.h"
#include "layer.h"
#include "options.h"

/* What the verbs trim and run have in common; part of their options. */
struct trim_options {
	struct strlist include, exclude, include_cmd;
};
/* Rows for them at offset `at` of a verb's options. */
#define TRIM_OPTION_ROWS(at)                                                                \
	{ "include", 0, OPTION_LIST, "GLOB", (at) + offsetof(struct trim_options, include), \
	  "keep matching paths too, a directory with all below it" },                       \
	{ "exclude", 0, OPTION_LIST, "GLOB", (at) + offsetof(struct trim_options, exclude), \
	  "leave matching paths out, even used ones" },                                     \
	{ "include-cmd", 0, OPTION_LIST, "CMD",                                             \
	  (at) + offsetof(struct trim_options, include_cmd),                                \
	  "keep a program with its interpreter and libraries" }

struct trim_result {
	char *id;		/* config digest of the new image; the caller frees */
	uint64_t original_bytes; /* plain tars of the original's layers */
	uint64_t trimmed_bytes;	/* plain tar of the new layer */
	uint64_t absent;	/* logged paths that the image does not have */
	struct layer_stats stats;
};

/* Trims image by access to dest. Prints errors. */
int trim_image(struct image *image, const struct access_set *access,
	       const struct trim_options *options, const struct image_ref *dest,
	       const struct engine *engine, struct trim_result *result) MUST_CHECK;
/*
 * What a person reads (on stderr if dest is stdout), or the JSON object of --json. log: where
 * the log lies for a later merge, or NULL.
 */
void trim_result_print(const struct trim_result *result, const struct image *image,
		       const struct image_ref *dest, const struct access_totals *totals,
		       const char *log, bool json);
