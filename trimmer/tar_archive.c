// SPDX-License-Identifier: Apache-2.0
/*
 * tar_archive.c - entries and data of a plain tar, by libarchive's tar reader
 *
 * In: hostile bytes in a range. Out: entries with every field within its bounds. Never any
 * other format, never a filter: what is compressed goes through tar_filter.c first.
 *
 * Names are raw bytes. In the C locale (the program sets no other) libarchive cannot convert
 * names of pax headers and warns, but leaves the bytes as they are; so such warnings are fine.
 */
#include "tar_archive.h"
#include "limit.h"
#include "path.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <sys/stat.h>

#define BLOCK	  (64u << 10)
#define XATTR_MAX (64u << 10) /* XATTR_SIZE_MAX of Linux */

struct tar_archive {
	struct archive *archive;
	struct range range;
	uint64_t pos;	    /* next byte of the range to be given to libarchive */
	size_t primed;	    /* bytes of buf read by tar_archive_open() and not given yet */
	uint64_t left;	    /* data of the current entry that was not read yet */
	bool sparse;	    /* the current entry is */
	int err;	    /* -errno of a failed read, 0 if none */
	const char *reason; /* our own, or NULL: libarchive's */
	struct tar_xattr *xattrs;
	size_t xattrs_cap;
	char buf[BLOCK];
};

static la_ssize_t fill(struct archive *a, void *ctx, const void **data)
{
	struct tar_archive *r = ctx;
	size_t want = (size_t)MIN((uint64_t)BLOCK, r->range.len - r->pos);
	size_t got = r->primed;

	r->primed = 0;
	if (!got && want) {
		r->err = pread_all(r->range.fd, r->buf, want, r->range.off + r->pos);
		if (r->err < 0) {
			archive_set_error(a, -r->err, "%s", strerror(-r->err));
			return -1;
		}
		got = want;
	}
	r->pos += got;
	*data = r->buf;
	return (la_ssize_t)got;
}

static la_int64_t skip(struct archive *a UNUSED, void *ctx, la_int64_t n)
{
	struct tar_archive *r = ctx;
	uint64_t step = MIN((uint64_t)n, r->range.len - r->pos);

	if (r->primed)
		return 0;
	r->pos += step;
	return (la_int64_t)step;
}

/* The checksum of a tar header, over bytes of either sign (old writers differ). */
static bool is_header(const char *block)
{
	long sum = 0, sum_signed = 0;
	char *end;
	char digits[9] = { 0 };
	long want;

	for (int i = 0; i < 512; i++) {
		bool blank = i >= 148 && i < 156;

		sum += blank ? ' ' : (unsigned char)block[i];
		sum_signed += blank ? ' ' : (signed char)block[i];
	}
	memcpy(digits, block + 148, 8);
	want = strtol(digits, &end, 8);
	return end != digits && (want == sum || want == sum_signed);
}

static bool is_zeros(const char *block, size_t len)
{
	return len == 0 || (block[0] == 0 && memcmp(block, block + 1, len - 1) == 0);
}

/* Reads the first block, so that what is no tar is told apart here and not later. */
static int prime(struct tar_archive *r)
{
	size_t want = (size_t)MIN((uint64_t)BLOCK, r->range.len);
	int err = pread_all(r->range.fd, r->buf, want, r->range.off);

	if (err < 0)
		return err;
	r->primed = want;
	if (is_zeros(r->buf, MIN(want, 512u)))
		return 0;
	return want >= 512 && is_header(r->buf) ? 0 : -EBADMSG;
}

int tar_archive_open(const struct range *range, struct tar_archive **ret)
{
	struct tar_archive *r = xmalloc(sizeof(*r));
	int err;

	memset(r, 0, offsetof(struct tar_archive, buf));
	r->range = *range;
	err = prime(r);
	if (err < 0) {
		free(r);
		return err;
	}
	r->archive = archive_read_new();
	if (!r->archive)
		abort();
	archive_read_support_format_tar(r->archive);
	archive_read_support_format_empty(r->archive);
	archive_read_set_read_callback(r->archive, fill);
	archive_read_set_skip_callback(r->archive, skip);
	archive_read_set_callback_data(r->archive, r);
	if (archive_read_open1(r->archive) != ARCHIVE_OK) {
		tar_archive_close(r);
		return -EBADMSG;
	}
	*ret = r;
	return 0;
}

void tar_archive_close(struct tar_archive *r)
{
	archive_read_free(r->archive);
	free(r->xattrs);
	free(r);
}

const char *tar_archive_reason(const struct tar_archive *r)
{
	const char *words = r->reason ? r->reason : archive_error_string(r->archive);

	return words ? words : "unknown reason";
}

static int refuse(struct tar_archive *r, const char *reason)
{
	r->reason = reason;
	return -EBADMSG;
}

static const struct {
	unsigned int mode;
	enum tar_type type;
} types[] = {
	{ AE_IFREG, TAR_FILE }, { AE_IFDIR, TAR_DIR },	 { AE_IFLNK, TAR_SYMLINK },
	{ AE_IFCHR, TAR_CHAR }, { AE_IFBLK, TAR_BLOCK }, { AE_IFIFO, TAR_FIFO },
};

static int take_type(struct tar_archive *r, struct archive_entry *from, struct tar_entry *e)
{
	e->link = archive_entry_hardlink(from);
	if (e->link) {
		e->type = TAR_HARDLINK;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (archive_entry_filetype(from) != types[i].mode)
			continue;
		e->type = types[i].type;
		if (e->type == TAR_SYMLINK)
			e->link = archive_entry_symlink(from);
		if (e->type == TAR_SYMLINK && (!e->link || !*e->link))
			return refuse(r, "a symbolic link without a target");
		return 0;
	}
	return refuse(r, "an entry of a type that no layer can hold");
}

/* A later record of the same name counts, as in all pax readers. */
static void add_xattr(struct tar_archive *r, size_t *n, const struct tar_xattr *x)
{
	for (size_t i = 0; i < *n; i++) {
		if (strcmp(r->xattrs[i].name, x->name) == 0) {
			r->xattrs[i] = *x;
			return;
		}
	}
	xgrow(&r->xattrs, &r->xattrs_cap, *n, sizeof(*r->xattrs));
	r->xattrs[(*n)++] = *x;
}

static int take_xattrs(struct tar_archive *r, struct archive_entry *from, struct tar_entry *e)
{
	struct tar_xattr x;
	size_t n = 0;

	archive_entry_xattr_reset(from);
	while (archive_entry_xattr_next(from, &x.name, &x.value, &x.len) == ARCHIVE_OK) {
		if (!x.name || strlen(x.name) > PATH_NAME_MAX || x.len > XATTR_MAX)
			return refuse(r, "an extended attribute that is too long");
		add_xattr(r, &n, &x);
	}
	e->xattrs = r->xattrs;
	e->n_xattrs = n;
	return 0;
}

static int take_numbers(struct tar_archive *r, struct archive_entry *from, struct tar_entry *e)
{
	int64_t uid = archive_entry_uid(from), gid = archive_entry_gid(from);
	int64_t size = archive_entry_size(from);

	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return refuse(r, "an owner that no system can have");
	if (size < 0)
		return refuse(r, "a negative size");
	e->uid = (uint32_t)uid;
	e->gid = (uint32_t)gid;
	e->size = e->type == TAR_FILE ? (uint64_t)size : 0;
	e->mode = archive_entry_perm(from) & 07777;
	e->mtime = archive_entry_mtime(from);
	if (e->type == TAR_CHAR || e->type == TAR_BLOCK) {
		e->major = (uint32_t)archive_entry_rdevmajor(from);
		e->minor = (uint32_t)archive_entry_rdevminor(from);
	}
	e->pos = (uint64_t)archive_read_header_position(r->archive);
	e->data_pos = (uint64_t)archive_filter_bytes(r->archive, 0);
	e->sparse = archive_entry_sparse_count(from) > 0;
	if (e->sparse && (uint64_t)size > limit_get(LIMIT_SPARSE_SIZE))
		return refuse(r,
			      "a sparse file that is too large; --limit sparse-size=N allows "
			      "more");
	r->left = e->size;
	r->sparse = e->sparse;
	return 0;
}

static int take(struct tar_archive *r, struct archive_entry *from, struct tar_entry *entry)
{
	struct tar_entry e = { .path = archive_entry_pathname(from) };
	int err;

	if (!e.path || !*e.path)
		return refuse(r, "an entry without a name");
	if (strlen(e.path) > PATH_ABS_MAX)
		return refuse(r, "a name that is too long");
	err = take_type(r, from, &e);
	if (err == 0 && e.link && strlen(e.link) > PATH_ABS_MAX)
		err = refuse(r, "a link target that is too long");
	if (err == 0)
		err = take_numbers(r, from, &e);
	if (err == 0)
		err = take_xattrs(r, from, &e);
	if (err < 0)
		return err;
	*entry = e;
	return 1;
}

/* A warning that means bytes were passed over: another reader may see another entry. */
static bool is_malformed(struct archive *a)
{
	const char *words = archive_error_string(a);

	return words && (strstr(words, "alformed pax") || strstr(words, "nvalid pax"));
}

int tar_archive_next(struct tar_archive *r, struct tar_entry *entry)
{
	struct archive_entry *from;
	int status = archive_read_next_header(r->archive, &from);

	r->reason = NULL;
	if (status == ARCHIVE_EOF)
		return 0;
	if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
		return r->err < 0 ? r->err : -EBADMSG;
	if (status == ARCHIVE_WARN && is_malformed(r->archive))
		return -EBADMSG;
	return take(r, from, entry);
}

ssize_t tar_archive_read(struct tar_archive *r, void *buf, size_t size)
{
	la_ssize_t n;

	size = (size_t)MIN((uint64_t)size, r->left);
	n = archive_read_data(r->archive, buf, size);
	if (n < 0)
		return r->err < 0 ? r->err : -EBADMSG;
	if (n == 0 && size) {
		/* libarchive ends before a hole at the end when there is no data at all. */
		if (!r->sparse)
			return refuse(r, "data that ends early");
		memset(buf, 0, size);
		n = (la_ssize_t)size;
	}
	r->left -= (uint64_t)n;
	return n;
}
