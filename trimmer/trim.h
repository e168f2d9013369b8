// SPDX-License-Identifier: Apache-2.0
/*
 * trim.h - image and logs to a trimmed image: the stages of the main job, one after another
 */
#pragma once

#include "access.h"
#include "image.h"
#include "layer.h"
#include "options.h"

struct trim_request {
	const struct strlist *include, *exclude, *include_cmd;
};

struct trim_result {
	char *id;		  /* config digest of the new image */
	uint64_t original_bytes;  /* plain tars of the original's layers */
	uint64_t trimmed_bytes;	  /* plain tar of the new layer */
	uint64_t absent;	  /* logged paths that the image does not have */
	struct layer_stats stats;
};

/* Trims image by access to dest. Prints errors. result->id: trim_result_fini(). */
int trim_image(struct image *image, const struct access_set *access,
	       const struct trim_request *request, const struct image_ref *dest,
	       const struct engine *engine, struct trim_result *result) MUST_CHECK;
void trim_result_fini(struct trim_result *result);
/* The line(s) a person reads, or the JSON object of --json (members added by the caller). */
void trim_result_print(const struct trim_result *result, const struct image *image,
		       const struct image_ref *dest, const struct access_totals *totals,
		       const char *log, bool json);
