// SPDX-License-Identifier: Apache-2.0
/*
 * outfile.c - temporary name, then rename
 *
 * In: a path. Out: an fd to write to, later the file. Never leaves a temporary file behind but
 * after a kill -9 (it then ends with ".tmp" and a random part).
 */
#include "outfile.h"
#include "diag.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

int outfile_open(struct outfile *out, const char *path)
{
	struct stat st;
	uint64_t random = 0;

	*out = (struct outfile) { .fd = -1 };
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return diag_fail(-EISDIR, "%s", path);
	if (getrandom(&random, sizeof(random), 0) < 0)
		random = (uint64_t)getpid();
	out->path = xstrdup(path);
	out->temporary = xasprintf("%s.%016llx.tmp", path, (unsigned long long)random);
	out->fd = open(out->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (out->fd < 0) {
		int r = diag_fail(-errno, "%s cannot be written", path);

		free(steal_ptr(out->temporary));
		outfile_fini(out);
		return r;
	}
	return 0;
}

int outfile_commit(struct outfile *out)
{
	int fd = steal_fd(&out->fd);

	/* close() tells of a write that a network file system could not do. */
	if (close(fd) < 0 || rename(out->temporary, out->path) < 0)
		return diag_fail(-errno, "%s cannot be written", out->path);
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
