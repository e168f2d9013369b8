// SPDX-License-Identifier: Apache-2.0
/*
 * termlog.c - appends to /dev/termination-log
 *
 * In: a text. Out: a line, at most one a container. Never makes the file, never waits.
 */
#include "termlog.h"
#include "base.h"

#include <fcntl.h>
#include <sys/stat.h>

void termlog_say(const char *text)
{
	cleanup_fd int fd =
		open("/dev/termination-log",
		     O_WRONLY | O_APPEND | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	cleanup_free char *line = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > 0)
		return;
	line = xasprintf("imagetrim-tracer: %s\n", text);
	if (write_all(fd, line, strlen(line)) < 0)
		return; /* it was a courtesy */
}
