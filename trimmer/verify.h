// SPDX-License-Identifier: Apache-2.0
/*
 * verify.h - what a trimmed image was asked for in vain though the original has it
 *
 * Judged by logs of the trimmed image that were recorded with --misses. A look-up that failed is a
 * hole if it would have succeeded in the original. It only looks like a search when the next thing
 * that its program found has the same name in another directory (PATH, libraries).
 *
 * A directory that was listed and has fewer entries than in the original is a hole, too: programs go
 * by listings instead of looking (Python's import asks for no file that a listing does not show). But
 * if the runs that the image was trimmed by listed it as well, and used nothing of what is missing
 * now, it tells nothing new.
 */
#pragma once

#include "access.h"
#include "packages.h"
#include "recording.h"
#include "tree.h"

#include <stdio.h>

enum verify_kind {
	VERIFY_HOLE,
	VERIFY_LISTING,
	VERIFY_RECORDED, /* a listing that tells nothing new; is told, but no hole */
	VERIFY_SEARCH,	 /* likewise */
	VERIFY_N_KINDS,
};

struct verify_program {
	const char *path; /* "" if unknown */
	uint64_t
		n_looks; /* in vain; of a run that was killed more than half of them; 0: listings */
	uint32_t n_runs;
};

struct verify_finding {
	enum verify_kind kind;
	const char *path;		 /* as it was asked for */
	struct verify_program *programs; /* by looks, then path */
	size_t n_programs;
	uint64_t n_looks;
	uint32_t n_runs;
	size_t n_missing, n_entries; /* of listings: that are not there, of how many */
};

struct verify {
	struct access_set access; /* of the logs of the trimmed image */
	struct tree *original;	  /* borrowed */
	struct tree *trimmed;
	struct verify_finding *findings; /* by kind, then path */
	size_t n_findings;
	size_t n_of[VERIFY_N_KINDS];
	size_t n_used, n_missed; /* distinct paths */
	bool run_failed;	 /* it was told why; what was recorded is judged all the same */
	/* private */
	struct access_watch watch;
	struct pathset *programs;
	struct verify_path *paths; /* by number in access */
	struct verify_by *bys;	   /* who, of each path a chain */
	struct pathset *listed;	   /* directories that the recorded runs listed */
	size_t n_paths, paths_cap, findings_cap, n_bys, bys_cap;
	struct verify_pending *pending; /* misses since their program found something */
	size_t n_pending, pending_cap;
	uint32_t n_runs;
};

struct verify_request {
	struct image *trimmed;
	struct tree *original; /* frozen; if there is recorded, marked by that alone */
	/* Of the runs of the original that the image was trimmed by; may be empty. */
	const struct access_set *recorded;
	/* Either logs, or how to record one. */
	char *const *logs;
	size_t n_logs;
	const struct recording *recording;
	const struct engine *engine;
	char *const *args;
	bool out_to_stderr, silent_input;
};

/*
 * The frozen tree of the original, and what the logs of the runs say that its trim was made by:
 * *recorded, and the marks of the tree. Without logs recorded stays empty. Prints the error; on
 * failure, too, the caller frees both.
 */
int verify_read_original(struct image *original, char *const logs[], size_t n_logs,
			 struct access_set *recorded, struct tree **tree) MUST_CHECK;
/* Records a run of the trimmed image unless there are logs, and judges. Prints the error. */
int verify_make(struct verify *v, const struct verify_request *request) MUST_CHECK;
void verify_fini(struct verify *v);
/* How many holes; listings: those of directories count. */
size_t verify_holes(const struct verify *v, bool listings);
/* The row for whether they do not, at offset `at` of a verb's options. */
#define IGNORE_LISTINGS_ROW(at)                                                           \
	{                                                                                 \
		"ignore-listings", 0, OPTION_FLAG, NULL, at,                              \
			"a directory that was listed and has fewer entries is told, but " \
			"is no hole"                                                      \
	}

/* ---- verify_heal.c ------------------------------------------------------------------------ */

/*
 * Adds to set, which is one of the original, all that the trimmed image has and what would close
 * the holes. Returns how many paths of the trimmed image the original does not have.
 */
size_t verify_heal(const struct verify *v, bool listings, struct access_set *set);
/* What was done to the package databases when the image was trimmed. */
enum packages_mode verify_packages(const struct verify *v);

/* ---- verify_print.c ----------------------------------------------------------------------- */

struct verify_names {
	const char *original, *trimmed;
	bool listings;
};
/* What was found, and in the last line what was proved. */
void verify_print(const struct verify *v, const struct verify_names *names, FILE *out);
/* The same for --json; the caller frees. */
struct json *verify_json(const struct verify *v, const struct verify_names *names);
