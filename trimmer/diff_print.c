// SPDX-License-Identifier: Apache-2.0
/*
 * diff_print.c - differences for people and for programs
 *
 * In: rows. Out: a line each and a last one with sums; or JSON. Paths and links are an image's or
 * a log's, so they are escaped.
 */
#include "diff.h"
#include "path.h"
#include "progress.h"
#include "tlog.h"

static const struct {
	uint32_t what;
	const char *name;
} names[] = {
	{ DIFF_TYPE, "type" },	   { DIFF_CONTENT, "content" }, { DIFF_MODE, "mode" },
	{ DIFF_OWNER, "owner" },   { DIFF_XATTRS, "xattrs" },	{ DIFF_LINK, "link" },
	{ DIFF_DEVICE, "device" }, { DIFF_ACCESS, "access" },	{ DIFF_CONFIG, "config" },
};

static uint64_t bytes_of(const struct inode *inode)
{
	return inode && inode->type == TAR_FILE ? inode->size : 0;
}

/* Rows of a kind, and their bytes. */
static void sum(const struct diff *diff, char kind, size_t *n, uint64_t *bytes)
{
	*n = 0;
	*bytes = 0;
	for (size_t i = 0; i < diff->n_rows; i++) {
		const struct diff_row *row = &diff->rows[i];

		if (row->kind != kind)
			continue;
		(*n)++;
		*bytes += bytes_of(kind == '-' ? row->before : row->after);
	}
}

/* ---- text --------------------------------------------------------------------------------- */

static void print_text(const char *text, FILE *out)
{
	size_t len = strlen(text), size = 4 * len + 8;
	cleanup_free char *escaped = xmalloc(size);

	path_escape(escaped, size, text, len);
	fputs(escaped, out);
}

static void print_value(const struct diff_row *row, uint32_t what, bool after, FILE *out)
{
	const struct inode *i = after ? row->after : row->before;
	char ops[256];

	if (what == DIFF_CONTENT)
		fprintf(out, "%llu", (unsigned long long)i->size);
	else if (what == DIFF_MODE)
		fprintf(out, "%04o", i->mode);
	else if (what == DIFF_OWNER)
		fprintf(out, "%u:%u", i->uid, i->gid);
	else if (what == DIFF_LINK)
		print_text(i->link, out);
	else if (what == DIFF_DEVICE)
		fprintf(out, "%u,%u", i->major, i->minor);
	if (what == DIFF_ACCESS) {
		tlog_ops_format(after ? row->after_ops : row->before_ops, ops, sizeof(ops));
		fputs(ops, out);
	}
}

static void print_what(const struct diff_row *row, FILE *out)
{
	const char *separator = ": ";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		uint32_t what = names[i].what;

		if (!(row->what & what))
			continue;
		fprintf(out, "%s%s", separator, names[i].name);
		separator = ", ";
		if (what & (DIFF_TYPE | DIFF_XATTRS | DIFF_CONFIG) ||
		    (what == DIFF_CONTENT && row->before->size == row->after->size))
			continue;
		fputc(' ', out);
		print_value(row, what, false, out);
		fputs(" -> ", out);
		print_value(row, what, true, out);
	}
}

static void print_row(const struct diff *diff, const struct diff_row *row, FILE *out)
{
	fprintf(out, "%c ", row->kind);
	if (!diff->logs && row->kind != '~')
		fprintf(out, "%10llu ",
			(unsigned long long)bytes_of(row->kind == '+' ? row->after
								      : row->before));
	print_text(row->path, out);
	if (row->kind == '~')
		print_what(row, out);
	fputc('\n', out);
}

void diff_print(const struct diff *diff, const char *a, const char *b, FILE *out)
{
	static const struct {
		char kind;
		const char *word;
	} kinds[] = { { '+', "added" }, { '-', "removed" }, { '~', "changed" } };

	for (size_t i = 0; i < diff->n_rows; i++)
		print_row(diff, &diff->rows[i], out);
	if (!diff->n_rows)
		return;
	fprintf(out, "%s -> %s:", a, b);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		uint64_t bytes;
		char size[16];
		size_t n;

		sum(diff, kinds[i].kind, &n, &bytes);
		progress_size(bytes, size);
		fprintf(out, "%s %zu %s", i ? "," : "", n, kinds[i].word);
		if (!diff->logs)
			fprintf(out, " (%s)", size);
	}
	fputc('\n', out);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static struct json *side_json(const struct diff *diff, const struct inode *inode, uint32_t ops)
{
	struct json *o = json_new_object();
	char text[256];

	if (diff->logs) {
		tlog_ops_format(ops, text, sizeof(text));
		json_set_text(o, "access", text);
		return o;
	}
	json_set(o, "bytes", json_new_size(bytes_of(inode)));
	snprintf(text, sizeof(text), "%04o", inode->mode);
	json_set_text(o, "mode", text);
	json_set(o, "uid", json_new_size(inode->uid));
	json_set(o, "gid", json_new_size(inode->gid));
	if (inode->type == TAR_SYMLINK)
		json_set(o, "link", json_new_bytes(inode->link));
	return o;
}

static struct json *row_json(const struct diff *diff, const struct diff_row *row)
{
	struct json *o = json_new_object(), *what = json_new_array();

	json_set(o, row->what & DIFF_CONFIG ? "key" : "path", json_new_bytes(row->path));
	if (row->before || row->before_ops)
		json_set(o, "before", side_json(diff, row->before, row->before_ops));
	if (row->after || row->after_ops)
		json_set(o, "after", side_json(diff, row->after, row->after_ops));
	for (size_t i = 0; i < ARRAY_SIZE(names) && row->kind == '~'; i++)
		if (row->what & names[i].what)
			json_add_text(what, names[i].name);
	if (row->kind == '~')
		json_set(o, "what", what);
	else
		json_free(what);
	return o;
}

static struct json *rows_json(const struct diff *diff, char kind)
{
	struct json *o = json_new_object(), *array = json_new_array();
	uint64_t bytes;
	size_t n;

	sum(diff, kind, &n, &bytes);
	json_set(o, "count", json_new_size(n));
	if (!diff->logs)
		json_set(o, "bytes", json_new_size(bytes));
	for (size_t i = 0; i < diff->n_rows; i++)
		if (diff->rows[i].kind == kind)
			json_add(array, row_json(diff, &diff->rows[i]));
	json_set(o, "rows", array);
	return o;
}

struct json *diff_json(const struct diff *diff, const char *a, const char *b)
{
	struct json *o = json_new_object();

	json_set(o, "a", json_new_bytes(a));
	json_set(o, "b", json_new_bytes(b));
	json_set(o, "same", json_new_bool(!diff->n_rows));
	json_set(o, "added", rows_json(diff, '+'));
	json_set(o, "removed", rows_json(diff, '-'));
	json_set(o, "changed", rows_json(diff, '~'));
	return o;
}
