// SPDX-License-Identifier: Apache-2.0
/*
 * fdroom.c - numbers are given out from the lowest: a high one means that most are taken
 *
 * In: a descriptor. Out: the same, or none.
 */
#include "fdroom.h"

#include <sys/resource.h>

#define SPARE 24

int fdroom_keep(int fd)
{
	struct rlimit limit;

	if (fd < 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    (rlim_t)fd + SPARE <= limit.rlim_cur)
		return fd;
	close(fd);
	return -EMFILE;
}
