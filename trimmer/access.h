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
#include "pathset.h"

struct access_item {
	uint32_t ops;	      /* enum tlog_op bits, OR over all logs */
	uint32_t mounted_ops; /* the same, seen below a mount */
};

struct access_totals {
	uint32_t n_logs, n_cut, n_damaged, n_other_image;
	uint64_t unreadable, lost, setid, io_uring;
};

struct access_set {
	struct pathset *paths;
	struct access_item *items; /* by the path's number */
	size_t items_cap;
	struct access_totals totals;
	const char *arch;  /* logs of another one are refused; NULL: any. Borrowed */
	const char *image; /* config digest: logs of others are counted. NULL: any. Borrowed */
	/* Config digests of images trimmed together with this one: their logs are passed over. */
	const char *const *others;
	size_t n_others;
};

/* arch and image: of the image to be trimmed, or NULL; borrowed for the set's life. */
void access_init(struct access_set *set, const char *arch, const char *image);
void access_fini(struct access_set *set);
/*
 * Adds a log. Refuses (printed) one of another architecture; warns of a damaged one and takes
 * what stands before the damage. A log that just ends is normal.
 */
int access_add(struct access_set *set, const struct logfile *file) MUST_CHECK;
/* Adds all logs that args name (logfile_each) and says in one line what they tell of losses. */
int access_add_all(struct access_set *set, char *const args[], size_t n_args) MUST_CHECK;
