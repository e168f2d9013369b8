// SPDX-License-Identifier: Apache-2.0
/*
 * catlogs.c - the logs of a directory as one stream
 *
 * In: a list of what the reader has, a directory. Out: pieces of whole frames. Never changes a
 * log, never waits for one to grow; needs about a MiB, since the container's memory may be
 * scarce.
 */
#include "catlogs.h"
#include "command.h"
#include "diag.h"
#include "pathset.h"
#include "tlog.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#define LIST_MAX   (64u << 20)
#define PIECE_MAX  (TLOG_FRAME_MAX + 64) /* holds the largest frame */
#define NAME_LINES "lines 'SIZE NAME'"

/* What the reader has of a log. */
struct had {
	struct pathset *names;
	uint64_t *sizes; /* by the name's number */
	size_t cap;
};

static void had_fini(struct had *had)
{
	pathset_free(had->names);
	free(had->sizes);
}

static uint64_t had_size(const struct had *had, const char *name)
{
	int64_t n = pathset_find(had->names, name, strlen(name));

	return n < 0 ? 0 : had->sizes[n];
}

static int had_take(struct had *had, const char *line)
{
	char *name;
	bool fresh;
	uint64_t size = strtoull(line, &name, 10);
	int64_t n;

	if (name == line || *name != ' ' || !tlog_name_valid(name + 1))
		return -EINVAL;
	n = pathset_add(had->names, name + 1, strlen(name + 1), &fresh);
	if (n < 0)
		return (int)n;
	xgrow(&had->sizes, &had->cap, (size_t)n, sizeof(*had->sizes));
	had->sizes[n] = size;
	return 0;
}

/* Prints the error. */
static int had_read(struct had *had)
{
	cleanup_free char *text = NULL;
	char *save = NULL;
	size_t len;
	int r;

	had->names = pathset_new();
	if (!had->names)
		return diag_fail(-ENOMEM, "cat-logs");
	if (isatty(STDIN_FILENO))
		return 0;
	r = read_whole(STDIN_FILENO, LIST_MAX, &text, &len);
	if (r < 0)
		return diag_fail(r, "standard input");
	for (char *line = strtok_r(text, "\n", &save); line && r == 0;
	     line = strtok_r(NULL, "\n", &save))
		r = had_take(had, line);
	return r < 0 ? diag_refuse("standard input wants " NAME_LINES) : 0;
}

static int send_piece(const char *name, uint64_t off, const char *data, size_t len)
{
	char line[PATH_NAME_MAX + 64];
	int n = snprintf(line, sizeof(line), "log %llu %zu %s\n", (unsigned long long)off, len,
			 name),
	    r = write_all(STDOUT_FILENO, line, (size_t)n);

	return r < 0 ? r : write_all(STDOUT_FILENO, data, len);
}

/* -errno only when the reader is gone: a log that cannot be read is said and left out. */
static int send_log(int dir, const char *name, uint64_t off, char *piece)
{
	cleanup_fd int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t n;
	size_t whole;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0) {
		diag_warning("log %s cannot be read: %s", name, strerror(errno));
		return 0;
	}
	while (S_ISREG(st.st_mode)) {
		n = pread(fd, piece, PIECE_MAX, (off_t)off);
		if (n < 0)
			diag_warning("log %s cannot be read: %s", name, strerror(errno));
		whole = n > 0 ? tlog_whole_frames(piece, (size_t)n, off == 0) : 0;
		if (!whole)
			break;
		r = send_piece(name, off, piece, whole);
		if (r < 0)
			return r;
		off += whole;
	}
	return 0;
}

static int send_all(const struct had *had, DIR *dir)
{
	cleanup_free char *piece = malloc(PIECE_MAX);
	const struct dirent *e;
	int r = piece ? write_all(STDOUT_FILENO, TLOG_STREAM_MAGIC, strlen(TLOG_STREAM_MAGIC))
		      : -ENOMEM;

	while (r == 0 && (e = readdir(dir)))
		if (tlog_name_valid(e->d_name))
			r = send_log(dirfd(dir), e->d_name, had_size(had, e->d_name), piece);
	if (r == 0)
		r = write_all(STDOUT_FILENO, TLOG_STREAM_END, strlen(TLOG_STREAM_END));
	return r;
}

int catlogs_run(const struct settings *s)
{
	struct had had CLEANUP(had_fini) = { 0 };
	DIR *dir;
	int r;

	if (isatty(STDOUT_FILENO)) {
		diag_refuse("cat-logs writes bytes that are not for a terminal");
		return COMMAND_FAILED;
	}
	if (had_read(&had) < 0)
		return COMMAND_FAILED;
	dir = opendir(s->log_dir);
	if (!dir) {
		diag_fail(-errno, "log directory %s", s->log_dir);
		return COMMAND_FAILED;
	}
	r = send_all(&had, dir);
	closedir(dir);
	if (r < 0)
		diag_fail(r, "standard output");
	return r < 0 ? COMMAND_FAILED : 0;
}

int catlogs_wait(const struct settings *s UNUSED)
{
	sigset_t ends;
	int signal;

	/* Process 1 is not ended by a signal that it does not ask for. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &ends, NULL) < 0 || sigwait(&ends, &signal) != 0)
		return COMMAND_FAILED;
	return 0;
}
