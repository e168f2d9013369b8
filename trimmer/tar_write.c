// SPDX-License-Identifier: Apache-2.0
/*
 * tar_write.c - entries to a tar, by libarchive's writer of restricted pax
 *
 * In: entries and data. Out: bytes that depend on them alone. Never a time, an owner's name or
 * anything else of this machine.
 *
 * SCHILY is the only spelling of xattrs that engines read. In the C locale, which we never
 * leave, names are bytes: one beyond ASCII gets a record hdrcharset=BINARY and ARCHIVE_WARN,
 * which is no failure. (The option hdrcharset=BINARY would put that record before every
 * entry, and GNU tar complains about each.)
 */
#include "tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <sys/stat.h>

/*
 * What is small is gathered, what is large handed on as it is: a file system takes a page in 256 kB
 * in 0.7 of the time of one in 64 kB.
 */
#define GATHERED (256u << 10)
#define LARGE	 (128u << 10)

struct tar_writer {
	struct archive *archive;
	struct archive_entry *entry; /* used again and again */
	int (*sink)(void *arg, const void *data, size_t len);
	void *arg;
	int err; /* of the sink */
	size_t n_gathered;
	char gathered[GATHERED];
};

static void hand_on(struct tar_writer *w, const void *data, size_t len)
{
	if (w->err == 0 && len)
		w->err = w->sink(w->arg, data, len);
}

static void hand_on_gathered(struct tar_writer *w)
{
	hand_on(w, w->gathered, w->n_gathered);
	w->n_gathered = 0;
}

/* Never fails: w->err remembers. */
static la_ssize_t drain(struct archive *a UNUSED, void *ctx, const void *data, size_t len)
{
	struct tar_writer *w = ctx;

	if (len >= LARGE || len > GATHERED - w->n_gathered)
		hand_on_gathered(w);
	if (len >= LARGE) {
		hand_on(w, data, len);
	} else {
		memcpy(w->gathered + w->n_gathered, data, len);
		w->n_gathered += len;
	}
	return (la_ssize_t)len;
}

static int result(const struct tar_writer *w, int status)
{
	if (w->err < 0)
		return w->err;
	return status == ARCHIVE_OK || status == ARCHIVE_WARN ? 0 : -EINVAL;
}

int tar_writer_new(int (*sink)(void *arg, const void *data, size_t len), void *arg,
		   struct tar_writer **writer)
{
	struct tar_writer *w = xmalloc(sizeof(*w));
	struct archive *a = archive_write_new();
	int status;

	memset(w, 0, offsetof(struct tar_writer, gathered));
	w->archive = a;
	w->entry = archive_entry_new();
	w->sink = sink;
	w->arg = arg;
	if (!a || !w->entry)
		abort();
	status = archive_write_set_format_pax_restricted(a);
	if (status == ARCHIVE_OK)
		status = archive_write_set_options(a, "xattrheader=SCHILY");
	if (status == ARCHIVE_OK)
		status = archive_write_set_bytes_per_block(a, 0);
	if (status == ARCHIVE_OK)
		status = archive_write_set_bytes_in_last_block(a, 1);
	if (status == ARCHIVE_OK)
		status = archive_write_open(a, w, NULL, drain, NULL);
	if (status != ARCHIVE_OK) {
		tar_writer_abort(w);
		return -EINVAL;
	}
	*writer = w;
	return 0;
}

static const unsigned int file_types[] = {
	[TAR_FILE] = AE_IFREG,	  [TAR_HARDLINK] = AE_IFREG, [TAR_DIR] = AE_IFDIR,
	[TAR_SYMLINK] = AE_IFLNK, [TAR_CHAR] = AE_IFCHR,     [TAR_BLOCK] = AE_IFBLK,
	[TAR_FIFO] = AE_IFIFO,
};

static void fill(struct archive_entry *to, const struct tar_entry *e)
{
	archive_entry_clear(to);
	archive_entry_set_pathname(to, e->path);
	archive_entry_set_filetype(to, file_types[e->type]);
	archive_entry_set_perm(to, e->mode & 07777);
	archive_entry_set_uid(to, e->uid);
	archive_entry_set_gid(to, e->gid);
	archive_entry_set_mtime(to, e->mtime, 0);
	archive_entry_set_size(to, e->type == TAR_FILE ? (int64_t)e->size : 0);
	if (e->type == TAR_HARDLINK)
		archive_entry_set_hardlink(to, e->link);
	if (e->type == TAR_SYMLINK)
		archive_entry_set_symlink(to, e->link);
	if (e->type == TAR_CHAR || e->type == TAR_BLOCK) {
		archive_entry_set_rdevmajor(to, e->major);
		archive_entry_set_rdevminor(to, e->minor);
	}
	for (size_t i = 0; i < e->n_xattrs; i++)
		archive_entry_xattr_add_entry(to, e->xattrs[i].name, e->xattrs[i].value,
					      e->xattrs[i].len);
}

int tar_put(struct tar_writer *w, const struct tar_entry *entry)
{
	fill(w->entry, entry);
	return result(w, archive_write_header(w->archive, w->entry));
}

int tar_write(struct tar_writer *w, const void *data, size_t len)
{
	la_ssize_t n = archive_write_data(w->archive, data, len);

	return result(w, n >= 0 && (size_t)n == len ? ARCHIVE_OK : ARCHIVE_FATAL);
}

int tar_writer_finish(struct tar_writer *w)
{
	int status = archive_write_close(w->archive), r;

	hand_on_gathered(w);
	r = result(w, status);
	tar_writer_abort(w);
	return r;
}

void tar_writer_abort(struct tar_writer *w)
{
	if (w->err == 0)
		w->err = -ECANCELED; /* what is still buffered goes nowhere */
	archive_write_free(w->archive);
	archive_entry_free(w->entry);
	free(w);
}

/* ---- headers without libarchive ------------------------------------------------------------ */

/* Octal with a NUL where it fits, else base 256 as GNU and Go write it. */
static void put_number(char *field, size_t size, uint64_t n)
{
	if (n >> (3 * (size - 1)) == 0) {
		snprintf(field, size, "%0*llo", (int)size - 1, (unsigned long long)n);
		return;
	}
	for (size_t i = size; i-- > 1; n >>= 8)
		field[i] = (char)(n & 0xff);
	field[0] = (char)0x80;
}

void tar_plain_header(const char *path, bool is_dir, uint64_t size, char header[TAR_RECORD])
{
	unsigned int sum = 0;

	memset(header, 0, TAR_RECORD);
	strncpy(header, path, 99);
	put_number(header + 100, 8, is_dir ? 0755 : 0644);
	put_number(header + 108, 8, 0);
	put_number(header + 116, 8, 0);
	put_number(header + 124, 12, size);
	put_number(header + 136, 12, 0);
	header[156] = is_dir ? '5' : '0';
	memcpy(header + 257, "ustar\00000", 8);
	memset(header + 148, ' ', 8);
	for (int i = 0; i < TAR_RECORD; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
}
