// SPDX-License-Identifier: Apache-2.0
/*
 * locate_dirs.c - directories by descriptor where /proc will not say what they are called
 *
 * In: openings, a descriptor, and what is asked for below it. Out: a name. A process that dropped
 * its privilege without an execve(2) shows no descriptors, and no link of /proc is longer than a
 * page. Where the engine tells results the number of each directory is known from its opening
 * (shares.h). Elsewhere /proc was read just before the drop; of directories opened since nobody
 * knows the number: then it is the one with the same inode, or the newest that has such a file.
 */
#include "locate.h"
#include "rights.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

void locate_note_dir(const struct tracees *tracees, struct tracee *t, const struct request *q)
{
	cleanup_fd int fd = -1;
	struct stat st;

	if (!q->abs || q->unnamed)
		return;
	fd = locate_open(tracees, t, q, O_PATH | O_DIRECTORY);
	if (fd >= 0 && fstat(fd, &st) == 0)
		shares_add_dir(t->dirs, q->abs, st.st_dev, st.st_ino);
}

void locate_note_dirs(struct tracee *t)
{
	char name[64], abs[LOCATE_MAX];
	struct dirent *e;
	DIR *dir;

	snprintf(name, sizeof(name), "/proc/%d/fd", (int)t->tgid);
	dir = opendir(name);
	while (dir && (e = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), e->d_name, abs, sizeof(abs) - 1);
		struct stat st;

		if (n <= 0 || abs[0] != '/' || fstatat(dirfd(dir), e->d_name, &st, 0) < 0 ||
		    !S_ISDIR(st.st_mode))
			continue;
		abs[n] = '\0';
		shares_set_dir(t->dirs, atoi(e->d_name), abs);
	}
	if (dir)
		closedir(dir);
}

static bool has_file(const char *dir, const char *raw)
{
	char path[LOCATE_MAX];
	struct stat st;

	return path_join(path, sizeof(path), dir, raw) > 0 && lstat(path, &st) == 0;
}

static const char *by_inode(const struct tracee *t, const struct stat *st)
{
	for (size_t i = t->dirs->n_entries; i-- > 0;) {
		const struct dir_entry *e = &t->dirs->entries[i];

		if (e->fd == SHARES_ANY_FD && e->dev == st->st_dev && e->ino == st->st_ino)
			return e->abs;
	}
	return NULL;
}

static const char *by_content(const struct tracee *t, const char *raw)
{
	for (size_t i = t->dirs->n_entries; i-- > 0;) {
		const struct dir_entry *e = &t->dirs->entries[i];

		if (e->fd == SHARES_ANY_FD && (!raw || has_file(e->abs, raw)))
			return e->abs;
	}
	return NULL;
}

const char *locate_known_dir(const struct tracee *t, int fd, const char *raw)
{
	const char *known = shares_dir(t->dirs, fd), *found;
	cleanup_fd int own = -1;
	char name[32];
	struct stat st;

	if (known && (!raw || has_file(known, raw)))
		return known;
	snprintf(name, sizeof(name), "fd/%d", fd);
	own = rights_open(t->pid, name, O_PATH);
	if (own >= 0)
		found = fstat(own, &st) == 0 ? by_inode(t, &st) : NULL;
	else
		found = by_content(t, raw);
	return found ? found : known;
}
