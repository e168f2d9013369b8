// SPDX-License-Identifier: Apache-2.0
/*
 * tdump.c - a log as sorted lines "OPS PATH", for the tests of the tracer
 *
 * usage: tdump [--all] [--by] [--notes] [--fields] LOG [BELOW]...
 *
 * Ops of a path are the union of all its records, "resolved" apart: a path that was also asked
 * for by name has two lines. Only paths below one of BELOW, if given.
 */
#include "diag.h"
#include "tlog.h"

#include <fcntl.h>
#include <stdio.h>

struct line {
	uint32_t ops;
	char *path;
};

static struct line *lines;
static size_t n_lines, lines_cap;

static void add(uint32_t ops, const char *path)
{
	for (size_t i = 0; i < n_lines; i++) {
		if (strcmp(lines[i].path, path) != 0 ||
		    (lines[i].ops & TLOG_RESOLVED) != (ops & TLOG_RESOLVED))
			continue;
		lines[i].ops |= ops;
		return;
	}
	xgrow(&lines, &lines_cap, n_lines, sizeof(*lines));
	lines[n_lines++] = (struct line) { ops, xstrdup(path) };
}

static int compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int r = strcmp(x->path, y->path);

	return r ? r : (x->ops > y->ops) - (x->ops < y->ops);
}

static bool wanted(const char *path, char **below)
{
	if (!*below)
		return true;
	for (; *below; below++)
		if (path_below(path, *below))
			return true;
	return false;
}

static void print_lines(void)
{
	static char text[4 * TLOG_PATH_MAX + 8];
	char ops[128];

	qsort(lines, n_lines, sizeof(*lines), compare);
	for (size_t i = 0; i < n_lines; i++) {
		tlog_ops_format(lines[i].ops, ops, sizeof(ops));
		path_escape(text, sizeof(text), lines[i].path, strlen(lines[i].path));
		printf("%s %s\n", ops, text);
	}
}

static void take(const struct tlog_reader *r, const struct tlog_record *rec, char **below,
		 bool by, bool notes, bool fields)
{
	const char *program = tlog_reader_path(r, rec->by);

	if (rec->kind == TLOG_NOTE && notes)
		printf("note %s %llu %s\n", tlog_note_name(rec->code),
		       (unsigned long long)rec->count, rec->text);
	if ((rec->kind == TLOG_HEADER || rec->kind == TLOG_END) && fields)
		for (size_t i = 0; i < rec->n_fields; i++)
			printf("%s %s=%s\n", rec->kind == TLOG_END ? "end" : "header",
			       rec->fields[i].key, rec->fields[i].value);
	if ((rec->kind != TLOG_PATH && rec->kind != TLOG_SEEN) || !wanted(rec->path, below))
		return;
	if (by)
		printf("by %s: %s\n", program ? program : "?", rec->path);
	else
		add(rec->ops, rec->path);
}

int main(int argc UNUSED, char **argv)
{
	static const char *const states[] = { "complete", "cut", "damaged" };
	bool by = false, notes = false, fields = false, state = false;
	struct tlog_record rec;
	struct tlog_reader *r;
	char *data;
	size_t len;
	int fd;

	for (argv++; *argv && strncmp(*argv, "--", 2) == 0; argv++) {
		by |= strcmp(*argv, "--by") == 0;
		notes |= strcmp(*argv, "--notes") == 0;
		fields |= strcmp(*argv, "--fields") == 0;
		state |= strcmp(*argv, "--state") == 0;
	}
	fd = *argv ? open(*argv, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0 || read_whole(fd, 1u << 30, &data, &len) < 0 ||
	    tlog_reader_new(data, len, &r) < 0) {
		diag_error("no log: %s", *argv ? *argv : "?");
		return 2;
	}
	while (tlog_next(r, &rec))
		take(r, &rec, argv + 1, by, notes, fields);
	if (!notes && !fields && !by)
		print_lines();
	if (state)
		printf("state %s\n", states[tlog_reader_state(r, NULL, NULL)]);
	tlog_reader_free(r);
	free(data);
	return 0;
}
