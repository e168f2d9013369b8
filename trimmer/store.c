// SPDX-License-Identifier: Apache-2.0
/*
 * store.c - where the named blobs of an archive or a layout lie
 *
 * In: a tar or a directory. Out: ranges. Never writes, never follows a link of an archive to
 * anything but another entry of that archive.
 *
 * Engines differ in which of two entries of one name counts (formats.md 1.3), so two that
 * differ in content are refused.
 */
#include "store.h"
#include "diag.h"
#include "limit.h"
#include "path.h"
#include "pathset.h"
#include "spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

struct store_entry {
	struct range range;
	char *link; /* cleaned name of another entry, or NULL */
	bool is_file;
};

struct store {
	char *name;
	int dir; /* of a layout, else -1 */
	struct pathset *names;
	struct store_entry *entries; /* by the name's number */
	size_t entries_cap;
	int *fds;
	size_t n_fds, fds_cap;
	int spool; /* that known is about, or -1 */
	struct follow_digests known;
};

static struct store *store_new(const char *name)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->name = xstrdup(name);
	s->dir = s->spool = -1;
	s->names = pathset_new();
	if (!s->names)
		abort();
	return s;
}

void store_free(struct store *s)
{
	for (size_t i = 0; i < pathset_count(s->names); i++)
		free(s->entries[i].link);
	for (size_t i = 0; i < s->n_fds; i++)
		close(s->fds[i]);
	if (s->dir >= 0)
		close(s->dir);
	follow_digests_fini(&s->known);
	pathset_free(s->names);
	free(s->entries);
	free(s->fds);
	free(s->name);
	free(s);
}

const struct digest_text *store_digest(const struct store *s, const struct range *blob)
{
	return blob->fd == s->spool ? follow_digests_find(&s->known, blob->off, blob->len)
				    : NULL;
}

void store_keep_fd(struct store *s, int fd)
{
	xgrow(&s->fds, &s->fds_cap, s->n_fds, sizeof(*s->fds));
	s->fds[s->n_fds++] = fd;
}

/* ---- the index of an archive ---------------------------------------------------------------- */

static int bad_entry(const struct store *s, const char *path, const char *why)
{
	char name[512];

	path_escape(name, sizeof(name), path, strlen(path));
	diag_error("%s: entry '%s' of the archive: %s", s->name, name, why);
	return -EBADMSG;
}

/* Cleaned copy of a name; NULL if it is absolute, empty or has a "..". */
static char *clean_name(const char *path)
{
	char *clean = xmalloc(strlen(path) + 1);
	const char *rest = path;
	struct span c;
	size_t n = 0;

	while (*path != '/' && (c = path_next(&rest)).len) {
		if (c.len == 2 && memcmp(c.data, "..", 2) == 0) {
			n = 0;
			break;
		}
		if (n)
			clean[n++] = '/';
		memcpy(clean + n, c.data, c.len);
		n += c.len;
	}
	clean[n] = '\0';
	if (!n)
		free(steal_ptr(clean));
	return clean;
}

/* Cuts the last component off the n bytes of path. */
static size_t cut_last(const char *path, size_t n)
{
	while (n > 0 && path[n - 1] != '/')
		n--;
	return n > 0 ? n - 1 : 0;
}

/* The entry a symbolic link at path means; NULL if it leads out of the archive. */
static char *link_target(const char *path, const char *link)
{
	char *out = xmalloc(strlen(path) + strlen(link) + 2);
	size_t n = cut_last(path, strlen(path));
	bool inside = *link != '/';
	struct span c;

	memcpy(out, path, n);
	while (inside && (c = path_next(&link)).len) {
		if (c.len == 2 && memcmp(c.data, "..", 2) == 0) {
			inside = n > 0;
			n = cut_last(out, n);
			continue;
		}
		if (n)
			out[n++] = '/';
		memcpy(out + n, c.data, c.len);
		n += c.len;
	}
	out[n] = '\0';
	if (!n || !inside)
		free(steal_ptr(out));
	return out;
}

static bool same_bytes(const struct range *a, const struct range *b)
{
	char x[4096], y[4096];

	if (a->len != b->len)
		return false;
	for (uint64_t off = 0; off < a->len; off += sizeof(x)) {
		size_t n = (size_t)MIN((uint64_t)sizeof(x), a->len - off);

		if (pread_all(a->fd, x, n, a->off + off) < 0 ||
		    pread_all(b->fd, y, n, b->off + off) < 0 || memcmp(x, y, n) != 0)
			return false;
	}
	return true;
}

static bool same_entry(const struct store_entry *a, const struct store_entry *b)
{
	if (a->is_file != b->is_file || !a->link != !b->link)
		return false;
	if (a->link)
		return strcmp(a->link, b->link) == 0;
	return !a->is_file || same_bytes(&a->range, &b->range);
}

static int add_entry(struct store *s, const char *name, const char *path,
		     struct store_entry *entry)
{
	bool fresh;
	int64_t n = pathset_add(s->names, name, strlen(name), &fresh);

	if (n < 0)
		return (int)n;
	if (!fresh && !same_entry(&s->entries[n], entry))
		return bad_entry(s, path, "it occurs twice with different contents");
	if (!fresh) {
		free(entry->link);
		return 0;
	}
	/* The name is in the set, so store_free() will look at it whatever comes. */
	xgrow(&s->entries, &s->entries_cap, (size_t)n, sizeof(*s->entries));
	s->entries[n] = *entry;
	if ((uint64_t)n < limit_get(LIMIT_ARCHIVE_ENTRIES))
		return 0;
	entry->link = NULL;
	diag_error("%s: more than %llu entries in the archive" LIMIT_HINT, s->name,
		   (unsigned long long)limit_get(LIMIT_ARCHIVE_ENTRIES),
		   limit_name(LIMIT_ARCHIVE_ENTRIES));
	return -EBADMSG;
}

static int take_entry(struct store *s, const struct range *archive, const struct tar_entry *e)
{
	cleanup_free char *name = clean_name(e->path);
	struct store_entry entry = { .is_file = e->type == TAR_FILE };
	int r;

	if (!name && e->type == TAR_DIR && (!strcmp(e->path, "./") || !strcmp(e->path, ".")))
		return 0;
	if (!name)
		return bad_entry(s, e->path, "its name could lead out of the archive");
	if (e->type == TAR_HARDLINK)
		entry.link = clean_name(e->link);
	else if (e->type == TAR_SYMLINK)
		entry.link = link_target(name, e->link);
	if ((e->type == TAR_HARDLINK || e->type == TAR_SYMLINK) && !entry.link)
		return bad_entry(s, e->path, "it is a link that leads out of the archive");
	if (entry.is_file) {
		if (e->sparse)
			return bad_entry(s, e->path, "it is stored sparsely; write it plainly");
		entry.range =
			(struct range) { archive->fd, archive->off + e->data_pos, e->size };
		if (e->data_pos > archive->len || e->size > archive->len - e->data_pos)
			return bad_entry(s, e->path, "it ends behind the archive's end");
	}
	r = add_entry(s, name, e->path, &entry);
	if (r < 0)
		free(entry.link);
	return r;
}

static int read_index(struct store *s, const struct range *archive)
{
	struct tar_reader *tar CLEANUP(tar_closep) = NULL;
	struct tar_entry e;
	int r = tar_open(archive, &tar);

	if (r == -EBADMSG) {
		diag_error("%s: no tar archive", s->name);
		return r;
	}
	if (r < 0)
		return diag_fail(r, "%s", s->name);
	while ((r = tar_next(tar, &e)) > 0) {
		r = take_entry(s, archive, &e);
		if (r < 0)
			return r;
	}
	if (r < 0)
		diag_error("%s: the archive is broken: %s", s->name, tar_reason(tar));
	return r;
}

/* Brings what cannot be read by position, or is compressed, into an unlinked file. */
static int spool_archive(struct store *s, const struct range *from, struct range *to)
{
	uint64_t at_least = from->len == UINT64_MAX ? 0 : from->len;
	struct spool_sink sink = { .fd = spool_open(at_least) };
	struct follower *follower;
	int r;

	if (sink.fd < 0)
		return sink.fd;
	follower = follow_begin(sink.fd);
	r = tar_decompress(from, limit_get(LIMIT_ARCHIVE_SIZE), spool_write, &sink);
	follow_end(follower, r == 0, &s->known);
	s->spool = sink.fd;
	if (r < 0) {
		close(sink.fd);
		if (r == -EFBIG)
			return limit_exceeded(s->name, LIMIT_ARCHIVE_SIZE);
		if (r == -E2BIG)
			return limit_memory(s->name);
		if (r == -ENOSPC)
			return spool_full(s->name);
		if (r != -EBADMSG)
			return diag_fail(r, "%s cannot be read", s->name);
		diag_error("%s: the compressed archive is broken", s->name);
		return r;
	}
	*to = (struct range) { sink.fd, 0, sink.len };
	return 0;
}

static int locate(struct store *s, int fd, struct range *archive)
{
	struct range pipe = { fd, 0, UINT64_MAX };
	enum tar_filter filter;
	struct stat st;
	off_t at = lseek(fd, 0, SEEK_CUR);
	int r;

	if (fstat(fd, &st) < 0)
		return diag_fail(-errno, "%s", s->name);
	if (S_ISDIR(st.st_mode))
		return diag_fail(-EISDIR, "%s", s->name);
	if (!S_ISREG(st.st_mode) || at < 0)
		return spool_archive(s, &pipe, archive);
	*archive = (struct range) { fd, (uint64_t)at,
				    (uint64_t)(st.st_size - MIN(at, st.st_size)) };
	r = tar_filter_of(archive, &filter);
	if (r < 0)
		return diag_fail(r, "%s cannot be read", s->name);
	return filter == TAR_PLAIN ? 0 : spool_archive(s, archive, archive);
}

int store_open_archive(int fd, const char *name, struct follow_digests *known,
		       struct store **store)
{
	struct store *s CLEANUP(store_freep) = store_new(name);
	struct range archive;
	int r;

	store_keep_fd(s, fd);
	if (known) {
		s->spool = fd;
		s->known = *known;
	}
	r = locate(s, fd, &archive);
	if (r < 0)
		return r;
	if (archive.fd != fd)
		store_keep_fd(s, archive.fd);
	if (!archive.len) {
		diag_error("%s is empty", name);
		return -EBADMSG;
	}
	r = read_index(s, &archive);
	if (r == 0)
		*store = steal_ptr(s);
	return r;
}

/* ---- a directory --------------------------------------------------------------------------- */

int store_open_dir(const char *host_path, struct store **store)
{
	struct store *s CLEANUP(store_freep) = store_new(host_path);

	s->dir = open(host_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return diag_fail(-errno, "%s", host_path);
	*store = steal_ptr(s);
	return 0;
}

/* O_NONBLOCK: a FIFO in the place of a blob must not stop us. */
static int find_in_dir(struct store *s, const char *name, struct range *range)
{
	cleanup_free char *clean = clean_name(name);
	struct stat st;
	bool fresh;
	int64_t n;
	int fd;

	if (!clean)
		return -EBADMSG;
	fd = openat(s->dir, clean, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EBADMSG;
	}
	store_keep_fd(s, fd);
	n = pathset_add(s->names, clean, strlen(clean), &fresh);
	if (n < 0)
		abort();
	xgrow(&s->entries, &s->entries_cap, (size_t)n, sizeof(*s->entries));
	*range = (struct range) { fd, 0, (uint64_t)st.st_size };
	s->entries[n] = (struct store_entry) { *range, NULL, true };
	return 0;
}

int store_find(struct store *s, const char *name, struct range *range)
{
	cleanup_free char *clean = clean_name(name);
	int64_t n = clean ? pathset_find(s->names, clean, strlen(clean)) : -ENOENT;

	if (n < 0)
		return s->dir >= 0 ? find_in_dir(s, name, range) : -ENOENT;
	if (s->entries[n].link) {
		const char *target = s->entries[n].link;

		n = pathset_find(s->names, target, strlen(target));
		if (n < 0)
			return -ENOENT;
		if (s->entries[n].link)
			return -ELOOP;
	}
	if (!s->entries[n].is_file)
		return -EBADMSG;
	*range = s->entries[n].range;
	return 0;
}
