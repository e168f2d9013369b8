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

static const char *spool_dir(void)
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

int spool_open(uint64_t want)
{
	const char *dir = spool_dir();
	struct statvfs fs;
	int fd = open_unlinked(dir);

	if (fd < 0)
		return diag_fail(fd, "%s: no temporary file can be made; set TMPDIR", dir);
	if (want && fstatvfs(fd, &fs) == 0 &&
	    want / MAX(fs.f_frsize, 1UL) >= (uint64_t)fs.f_bavail) {
		close(fd);
		return diag_fail(-ENOSPC, "%s: %llu bytes are needed; set TMPDIR", dir,
				 (unsigned long long)want);
	}
	return fd;
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
