// SPDX-License-Identifier: Apache-2.0
/*
 * trim.h - image and logs to a trimmed image: the stages of the main job, one after another
 */
#pragma once

#include "access.h"
#include "image_draft.h"
#include "kin.h"
#include "options.h"
#include "outfile.h"
#include "report.h"
#include "selection.h"

/* What the verbs trim and run have in common; part of their options. */
struct trim_options {
	struct selection_options select;
	struct strlist forbid;
	bool report;
	uint64_t fail_if_over;			 /* bytes; 0: no limit */
	const char *removed;			 /* host file, or NULL */
	const char *layers, *compress, *threads; /* as written, or NULL */
	bool no_verify;
	bool accept_incomplete;
	/* Once trim_prepare() was called: */
	struct compress_form form;
	bool keep_layers;
};
#define TRIM_ROW(at, name, type, arg, field, help)                                    \
	{                                                                             \
		name, 0, type, arg, (at) + offsetof(struct trim_options, field), help \
	}
/* Rows for how layers are written, at offset `at` of a verb's options. */
#define LAYER_OPTION_ROWS(at)                                                       \
	TRIM_ROW(at, "layers", OPTION_TEXT, "keep|one", layers,                     \
		 "filter each layer on its own, or make one of all (default)"),     \
		TRIM_ROW(at, "compress", OPTION_TEXT, "FORM", compress,             \
			 "layers as none (default), gzip[:LEVEL] or zstd[:LEVEL]"), \
		TRIM_ROW(at, "threads", OPTION_TEXT, "N", threads,                  \
			 "compress on so many (default: one a CPU); same bytes for any N")
/* Rows for all of them. */
#define TRIM_OPTION_ROWS(at)                                                             \
	SELECTION_OPTION_ROWS((at) + offsetof(struct trim_options, select)),             \
		TRIM_ROW(at, "fail-if-over", OPTION_SIZE, "SIZE", fail_if_over,          \
			 "write no image larger than that (20M, 20MiB): exit status 3"), \
		TRIM_ROW(at, "forbid", OPTION_LIST, "GLOB", forbid,                      \
			 "write no image that has a matching path: exit status 3"),      \
		TRIM_ROW(at, "report", OPTION_FLAG, NULL, report,                        \
			 "tell of the ten largest directories and packages, not three"), \
		TRIM_ROW(at, "removed", OPTION_TEXT, "FILE", removed,                    \
			 "write a list of what was removed there"),                      \
		LAYER_OPTION_ROWS(at),                                                   \
		TRIM_ROW(at, "no-verify", OPTION_FLAG, NULL, no_verify,                  \
			 "believe uncompressed layers: read only what is kept of them"), \
		ACCEPT_INCOMPLETE_ROW((at) +                                             \
				      offsetof(struct trim_options, accept_incomplete)), \
		PLATFORM_OPTION_ROW((at) + offsetof(struct trim_options, select))

struct trim_result {
	char *id;		 /* config digest of the new image */
	uint64_t original_bytes; /* plain tars of the original's layers */
	uint64_t trimmed_bytes;	 /* plain tars of the new layers */
	uint64_t stored_bytes;	 /* the new layers as they are stored */
	size_t n_layers, n_same; /* new layers; those with an original's diff ID */
	bool kept_layers;
	uint64_t absent;      /* logged paths that the image does not have */
	size_t report_rows;   /* to print of each table */
	struct report report; /* trim_result_fini() frees it and id */
};

/*
 * What can be refused before any work: reads the rules files, tries whether --removed can be
 * written. Prints the error.
 */
int trim_prepare(struct trim_options *options) MUST_CHECK;
/* Frees what trim_prepare() has made; options_fini() frees the rest. */
void trim_release(struct trim_options *options);

/* One image to be trimmed; result is set when it was. */
struct trim_job {
	struct image *image;
	const struct access_set *access;
	const struct image_ref *dest;
	struct trim_result result;
	/* private to trim*.c */
	struct tree *tree;
	struct packages owners;
	struct image_draft draft;
	struct outfile removed;
	struct layerout *layers; /* of keep: by the original's positions */
	size_t n_layers;
};

/*
 * Trims images together: of layers that they have in common each keeps what any of them needs.
 * All are made before the first is written. Otherwise as trim_image().
 */
int trim_images(struct trim_job *jobs, size_t n_jobs, const struct trim_options *options,
		const struct engine *engine) MUST_CHECK;
/*
 * Trims image by access to dest. Prints errors. GATE_CLOSED (gates.h) when --forbid or
 * --fail-if-over has its way: then no image is written, and *result is not filled.
 */
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
void trim_result_fini(struct trim_result *result);

/* ---- trim_write.c, for trim.c ------------------------------------------------------------- */

/* Makes the layers of all jobs, whose trees are marked. trim_free_layers() also on failure. */
int trim_make_layers(struct trim_job *jobs, size_t n_jobs, const struct trim_options *options,
		     struct kin *kin) MUST_CHECK;
void trim_free_layers(struct trim_job *jobs, size_t n_jobs, struct kin *kin);
/* Config and image around them, to where they are wanted. */
int trim_write_image(struct trim_job *job, const struct trim_options *options) MUST_CHECK;
