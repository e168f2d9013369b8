// SPDX-License-Identifier: Apache-2.0
/*
 * tar.h - tar archives in and out; the one door to libarchive
 *
 * Only the tar format (ustar, pax, GNU) and only gzip, zstd, xz and bzip2 by magic. Limits
 * hold for every archive: a path of PATH_ABS_MAX bytes, 64 KiB of xattr a value.
 */
#pragma once

#include "base.h"

/* Bytes that can be read by position: a whole file or a part of one. The fd is borrowed. */
struct range {
	int fd;
	uint64_t off, len;
};

enum tar_type {
	TAR_FILE,
	TAR_HARDLINK, /* link is the target's path in the archive */
	TAR_DIR,
	TAR_SYMLINK, /* link is the text of the link */
	TAR_CHAR,
	TAR_BLOCK,
	TAR_FIFO,
};

struct tar_xattr {
	const char *name;  /* "security.capability" */
	const void *value; /* binary */
	size_t len;
};

struct tar_entry {
	const char *path; /* bytes as in the archive: "./a", "a/", "/a" all occur */
	const char *link; /* TAR_HARDLINK, TAR_SYMLINK; else NULL */
	enum tar_type type;
	uint32_t mode; /* 07777 */
	uint32_t uid, gid;
	uint64_t size;	       /* TAR_FILE: bytes of data, holes included */
	int64_t mtime;	       /* seconds */
	uint32_t major, minor; /* TAR_CHAR, TAR_BLOCK */
	const struct tar_xattr *xattrs;
	size_t n_xattrs;
	uint64_t pos;	   /* of its first header in the (uncompressed) stream */
	uint64_t data_pos; /* of its data, meaningful for a plain, not sparse file */
	bool sparse;
};

/* ---- reading --------------------------------------------------------------------------- */

struct tar_reader;

/*
 * Opens a plain tar in range (seeks over data that is not asked for). Nothing but tar:
 * -EBADMSG otherwise. A range of zeros or of no bytes is an archive without entries.
 */
int tar_open(const struct range *range, struct tar_reader **reader) MUST_CHECK;
/* 1 with the next entry (valid until the next call), 0 at the end, -EBADMSG when broken. */
int tar_next(struct tar_reader *reader, struct tar_entry *entry) MUST_CHECK;
/* Data of the current TAR_FILE, holes as zeros: bytes read, 0 at its end. */
ssize_t tar_read(struct tar_reader *reader, void *buf, size_t size) MUST_CHECK;
/* Why the last call failed, in libarchive's words. */
const char *tar_reason(const struct tar_reader *reader);
void tar_close(struct tar_reader *reader);
static inline void tar_closep(struct tar_reader **r)
{
	if (*r)
		tar_close(*r);
}

/* ---- decompressing --------------------------------------------------------------------- */

enum tar_filter {
	TAR_PLAIN,
	TAR_GZIP,
	TAR_ZSTD,
	TAR_XZ,
	TAR_BZIP2
};

/* By the first bytes, never by name. 0 with the filter, or -errno of the read. */
int tar_filter_of(const struct range *range, enum tar_filter *filter) MUST_CHECK;
/*
 * Decompresses range into sink, piece by piece; sink returns 0 or -errno, which stops it.
 * Padding behind the archive is handed on too (a diff ID covers it). At most max bytes:
 * -EFBIG above. -E2BIG when decoding needs more memory than LIMIT_DECODER_MEMORY. -EBADMSG when
 * the data is broken. range->fd < 0 is not allowed; for a pipe
 * use len UINT64_MAX: it is read(2) to its end.
 */
int tar_decompress(const struct range *range, uint64_t max,
		   int (*sink)(void *arg, const void *data, size_t len), void *arg) MUST_CHECK;

/* ---- writing --------------------------------------------------------------------------- */

struct tar_writer;

/*
 * Writes pax (restricted) with SCHILY xattrs and raw names to a sink. No atime, ctime, user
 * names; seconds only; the end is two zero blocks, no more. Same entries, same bytes.
 */
int tar_writer_new(int (*sink)(void *arg, const void *data, size_t len), void *arg,
		   struct tar_writer **writer) MUST_CHECK;
/* For a TAR_FILE exactly entry->size bytes must follow by tar_write. */
int tar_put(struct tar_writer *writer, const struct tar_entry *entry) MUST_CHECK;
int tar_write(struct tar_writer *writer, const void *data, size_t len) MUST_CHECK;
/* Ends the archive and frees the writer, also on failure. */
int tar_writer_finish(struct tar_writer *writer) MUST_CHECK;
/* Frees the writer without ending the archive. */
void tar_writer_abort(struct tar_writer *writer);

/*
 * One ustar header (mode 0644 or 0755, root, mtime 0) of an archive whose file bodies are
 * copied beside libarchive: path shorter than 100 bytes; size bytes and padding to TAR_RECORD
 * must follow it.
 */
#define TAR_RECORD 512
void tar_plain_header(const char *path, bool is_dir, uint64_t size, char header[TAR_RECORD]);
