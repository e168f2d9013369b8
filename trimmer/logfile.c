// SPDX-License-Identifier: Apache-2.0
/*
 * logfile.c - from what a person names to logs in memory
 *
 * In: files and directories. Out: binary logs. Never looks into the records.
 */
#include "logfile.h"
#include "diag.h"
#include "limit.h"
#include "logtext.h"

#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <sys/stat.h>

void logfile_fini(struct logfile *file)
{
	free(file->name);
	free(file->data);
	*file = (struct logfile) { 0 };
}

/* ---- text to binary ---------------------------------------------------------------------- */

/* A plain list as the text form of a log. NULL with *line set when a line is no path. */
static char *list_to_text(const char *list, size_t *text_len, size_t *line)
{
	char *text;
	FILE *out = open_memstream(&text, text_len);
	size_t id = 0;

	if (!out)
		abort();
	fputs(LOGTEXT_MAGIC "header\n  source=list\n", out);
	for (*line = 1; *list; ++*line) {
		size_t len = strcspn(list, "\n");

		if (len && list[0] != '#') {
			if (list[0] != '/')
				break;
			fprintf(out, "path %zu read 0 ", ++id);
			for (size_t i = 0; i < len; i++)
				if (list[i] == '\\')
					fputs("\\x5c", out);
				else
					fputc(list[i], out);
			fputc('\n', out);
		}
		list += len + (list[len] == '\n');
	}
	fclose(out);
	if (!*list)
		return text;
	free(text);
	return NULL;
}

static int convert_text(struct logfile *file)
{
	char *data;
	size_t len, line;
	int r = logtext_parse(file->data, file->len, &data, &len, &line);

	if (r == -EBADMSG)
		diag_error("%s: line %zu is not valid in a log's text form", file->name, line);
	else if (r < 0)
		diag_fail(r, "log %s cannot be taken", file->name);
	if (r < 0)
		return r;
	free(file->data);
	file->data = data;
	file->len = len;
	return 0;
}

static int convert_list(struct logfile *file)
{
	size_t len, line;
	char *text = NULL;

	line = 0;
	if (!memchr(file->data, '\0', file->len))
		text = list_to_text(file->data, &len, &line);
	if (!text) {
		diag_error("%s: line %zu is no absolute path", file->name, line);
		return -EBADMSG;
	}
	free(file->data);
	file->data = text;
	file->len = len;
	file->plain = true;
	return convert_text(file);
}

/* ---- one file ---------------------------------------------------------------------------- */

static bool begins(const struct logfile *file, const char *magic)
{
	size_t n = strlen(magic);

	return file->len >= n && memcmp(file->data, magic, n) == 0;
}

static int convert(struct logfile *file)
{
	if (begins(file, TLOG_MAGIC))
		return 0;
	if (file->len < TLOG_MAGIC_LEN && memcmp(file->data, TLOG_MAGIC, file->len) == 0) {
		/* Killed before the magic was whole: a log without records. */
		free(file->data);
		file->data = xstrdup(TLOG_MAGIC);
		file->len = TLOG_MAGIC_LEN;
		return 0;
	}
	if (begins(file, LOGTEXT_MAGIC))
		return convert_text(file);
	if (file->data[0] == '/' || file->data[0] == '#' || file->data[0] == '\n')
		return convert_list(file);
	diag_error("%s is neither a trace log nor a list of absolute paths", file->name);
	return -EBADMSG;
}

int logfile_read(const char *host_path, struct logfile *file)
{
	cleanup_fd int fd = open(host_path, O_RDONLY | O_CLOEXEC);
	struct logfile f = { 0 };
	int r;

	if (fd < 0)
		return diag_fail(-errno, "log %s cannot be read", host_path);
	r = read_whole(fd, limit_get(LIMIT_LOG_SIZE), &f.data, &f.len);
	if (r == -EFBIG)
		return limit_exceeded(host_path, LIMIT_LOG_SIZE);
	if (r < 0)
		return diag_fail(r, "log %s cannot be read", host_path);
	f.name = xstrdup(host_path);
	r = convert(&f);
	if (r < 0) {
		logfile_fini(&f);
		return r;
	}
	*file = f;
	return 0;
}

/* ---- directories ------------------------------------------------------------------------- */

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_log(const FTSENT *e)
{
	size_t n = strlen(TLOG_SUFFIX);

	return e->fts_info == FTS_F && e->fts_namelen > n &&
	       strcmp(e->fts_name + e->fts_namelen - n, TLOG_SUFFIX) == 0;
}

static int take_file(const char *path, int (*each)(void *arg, struct logfile *file), void *arg)
{
	struct logfile file;
	int r = logfile_read(path, &file);

	if (r < 0)
		return r;
	r = each(arg, &file);
	logfile_fini(&file);
	return r;
}

static int take_directory(char *dir, int (*each)(void *arg, struct logfile *file), void *arg)
{
	char *roots[] = { dir, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	size_t n = 0;
	int r = 0;

	if (!fts)
		return diag_fail(-errno, "%s cannot be read", dir);
	for (FTSENT *e = fts_read(fts); e && r == 0; e = fts_read(fts)) {
		if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR)
			r = diag_fail(-e->fts_errno, "%s cannot be read", e->fts_path);
		if (r < 0 || !is_log(e))
			continue;
		n++;
		r = take_file(e->fts_path, each, arg);
		if (r < 0)
			break;
	}
	fts_close(fts);
	if (r == 0 && n == 0) {
		diag_error("%s holds no log (a file ending in " TLOG_SUFFIX ")", dir);
		return -ENOENT;
	}
	return r;
}

int logfile_each(char *const args[], size_t n_args,
		 int (*each)(void *arg, struct logfile *file), void *arg)
{
	struct stat st;
	int r = 0;

	for (size_t i = 0; i < n_args && r == 0; i++) {
		if (stat(args[i], &st) < 0)
			return diag_fail(-errno, "log %s cannot be read", args[i]);
		if (S_ISDIR(st.st_mode))
			r = take_directory(args[i], each, arg);
		else
			r = take_file(args[i], each, arg);
	}
	return r;
}
