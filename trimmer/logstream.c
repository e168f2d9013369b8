// SPDX-License-Identifier: Apache-2.0
/*
 * logstream.c - pieces of logs put where they belong
 *
 * In: a stream. Out: files that end with a whole frame, whatever the stream does. A piece must
 * begin where its file ends, so nothing that was there is ever changed.
 */
#include "logstream.h"
#include "diag.h"
#include "limit.h"
#include "tlog.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>

#define PIECE_MAX (TLOG_FRAME_MAX + 64)
#define LINE_SIZE (PATH_NAME_MAX + 64)

struct piece {
	uint64_t off, len;
	char name[LINE_SIZE];
};

/* ---- what is there ---------------------------------------------------------------------- */

int logstream_tell(const struct logstream *s, int fd)
{
	int copy = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *e;
	struct stat st;
	int r = 0;

	if (!dir)
		return diag_fail(-errno, "%s cannot be read", s->path);
	while (r == 0 && (e = readdir(dir))) {
		cleanup_free char *line = NULL;

		if (!tlog_name_valid(e->d_name) ||
		    fstatat(s->dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		line = xasprintf("%" PRIu64 " %s\n", (uint64_t)st.st_size, e->d_name);
		r = write_all(fd, line, strlen(line));
	}
	closedir(dir);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	return r < 0 ? diag_fail(r, "a temporary file cannot be written") : 0;
}

/* ---- what comes ------------------------------------------------------------------------- */

static int refuse(const struct logstream *s, const char *what)
{
	return diag_refuse("%s: %s; what came before that is kept", s->from, what);
}

/* "log OFFSET LENGTH NAME\n" */
static bool parse_line(const char *line, struct piece *piece)
{
	char end;
	int n = sscanf(line, "log %20" SCNu64 " %20" SCNu64 " %300[^\n]%c", &piece->off,
		       &piece->len, piece->name, &end);

	return n == 4 && end == '\n' && piece->len > 0 && piece->len <= PIECE_MAX &&
	       tlog_name_valid(piece->name);
}

static int check_room(struct logstream *s, const struct piece *piece)
{
	if (piece->len > limit_get(LIMIT_LOG_SIZE) ||
	    piece->off > limit_get(LIMIT_LOG_SIZE) - piece->len)
		return limit_exceeded(piece->name, LIMIT_LOG_SIZE);
	if (piece->len > limit_get(LIMIT_COLLECT_SIZE) ||
	    s->bytes > limit_get(LIMIT_COLLECT_SIZE) - piece->len)
		return limit_exceeded(s->from, LIMIT_COLLECT_SIZE);
	if (s->n_new >= limit_get(LIMIT_COLLECT_LOGS)) {
		diag_error("%s has more than %llu logs" LIMIT_HINT, s->from,
			   (unsigned long long)limit_get(LIMIT_COLLECT_LOGS),
			   limit_name(LIMIT_COLLECT_LOGS));
		return -EFBIG;
	}
	return 0;
}

static int put_piece(struct logstream *s, const struct piece *piece, const char *data)
{
	int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	cleanup_fd int fd = -1;
	struct stat st;
	int r = check_room(s, piece);

	if (r < 0)
		return r;
	if (piece->off == 0)
		flags |= O_CREAT;
	fd = openat(s->dir, piece->name, flags, 0666);
	if (fd < 0 && errno != ENOENT)
		return diag_fail(-errno, "%s/%s cannot be written", s->path, piece->name);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size != piece->off)
		return refuse(s, "a piece of a log does not follow what is there");
	r = write_all(fd, data, piece->len);
	if (r < 0 && ftruncate(fd, st.st_size) < 0)
		diag_warning("%s/%s is damaged", s->path, piece->name);
	if (r < 0)
		return diag_fail(r, "%s/%s cannot be written", s->path, piece->name);
	s->bytes += piece->len;
	s->n_new += piece->off == 0;
	return 0;
}

/* ---- reading, with patience --------------------------------------------------------------- */

static ssize_t read_some(void *cookie, char *buf, size_t size)
{
	struct logstream *s = cookie;
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int ms = s->seconds > 0 ? (int)MIN(s->seconds * 1000, INT_MAX) : -1, n;

	do
		n = poll(&p, 1, ms);
	while (n < 0 && errno == EINTR);
	s->stalled = n == 0;
	return n > 0 ? read(s->fd, buf, size) : -1;
}

/* The stream has no more: 0, or it is not known whether it has. */
static int no_more(const struct logstream *s)
{
	if (!s->stalled)
		return 0;
	diag_error("%s: nothing came for %g seconds (--timeout); what came before is kept",
		   s->from, s->seconds);
	return -ETIMEDOUT;
}

/* 1 with a piece taken, 0 at the stream's end. */
static int take_piece(struct logstream *s, FILE *file, char *data, char last[LINE_SIZE])
{
	char line[LINE_SIZE + 64];
	struct piece piece;
	int r;

	if (!fgets(line, sizeof(line), file) || !strchr(line, '\n'))
		return feof(file) || s->stalled
			       ? no_more(s)
			       : refuse(s, "what it sent is no stream of logs");
	s->ended = strcmp(line, TLOG_STREAM_END) == 0;
	if (s->ended)
		return 0;
	if (!parse_line(line, &piece))
		return refuse(s, "what it sent is no stream of logs");
	if (fread(data, 1, piece.len, file) != piece.len)
		return no_more(s);
	r = put_piece(s, &piece, data);
	if (r < 0)
		return r;
	s->n_longer += piece.off > 0 && strcmp(last, piece.name) != 0;
	memcpy(last, piece.name, LINE_SIZE);
	return 1;
}

int logstream_take(struct logstream *s, int fd)
{
	cleanup_free char *data = xmalloc(PIECE_MAX);
	char line[16] = "", last[LINE_SIZE] = "";
	FILE *file = fopencookie(s, "r", (cookie_io_functions_t) { .read = read_some });
	int r = 1;

	if (!file)
		return diag_fail(-errno, "%s", s->from);
	s->fd = fd;
	if (!fgets(line, sizeof(line), file))
		r = no_more(s);
	else if (strcmp(line, TLOG_STREAM_MAGIC) != 0)
		r = refuse(s, "what it sent is no stream of logs");
	while (r > 0)
		r = take_piece(s, file, data, last);
	fclose(file);
	return r;
}
