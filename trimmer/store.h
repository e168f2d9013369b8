// SPDX-License-Identifier: Apache-2.0
/*
 * store.h - named blobs: an archive's outer tar, or the directory of an OCI layout
 *
 * Nothing is ever extracted by name. Of an archive the index is held in memory and blobs are
 * read by position; links in it lead to other entries of it, one hop at most.
 */
#pragma once

#include "follow.h"

struct store;

/*
 * The archive in fd (taken over; name for messages): a regular file is used in place, unless
 * it is compressed as a whole; that, and a pipe, is spooled once. Prints the error: -EBADMSG
 * for a broken archive or one with names that lead out of it. known: digests of entries from when
 * fd was written (taken over), or NULL.
 */
int store_open_archive(int fd, const char *name, struct follow_digests *known,
		       struct store **store) MUST_CHECK;
int store_open_dir(const char *host_path, struct store **store) MUST_CHECK;
void store_free(struct store *store);
static inline void store_freep(struct store **s)
{
	if (*s)
		store_free(*s);
}

/*
 * The bytes of a named blob, readable as long as the store lives. -ENOENT if it is not there,
 * -ELOOP for a link to a link, -EBADMSG for what is no plain file. Prints nothing.
 */
int store_find(struct store *store, const char *name, struct range *range) MUST_CHECK;
/* The digest of a blob, if it was made while the archive was spooled; else NULL. */
const struct digest_text *store_digest(const struct store *store, const struct range *blob);
/* Closes fd together with the store. */
void store_keep_fd(struct store *store, int fd);
