// SPDX-License-Identifier: Apache-2.0
/*
 * voice.c - opens, says, closes
 *
 * In: a text. Out: a line. Never waits for a reader.
 */
#include "voice.h"
#include "diag.h"
#include "termlog.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>

#define TEXT_MAX 256

void voice_say(pid_t pid, const char *fmt, ...)
{
	char name[32], text[TEXT_MAX];
	va_list ap;
	int fd, null;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	termlog_say(text);
	snprintf(name, sizeof(name), "/proc/%d/fd/2", (int)pid);
	fd = open(name, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	null = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	dup2(fd, STDERR_FILENO);
	close(fd);
	diag_warning("%s", text);
	if (null < 0) {
		close(STDERR_FILENO);
		return;
	}
	dup2(null, STDERR_FILENO);
	close(null);
}
