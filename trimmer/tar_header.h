// SPDX-License-Identifier: Apache-2.0
/*
 * tar_header.h - plain tar headers, without libarchive; for tar_read.c
 *
 * Only what has one meaning to every reader: ustar and GNU headers in octal, GNU long names,
 * pax records of names, owners, times and SCHILY xattrs. Anything else, however harmless, is
 * "strange" and left to libarchive. Source: POSIX.1-2017 pax(1), "ustar Interchange Format".
 */
#pragma once

#include "tar.h"

#define TAR_BODY_MAX (1u << 20) /* of pax records and long names; larger is strange */

enum tar_header_kind {
	TAR_HEADER_ENTRY,
	TAR_HEADER_END,	    /* a block of zeros */
	TAR_HEADER_PAX,	    /* records for the next entry follow */
	TAR_HEADER_NAME,    /* a long name for the next entry follows */
	TAR_HEADER_LINK,    /* a long link target */
	TAR_HEADER_STRANGE, /* for libarchive */
};

/* What one entry is made of; texts point into the caller's memory or into names below. */
struct tar_header {
	struct tar_entry entry;				      /* without positions */
	uint64_t body;					      /* bytes that follow the header */
	bool has_path, has_link, has_uid, has_gid, has_mtime; /* by records before it */
	struct tar_xattr *xattrs;
	size_t xattrs_cap;
	char name[100 + 155 + 2], link[101];
};

/* Forgets the last entry. */
void tar_header_begin(struct tar_header *h);
/* Takes a block; what records before it said stays. */
enum tar_header_kind tar_header_take(struct tar_header *h, const char block[TAR_RECORD]);
/*
 * Takes the body of a PAX, NAME or LINK header: len bytes, and one more that may be written;
 * changed, and to be kept as long as the entry. False if it is strange.
 */
bool tar_header_records(struct tar_header *h, char *body, size_t len);
bool tar_header_text(struct tar_header *h, enum tar_header_kind kind, char *body, size_t len);
void tar_header_fini(struct tar_header *h);
