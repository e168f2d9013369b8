// SPDX-License-Identifier: Apache-2.0
/*
 * expect.h - what a test program of the tracer needs: it makes calls and prints the dump of
 * the log that it expects, one line "OPS PATH" for each path below its working directory
 *
 * The runner (tracee.sh) compares. A program that cannot make its calls here returns SKIP.
 * Paths of expect() are relative to the test's directory, which is $T.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SKIP   77
#define UNUSED __attribute__((unused))

/* Ends the test unless the call succeeded. */
#define MUST(call)                                                                    \
	({                                                                            \
		long r__ = (long)(call);                                              \
		if (r__ == -1) {                                                      \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, \
				strerror(errno));                                     \
			exit(1);                                                      \
		}                                                                     \
		r__;                                                                  \
	})
/* Ends it unless it failed with err. */
#define MUST_FAIL(call, err)                                                                   \
	do {                                                                                   \
		errno = 0;                                                                     \
		long r__ = (long)(call);                                                       \
		if (r__ != -1 || errno != (err)) {                                             \
			fprintf(stderr, "%s:%d: %s gave %ld, %s\n", __FILE__, __LINE__, #call, \
				r__, strerror(errno));                                         \
			exit(1);                                                               \
		}                                                                              \
	} while (0)
#define CHECK(cond)                                                                        \
	do {                                                                               \
		if (!(cond)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond); \
			exit(1);                                                           \
		}                                                                          \
	} while (0)

UNUSED static const char *base_dir(void)
{
	const char *t = getenv("T");

	return t ? t : "/nowhere";
}

/* One expected line; fmt is the path below $T ("" for itself). */
__attribute__((format(printf, 2, 3))) UNUSED static void expect(const char *ops,
								const char *fmt, ...)
{
	char path[16384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	printf("%s %s%s%s\n", ops, base_dir(), *path ? "/" : "", path);
}

/* The absolute path of name below $T; a few may be in use at once. */
UNUSED static const char *in(const char *name)
{
	static char texts[8][PATH_MAX];
	static int n;
	char *text = texts[n++ % 8];

	snprintf(text, PATH_MAX, "%s/%s", base_dir(), name);
	return text;
}

/* An empty file. */
UNUSED static void touch(const char *name)
{
	close((int)MUST(open(name, O_CREAT | O_WRONLY, 0644)));
}

/* Writes this program to an open file. */
UNUSED static void copy_self(int to)
{
	int from = (int)MUST(open("/proc/self/exe", O_RDONLY));
	char buf[65536];
	ssize_t n;

	while ((n = MUST(read(from, buf, sizeof(buf)))) > 0)
		CHECK(write(to, buf, (size_t)n) == n);
	close(from);
}

/* A copy of this program. */
UNUSED static void program(const char *name, mode_t mode)
{
	int fd = (int)MUST(open(name, O_CREAT | O_WRONLY | O_TRUNC, 0700));

	copy_self(fd);
	MUST(fchmod(fd, mode));
	close(fd);
}

/* Waits for a child to end well. */
UNUSED static void wait_for(pid_t pid)
{
	int status;

	MUST(pid);
	MUST(waitpid(pid, &status, __WALL));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
