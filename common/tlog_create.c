// SPDX-License-Identifier: Apache-2.0
/*
 * tlog_create.c - a new file for a log
 *
 * In: a directory and any text. Out: a file that nobody else has. Clock and random bits are in its
 * name only.
 */
#include "tlog.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

/* Keeps what is safe and readable in a file name; never starts with a dot. */
static void clean_stem(char *out, size_t size, const char *stem)
{
	size_t n = 0;

	for (; *stem && n + 1 < size; stem++) {
		char c = *stem;
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			     (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || (c == '.' && n);

		out[n++] = plain ? c : '_';
	}
	if (!n)
		out[n++] = '_';
	out[n] = '\0';
}

int tlog_create(const char *dir, const char *stem, char **name)
{
	char clean[64];
	struct timespec now;
	uint64_t random;
	struct tm tm;
	char stamp[32];

	clean_stem(clean, sizeof(clean), stem);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	for (;;) {
		cleanup_free char *file = NULL, *full = NULL;
		int fd;

		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			random = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)getpid();
		if (asprintf(&file, "%s-%s-%016llx" TLOG_SUFFIX, clean, stamp,
			     (unsigned long long)random) < 0)
			return -ENOMEM;
		if (asprintf(&full, "%s/%s", dir, file) < 0)
			return -ENOMEM;
		fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd < 0)
			return -errno;
		*name = steal_ptr(file);
		return fd;
	}
}
