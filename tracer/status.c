// SPDX-License-Identifier: Apache-2.0
/*
 * status.c - one read of /proc/PID/status, one line of it
 *
 * In: a pid and a key. Out: a number. Keeps nothing.
 */
#include "status.h"

#include <fcntl.h>
#include <stdio.h>

ssize_t status_read(pid_t pid, char *text, size_t size)
{
	cleanup_fd int fd = -1;
	char name[64];
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return n;
}

const char *status_line(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0 && line[len] == ':')
			return line + len + 1;
	}
	return NULL;
}

/* Text behind "key:" in buf, or NULL. */
static const char *find_line(pid_t pid, const char *key, char *buf, size_t size)
{
	return status_read(pid, buf, size) > 0 ? status_line(buf, key) : NULL;
}

long status_number_at(pid_t pid, const char *key, unsigned int index, long otherwise)
{
	char buf[4096];
	const char *p = find_line(pid, key, buf, sizeof(buf));
	char *end;
	long v = 0;

	for (unsigned int i = 0; p && i <= index; i++) {
		v = strtol(p, &end, 10);
		p = end == p ? NULL : end;
	}
	return p ? v : otherwise;
}

uint64_t status_hex(pid_t pid, const char *key, uint64_t otherwise)
{
	char buf[4096];
	const char *p = find_line(pid, key, buf, sizeof(buf));

	return p ? strtoull(p, NULL, 16) : otherwise;
}
