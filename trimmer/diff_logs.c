// SPDX-License-Identifier: Apache-2.0
/*
 * diff_logs.c - two sets of logs, path by path
 *
 * In: logs. Out: rows, in byte order of the paths. Runs of all images count.
 */
#include "diag.h"
#include "diff.h"
#include "logfile.h"
#include "pathset.h"

struct collecting {
	struct pathset *paths;
	struct both {
		uint32_t ops[2]; /* in a, in b */
	} * items;
	size_t cap;
	int side;
};

static void add_record(struct collecting *c, const struct tlog_record *rec)
{
	bool fresh;
	int64_t n;

	if (rec->kind != TLOG_PATH && rec->kind != TLOG_SEEN)
		return;
	n = pathset_add(c->paths, rec->path, rec->path_len, &fresh);
	if (n < 0)
		abort();
	xgrow(&c->items, &c->cap, (size_t)n, sizeof(*c->items));
	if (fresh)
		c->items[n] = (struct both) { { 0 } };
	c->items[n].ops[c->side] |= rec->ops;
}

static int add_file(void *arg, struct logfile *file)
{
	struct tlog_reader *reader;
	struct tlog_record rec;
	const char *reason;
	size_t offset;

	if (tlog_reader_new(file->data, file->len, &reader) < 0)
		return diag_refuse("%s is no trace log", file->name);
	while (tlog_next(reader, &rec) > 0)
		add_record(arg, &rec);
	if (tlog_reader_state(reader, &offset, &reason) == TLOG_DAMAGED)
		diag_warning("log %s is damaged at byte %zu (%s); only the part before is used",
			     file->name, offset, reason);
	tlog_reader_free(reader);
	return 0;
}

static int compare_rows(const void *a, const void *b)
{
	const struct diff_row *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void fill_rows(const struct collecting *c, struct diff *diff)
{
	for (size_t i = 0; i < pathset_count(c->paths); i++) {
		const uint32_t *ops = c->items[i].ops;

		if (ops[0] == ops[1])
			continue;
		xgrow(&diff->rows, &diff->cap, diff->n_rows, sizeof(*diff->rows));
		diff->rows[diff->n_rows++] = (struct diff_row) {
			.kind = !ops[0]	  ? '+'
				: !ops[1] ? '-'
					  : '~',
			.what = DIFF_ACCESS,
			.path = xstrdup(pathset_get(c->paths, i, NULL)),
			.before_ops = ops[0],
			.after_ops = ops[1],
		};
	}
	if (diff->n_rows)
		qsort(diff->rows, diff->n_rows, sizeof(*diff->rows), compare_rows);
}

int diff_logs(struct diff *diff, char *a, char *b)
{
	struct collecting c = { .paths = pathset_new() };
	char *const sides[] = { a, b };
	int r = 0;

	*diff = (struct diff) { .logs = true };
	if (!c.paths)
		abort();
	for (c.side = 0; c.side < 2 && r == 0; c.side++)
		r = logfile_each(&sides[c.side], 1, add_file, &c);
	if (r == 0)
		fill_rows(&c, diff);
	pathset_free(c.paths);
	free(c.items);
	return r;
}
