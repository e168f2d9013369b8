// SPDX-License-Identifier: Apache-2.0
/*
 * twin.c - marks by what a log holds
 *
 * In: a log that has ended. Out: a mark beside it, or one file less. Never removes a log but its
 * own, and that only while the earlier one is there: a mark appears whole or not at all, and
 * one that leads nowhere is made anew.
 */
#include "twin.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t hash(uint64_t h, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * FNV_PRIME;
	return h;
}

/* So that a sum of hashes tells sets apart. */
static uint64_t stir(uint64_t h)
{
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
}

void twin_begin(struct twin *twin, int fd, const struct tlog_field *fields, size_t n)
{
	uint64_t h = FNV_START, mounts = 0;

	for (size_t i = 0; i < n; i++) {
		const char *key = fields[i].key, *value = fields[i].value;

		if (strcmp(key, "started") == 0 || strcmp(key, "id") == 0)
			continue;
		/* podman mounts in another order each time. */
		if (strcmp(key, "mount") == 0) {
			mounts += stir(hash(FNV_START, value, strlen(value)));
			continue;
		}
		h = hash(h, key, strlen(key) + 1);
		h = hash(h, value, strlen(value) + 1);
	}
	*twin = (struct twin) { .fd = fd, .run = stir(h) + mounts };
}

static void add_fact(void *arg, const char *text, size_t len, uint32_t what)
{
	uint64_t *sum = arg;

	*sum += stir(hash(hash(FNV_START, &what, sizeof(what)), text, len));
}

/* Splits the log's present path; *dir is open then, *name points into path. */
static bool find_log(int fd, char path[PATH_MAX], int *dir, const char **name)
{
	char link[32], *slash;
	struct stat own, named;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash || slash == path)
		return false;
	*slash = '\0';
	*name = slash + 1;
	*dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *dir >= 0 && fstat(fd, &own) == 0 &&
	       fstatat(*dir, *name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       own.st_ino == named.st_ino && own.st_dev == named.st_dev;
}

void twin_discard(const struct twin *twin)
{
	cleanup_fd int dir = -1;
	char path[PATH_MAX];
	const char *name;

	if (find_log(twin->fd, path, &dir, &name))
		unlinkat(dir, name, 0);
}

/* True if the mark leads to another log that is there. */
static bool has_other(int dir, const char *mark, const char *name)
{
	char other[PATH_NAME_MAX + 1];
	ssize_t n = readlinkat(dir, mark, other, sizeof(other) - 1);
	struct stat st;

	if (n <= 0)
		return false;
	other[n] = '\0';
	return tlog_name_valid(other) && strcmp(other, name) != 0 &&
	       fstatat(dir, other, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

void twin_end(const struct twin *twin, const struct journal *journal)
{
	char path[PATH_MAX], mark[32];
	uint64_t facts = twin->run;
	cleanup_fd int dir = -1;
	const char *name;

	if (!journal_facts(journal, add_fact, &facts) || !find_log(twin->fd, path, &dir, &name))
		return;
	snprintf(mark, sizeof(mark), ".same-%016llx", (unsigned long long)facts);
	if (symlinkat(name, dir, mark) == 0 || errno != EEXIST)
		return;
	if (has_other(dir, mark, name))
		unlinkat(dir, name, 0);
	else if (unlinkat(dir, mark, 0) == 0 && symlinkat(name, dir, mark) < 0)
		return; /* another run was quicker: one log too many */
}
