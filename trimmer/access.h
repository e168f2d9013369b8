// SPDX-License-Identifier: Apache-2.0
/*
 * access.h - the union of any number of logs: path -> what was done to it
 *
 * A set union: order and number of logs do not matter. Paths below a mount of the run they
 * were seen in are left out (they say nothing about the image), the mount point itself stays.
 */
#pragma once

#include "logfile.h"
#include "pathset.h"

struct access_item {
	uint32_t ops;	 /* OR over all logs */
	uint32_t n_logs; /* that have it */
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
	char *arch; /* of the logs, NULL while only plain lists were added */
};

void access_init(struct access_set *set);
void access_fini(struct access_set *set);
/*
 * Adds a log. Refuses (printed) one of another architecture than those before or than arch
 * (NULL: any); warns of a damaged one and takes what stands before the damage.
 */
int access_add(struct access_set *set, const struct logfile *file, const char *arch) MUST_CHECK;
