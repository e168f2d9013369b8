// SPDX-License-Identifier: Apache-2.0
/*
 * access.h - the union of any number of logs: path -> what was done to it
 *
 * A set union: order and number of logs do not matter. A path below a mount of the run it was
 * seen in says nothing about the image (but for a volume that the image declares, which
 * engines fill from the image): such accesses are kept apart.
 */
#pragma once

#include "logfile.h"
#include "losses.h"
#include "origin.h"
#include "pathset.h"

struct access_item {
	uint32_t ops;	      /* enum tlog_op bits, OR over all logs */
	uint32_t mounted_ops; /* the same, seen below a mount */
};

struct access_totals {
	uint32_t n_logs, n_cut, n_damaged;
	uint32_t n_left_image, n_left_arch; /* runs left out: of another image, architecture */
	struct losses losses;
};

/* What is told of each run that counts, while logs are added; for provenance.c, verify.c. */
struct access_watch {
	void (*run)(void *arg, const struct logfile *file, const struct tlog_record *header);
	/* path: its number in the set; by: the program, or NULL; mounted: below a mount. */
	void (*use)(void *arg, size_t path, const struct tlog_record *rec, const char *by,
		    bool mounted);
	/* A note of a run that counts; NULL: of no interest. */
	void (*note)(void *arg, const struct tlog_record *rec);
	void *arg;
};

struct access_set {
	struct pathset *paths;
	struct access_item *items; /* by the path's number */
	size_t items_cap;
	struct access_totals totals;
	struct origin origin; /* runs of another image or architecture are left out */
	bool any_image;	      /* but of other images take them all the same */
	char *left;	      /* the first that was left out, and why */
	/* Images trimmed together with this one: their runs are passed over. Borrowed */
	const struct origin *others;
	size_t n_others;
	const struct access_watch *watch; /* or NULL; borrowed */
};

/* image: to be trimmed. */
void access_init(struct access_set *set, const struct image *image);
void access_fini(struct access_set *set);
/*
 * Adds a log's runs, but those of another image or architecture, which are counted. Warns of a
 * damaged log and takes what stands before the damage. A log that just ends is normal.
 */
int access_add(struct access_set *set, const struct logfile *file) MUST_CHECK;
/* Adds one path, as if a log said so. */
void access_put(struct access_set *set, const char *abs, size_t len, uint32_t ops);
/*
 * Adds all logs that args name (logfile_each) and says how many were left out. Refuses (printed)
 * if that were all.
 */
int access_add_all(struct access_set *set, char *const args[], size_t n_args) MUST_CHECK;
/* Whether a run whose log says so is one of the set's; "" where it does not say. */
bool access_takes(const struct access_set *set, const char *arch, const char *image,
		  const char *layers);
/* What the logs tell of themselves, for programs. absent: paths that the image does not have. */
struct json *access_totals_json(const struct access_totals *totals, uint64_t absent);
/*
 * Says, in one line each, what the logs tell of losses: files may be missing for them. Refuses,
 * unless accept. That a log just ends is none: every record was written before.
 */
int access_check_losses(const struct access_set *set, bool accept) MUST_CHECK;
/* The row for accept, at offset `at` of a verb's options. */
#define ACCEPT_INCOMPLETE_ROW(at)                                           \
	{                                                                   \
		"accept-incomplete", 0, OPTION_FLAG, NULL, at,              \
			"use logs that tell of losses, with a warning each" \
	}
