// SPDX-License-Identifier: Apache-2.0
/*
 * tlog_base.h - against which earlier path a log stores the next one (docs/tlog-format.md)
 */
#pragma once

#include "base.h"

#define TLOG_BASE_TAG  19 /* bits */
#define TLOG_BASE_KEYS 35 /* of 32 directories, and three of the name */

struct tlog_base {
	const char *abs; /* the caller's, for as long as it is remembered; NULL: none */
	uint64_t len : 16, id : 29, tag : TLOG_BASE_TAG; /* TLOG_PATH_MAX, TLOG_PATHS_MAX */
};

/* What a path is found by: a hash of some of its bytes. */
struct tlog_base_key {
	uint32_t tag;
	uint32_t dir_len; /* 0: not a directory */
};

struct tlog_bases {
	struct tlog_base last;
	struct tlog_base *slots; /* NULL: no memory, or no path yet */
	void *room;		 /* where they lie in */
	unsigned int bits;	 /* of their number */
	size_t n_used;
	struct tlog_base_key keys[TLOG_BASE_KEYS]; /* of the path at hand */
	size_t n_keys;
};

/* What a path has of an earlier one; what lies between is its own. */
struct tlog_parts {
	const struct tlog_base *base;
	size_t shared, tail;
};

/* Begins as zeros; what there is no memory for costs bytes of the log, no more. */
void tlog_bases_fini(struct tlog_bases *b);
struct tlog_parts tlog_base_choose(struct tlog_bases *b, const char *abs, size_t len);
/* The path for which a base was last chosen got this id. */
void tlog_base_remember(struct tlog_bases *b, const char *abs, size_t len, uint32_t id);
