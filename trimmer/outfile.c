// SPDX-License-Identifier: Apache-2.0
/*
 * outfile.c - a file without a name, or under a temporary one; then rename
 *
 * In: a path. Out: an fd to write to, later the file. Where the file system knows O_TMPFILE there
 * is nothing to leave behind, however the program ends: the name is made at commit. Elsewhere a
 * signal may leave a file that ends with a random part and ".tmp".
 */
#include "outfile.h"
#include "diag.h"
#include "spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

static char *temporary_name(const char *path)
{
	uint64_t random = 0;

	if (getrandom(&random, sizeof(random), 0) < 0)
		random = (uint64_t)getpid();
	return xasprintf("%s.%016llx.tmp", path, (unsigned long long)random);
}

static int open_nameless(const char *path)
{
	const char *slash = strrchr(path, '/');
	cleanup_free char *dir =
		slash ? xmemdup(path, (size_t)(slash - path) + 2) : xstrdup(".");

	if (slash)
		dir[slash - path + 1] = '\0';
	return spool_open_nameless(dir, 0644);
}

int outfile_open(struct outfile *out, const char *path)
{
	struct stat st;
	int r = 0;

	*out = (struct outfile) { .fd = -1 };
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return diag_fail(-EISDIR, "%s", path);
	out->path = xstrdup(path);
	out->fd = open_nameless(path);
	if (out->fd >= 0)
		return 0;
	out->temporary = temporary_name(path);
	out->fd = open(out->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (out->fd < 0) {
		r = diag_fail(-errno, "%s cannot be written", path);
		free(steal_ptr(out->temporary));
		outfile_fini(out);
	}
	return r;
}

int outfile_room(const struct outfile *out, uint64_t bytes)
{
	return spool_check(out->fd, out->path, bytes);
}

/* rename() needs a name to rename: linkat() would not replace what is there. */
static int give_name(struct outfile *out)
{
	char link[64];

	if (out->temporary)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", out->fd);
	out->temporary = temporary_name(out->path);
	if (linkat(AT_FDCWD, link, AT_FDCWD, out->temporary, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	free(steal_ptr(out->temporary));
	return -errno;
}

int outfile_commit(struct outfile *out)
{
	int r = give_name(out);
	int fd = steal_fd(&out->fd);

	/* close() tells of a write that a network file system could not do. */
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(out->temporary, out->path) < 0)
		r = -errno;
	if (r < 0)
		return diag_fail(r, "%s cannot be written", out->path);
	free(steal_ptr(out->temporary));
	return 0;
}

void outfile_fini(struct outfile *out)
{
	if (out->fd >= 0)
		close(out->fd);
	if (out->temporary)
		unlink(out->temporary);
	free(out->temporary);
	free(out->path);
	*out = (struct outfile) { .fd = -1 };
}
