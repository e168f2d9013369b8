// SPDX-License-Identifier: Apache-2.0
/*
 * verify.h - what a trimmed image was asked for in vain though the original has it
 *
 * Judged by logs of the trimmed image that were recorded with --misses. A look-up that failed is a
 * hole if it would have succeeded in the original; so is a directory that was listed and has fewer
 * entries than there. A look-up only looks like a search when the next thing that its program
 * found has the same name in another directory (PATH, libraries).
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
	VERIFY_SEARCH, /* is told, but no hole */
	VERIFY_N_KINDS,
};

struct verify_finding {
	enum verify_kind kind;
	const char *path;    /* as it was asked for */
	const char *program; /* the first that did; "" if unknown */
	uint32_t n_runs;
	size_t n_missing, n_entries; /* of VERIFY_LISTING: that are not there, of how many */
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
	size_t n_paths, paths_cap, findings_cap;
	struct verify_pending *pending; /* misses since their program found something */
	size_t n_pending, pending_cap;
	uint32_t n_runs;
};

struct verify_request {
	struct image *trimmed;
	struct tree *original; /* frozen */
	/* Either logs, or how to record one. */
	char *const *logs;
	size_t n_logs;
	const struct recording *recording;
	const struct engine *engine;
	char *const *args;
	bool out_to_stderr, silent_input;
};

/* Records a run of the trimmed image unless there are logs, and judges. Prints the error. */
int verify_make(struct verify *v, const struct verify_request *request) MUST_CHECK;
void verify_fini(struct verify *v);
/* How many holes; listings: those of directories count. */
size_t verify_holes(const struct verify *v, bool listings);

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
