// SPDX-License-Identifier: Apache-2.0
/*
 * status.c - one read of a file of /proc/PID, one line or field of it
 *
 * In: a pid and a key. Out: a number. Keeps nothing.
 */
#include "status.h"

#include <fcntl.h>
#include <stdio.h>

static ssize_t read_file(pid_t pid, const char *file, char *text, size_t size)
{
	cleanup_fd int fd = -1;
	char name[64];
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/%d/%s", (int)pid, file);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	return n;
}

ssize_t status_read(pid_t pid, char *text, size_t size)
{
	return read_file(pid, "status", text, size);
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

void status_kin(pid_t pid, struct status_kin *kin)
{
	char text[4096];
	const char *line;

	*kin = (struct status_kin) { .tgid = pid };
	if (status_read(pid, text, sizeof(text)) <= 0)
		return;
	line = status_line(text, "Tgid");
	if (line)
		kin->tgid = (pid_t)strtol(line, NULL, 10);
	line = status_line(text, "PPid");
	if (line)
		kin->parent = (pid_t)strtol(line, NULL, 10);
}

/* Numbers of fields, proc_pid_stat(5). */
enum {
	STAT_STATE = 3,
	STAT_PPID = 4,
	STAT_FLAGS = 9,
	STAT_STARTTIME = 22,
};
#define FLAG_FORKNOEXEC 0x40u /* PF_FORKNOEXEC of the kernel, the same since Linux 2.6 */

int status_task(pid_t pid, struct status_task *task)
{
	char text[1024];
	ssize_t n = read_file(pid, "stat", text, sizeof(text));
	/* The name, in brackets, may hold anything. */
	const char *p = n > 0 ? strrchr(text, ')') : NULL;

	if (!p)
		return n < 0 ? (int)n : -ESRCH;
	for (int field = STAT_STATE; field <= STAT_STARTTIME; field++) {
		p = strchr(p + 1, ' ');
		if (!p)
			return -EINVAL;
		if (field == STAT_PPID)
			task->parent = (pid_t)strtol(p, NULL, 10);
		else if (field == STAT_FLAGS)
			task->forked = strtoull(p, NULL, 10) & FLAG_FORKNOEXEC;
		else if (field == STAT_STARTTIME)
			task->began = strtoull(p, NULL, 10);
	}
	return 0;
}
