// SPDX-License-Identifier: Apache-2.0
/*
 * fdroom.c - numbers are given out from the lowest: a high one means that most are taken
 *
 * In: a descriptor. Out: the same, or none.
 */
#include "fdroom.h"

#include <sys/resource.h>

#define SPARE 24

/* Raised before the first descriptor is kept (child.c), and asked for only then. */
static rlim_t limit_of_all(void)
{
	static rlim_t known;
	struct rlimit limit;

	if (!known && getrlimit(RLIMIT_NOFILE, &limit) == 0)
		known = limit.rlim_cur;
	return known;
}

int fdroom_keep(int fd)
{
	if (fd < 0 || (rlim_t)fd + SPARE <= limit_of_all())
		return fd;
	close(fd);
	return -EMFILE;
}
