// SPDX-License-Identifier: Apache-2.0
/*
 * spool.c - unlinked temporary files, and a sink that fills one
 *
 * In: bytes. Out: a file without a name. Never leaves a name behind: O_TMPFILE where the file
 * system knows it, else a name that lives for two system calls.
 */
#include "spool.h"
#include "diag.h"
#include "digest.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

const char *spool_dir(void)
{
	const char *dir = getenv("TMPDIR");

	if (dir && *dir)
		return dir;
	return access("/var/tmp", W_OK | X_OK) == 0 ? "/var/tmp" : "/tmp";
}

int spool_open_nameless(const char *dir, mode_t mode)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);

	if (fd >= 0)
		return fd;
	if (errno == EISDIR || errno == ENOENT || errno == EINVAL)
		return -EOPNOTSUPP;
	return -errno;
}

static int open_unlinked(const char *dir)
{
	cleanup_free char *name = NULL;
	int fd = spool_open_nameless(dir, 0600);

	if (fd != -EOPNOTSUPP)
		return fd;
	name = xasprintf("%s/imagetrim-XXXXXX", dir);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(name);
	return fd;
}

int spool_fits(int fd, uint64_t bytes, uint64_t *free_bytes)
{
	struct statvfs fs;
	uint64_t blocks;

	*free_bytes = UINT64_MAX;
	if (fstatvfs(fd, &fs) < 0)
		return 0; /* then writing will tell */
	blocks = geteuid() == 0 ? fs.f_bfree : fs.f_bavail;
	if (!__builtin_mul_overflow(blocks, (uint64_t)fs.f_frsize, free_bytes) &&
	    bytes > *free_bytes)
		return -ENOSPC;
	return 0;
}

int spool_check(int fd, const char *name, uint64_t bytes)
{
	uint64_t has;
	int r = spool_fits(fd, bytes, &has);

	if (r == 0)
		return 0;
	return diag_fail(r, "%s: %llu bytes are needed, %llu are free", name,
			 (unsigned long long)bytes, (unsigned long long)has);
}

/* Whether it fits in dir, of whose file system fd is a file. */
static int check_room(int fd, const char *dir, uint64_t bytes)
{
	uint64_t has;
	int r = spool_fits(fd, bytes, &has);

	if (r == 0)
		return 0;
	return diag_fail(r,
			 "%s: a temporary file of %llu bytes is needed, %llu are free; set "
			 "TMPDIR",
			 dir, (unsigned long long)bytes, (unsigned long long)has);
}

int spool_open(uint64_t want)
{
	const char *dir = spool_dir();
	cleanup_fd int fd = open_unlinked(dir);
	int r;

	if (fd < 0)
		return diag_fail(fd, "%s: no temporary file can be made; set TMPDIR", dir);
	r = check_room(fd, dir, want);
	return r < 0 ? r : steal_fd(&fd);
}

int spool_grows(int fd, uint64_t to)
{
	struct stat st;
	uint64_t has = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;

	return to > has ? check_room(fd, spool_dir(), to - has) : 0;
}

int spool_room(uint64_t bytes)
{
	cleanup_fd int fd = spool_open(bytes);

	return MIN(fd, 0);
}

int spool_full(const char *what)
{
	return diag_fail(-ENOSPC, "%s: %s has no space for a copy of it; set TMPDIR", what,
			 spool_dir());
}

int spool_write(void *arg, const void *data, size_t len)
{
	struct spool_sink *sink = arg;
	int r = write_all(sink->fd, data, len);

	if (r < 0)
		return r;
	if (sink->digest)
		digest_update(sink->digest, data, len);
	sink->len += len;
	return 0;
}
