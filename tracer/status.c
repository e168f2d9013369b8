// SPDX-License-Identifier: Apache-2.0
/*
 * status.c - one read of /proc/PID/status, one line of it
 *
 * In: a pid and a key. Out: a number. Keeps nothing.
 */
#include "status.h"

#include <fcntl.h>
#include <stdio.h>

/* Text behind "key:" in buf, or NULL. */
static const char *find_line(pid_t pid, const char *key, char *buf, size_t size)
{
	cleanup_fd int fd = -1;
	char name[64];
	size_t key_len = strlen(key);
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/%d/status", (int)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	n = read(fd, buf, size - 1);
	if (n <= 0)
		return NULL;
	buf[n] = '\0';
	for (const char *line = buf; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, key_len) == 0 && line[key_len] == ':')
			return line + key_len + 1;
	}
	return NULL;
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
