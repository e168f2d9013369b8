// SPDX-License-Identifier: Apache-2.0
/*
 * follow.h - digests of an archive's entries while the archive is still being written
 *
 * An engine takes a second for what is hashed in a tenth of one: a thread that reads the spool as it
 * grows has verified plain layers, or most of them, when the last byte comes.
 */
#pragma once

#include "digest.h"
#include "tar.h"

struct follow_digest {
	uint64_t off, len; /* of the entry's data in the file */
	struct digest_text digest;
};
struct follow_digests {
	struct follow_digest *items; /* by off */
	size_t n_items, cap;
};
void follow_digests_fini(struct follow_digests *digests);
/* The digest of these bytes of the file, or NULL where it is not known. */
const struct digest_text *follow_digests_find(const struct follow_digests *digests,
					      uint64_t off, uint64_t len);

struct follower;
/*
 * Reads fd, an unlinked file of ours that is empty and only grows, until follow_end(). NULL where
 * that brings nothing (one CPU): all functions take it.
 */
struct follower *follow_begin(int fd);
/* Nothing more will come. whole: what came is the archive; else nothing is said of it. */
void follow_end(struct follower *follower, bool whole, struct follow_digests *digests);
