// SPDX-License-Identifier: Apache-2.0
/*
 * report_print.c - the figures of a trim for people and for programs
 *
 * In: rows. Out: a line a directory with a bar of what was kept of it; packages in two columns, on
 * the left the largest that were kept, on the right those removed; or JSON with all of them.
 * Names come from the image, so they are escaped.
 */
#include "path.h"
#include "progress.h"
#include "report.h"
#include "terminal.h"

#define NAME_WIDTH 20
#define CELL_WIDTH (NAME_WIDTH + 9 + 8)
#define GAP	   4
#define BAR_AT	   (NAME_WIDTH + 9 + 10 + 9 + 9 + 2)
#define BAR_MAX	   60

/* One of the columns: the rows that have something on its side, largest there first. */
struct column {
	const struct report_row **rows;
	size_t n_rows;
	bool kept;
};

static const struct report_side *side_of(const struct report_row *row, bool kept)
{
	return kept ? &row->kept : &row->removed;
}

static int compare(const struct report_row *x, const struct report_row *y, bool kept)
{
	uint64_t n = side_of(x, kept)->bytes, m = side_of(y, kept)->bytes;

	if (n != m)
		return n < m ? 1 : -1;
	if (!x->name || !y->name)
		return !x->name - !y->name;
	return strcmp(x->name, y->name);
}

static int compare_kept(const void *a, const void *b)
{
	return compare(*(const struct report_row *const *)a,
		       *(const struct report_row *const *)b, true);
}

static int compare_removed(const void *a, const void *b)
{
	return compare(*(const struct report_row *const *)a,
		       *(const struct report_row *const *)b, false);
}

/* more: a row beside the table's. */
static void fill(struct column *column, const struct report_table *table,
		 const struct report_row *more, bool kept)
{
	column->kept = kept;
	column->rows = xcalloc(table->n_rows + 1, sizeof(struct report_row *));
	for (size_t i = 0; i < table->n_rows; i++)
		if (side_of(&table->rows[i], kept)->files)
			column->rows[column->n_rows++] = &table->rows[i];
	if (side_of(more, kept)->files)
		column->rows[column->n_rows++] = more;
	qsort(column->rows, column->n_rows, sizeof(struct report_row *),
	      kept ? compare_kept : compare_removed);
}

/* A name that fits its column; what is cut off leaves a "~". */
static void short_name(const char *name, char *out, size_t size)
{
	size_t room = NAME_WIDTH, len;

	path_escape(out, size, name, strlen(name));
	len = strlen(out);
	if (len <= room)
		return;
	for (len = room - 1; len && (out[len] & 0xc0) == 0x80; len--)
		; /* not within a character */
	out[len] = '~';
	out[len + 1] = '\0';
}

static int print_cell(FILE *out, const char *name, const struct report_side *side)
{
	char text[256], size[16];

	short_name(name, text, sizeof(text));
	progress_size(side->bytes, size);
	return fprintf(out, "%-*s%9s%8llu", NAME_WIDTH, text, size,
		       (unsigned long long)side->files);
}

/* A line of the n columns that stand side by side. */
static void print_row(FILE *out, const struct column *columns, size_t n, size_t i)
{
	for (size_t k = 0; k < n; k++) {
		const struct column *column = &columns[k];
		const struct report_row *row = i < column->n_rows ? column->rows[i] : NULL;

		if (k && row)
			fprintf(out, "%*s", GAP, "");
		if (row)
			print_cell(out, row->name ? row->name : "(no package)",
				   side_of(row, column->kept));
		else if (k + 1 < n)
			fprintf(out, "%*s", CELL_WIDTH, "");
	}
	fputc('\n', out);
}

static void print_columns(const struct terminal *t, FILE *out, const struct column *columns,
			  size_t n, size_t n_rows)
{
	terminal_paint(t, out, PAINT_HEAD);
	for (size_t k = 0; k < n; k++)
		fprintf(out, "%*s%-*s%9s%8s", k ? GAP : 0, "", NAME_WIDTH,
			columns[k].kept ? "packages kept" : "packages removed", "size",
			"files");
	terminal_paint(t, out, PAINT_NONE);
	fputc('\n', out);
	for (size_t i = 0; i < n_rows; i++)
		if (i < columns[0].n_rows || (n > 1 && i < columns[1].n_rows))
			print_row(out, columns, n, i);
}

static void print_packages(const struct terminal *t, FILE *out, const struct report *report,
			   size_t n)
{
	struct column columns[2] = { 0 };

	fill(&columns[0], &report->packages, &report->unpackaged, true);
	fill(&columns[1], &report->packages, &report->unpackaged, false);
	if (t->columns >= 2 * CELL_WIDTH + GAP) {
		print_columns(t, out, columns, 2, n);
	} else {
		print_columns(t, out, &columns[0], 1, n);
		print_columns(t, out, &columns[1], 1, n);
	}
	free(columns[0].rows);
	free(columns[1].rows);
}

/* ---- directories -------------------------------------------------------------------------- */

/* n of the same character; blocks are three bytes each. */
static void print_marks(const struct terminal *t, FILE *out, uint64_t n, enum paint paint)
{
	const char *mark = paint == PAINT_KEPT ? (t->blocks ? "\u2588" : "#")
					       : (t->blocks ? "\u2591" : ".");

	if (!n)
		return;
	terminal_paint(t, out, paint);
	while (n--)
		fputs(mark, out);
	terminal_paint(t, out, PAINT_NONE);
}

/* As long as the row's share of all bytes, the part that is kept first. */
static void print_bar(const struct terminal *t, FILE *out, const struct report_row *row,
		      uint64_t all, int room)
{
	double mark = (double)all / MIN(room, BAR_MAX);
	uint64_t kept, both;

	if (room < 8 || !all)
		return;
	kept = (uint64_t)((double)row->kept.bytes / mark + 0.5);
	both = (uint64_t)((double)(row->kept.bytes + row->removed.bytes) / mark + 0.5);
	if (!both)
		return;
	fputs("  ", out);
	print_marks(t, out, kept, PAINT_KEPT);
	print_marks(t, out, both - kept, PAINT_REMOVED);
}

static void print_dir(const struct terminal *t, FILE *out, const struct report_row *row,
		      uint64_t all)
{
	char name[256], kept[16], both[16];

	short_name(row->name ? row->name : "all", name, sizeof(name));
	progress_size(row->kept.bytes, kept);
	progress_size(row->kept.bytes + row->removed.bytes, both);
	fprintf(out, "%-*s%9s%10s%9llu%9llu", NAME_WIDTH, name, kept, both,
		(unsigned long long)row->kept.files,
		(unsigned long long)(row->kept.files + row->removed.files));
	print_bar(t, out, row, all, t->columns - BAR_AT - 1);
	fputc('\n', out);
}

static void print_dirs(const struct terminal *t, FILE *out, const struct report *report,
		       size_t n)
{
	uint64_t all = report->total.kept.bytes + report->total.removed.bytes;

	terminal_paint(t, out, PAINT_HEAD);
	fprintf(out, "%*s%10s%9s%9s", NAME_WIDTH + 9, "kept", "of", "files", "of");
	terminal_paint(t, out, PAINT_NONE);
	fputc('\n', out);
	for (size_t i = 0; i < report->dirs.n_rows && i < n; i++)
		print_dir(t, out, &report->dirs.rows[i], all);
	print_dir(t, out, &report->total, all);
}

/* ---- both --------------------------------------------------------------------------------- */

void report_print(const struct report *report, size_t n, FILE *out)
{
	struct terminal t = terminal_of(out);

	print_dirs(&t, out, report, n);
	if (report->packages.n_rows)
		print_packages(&t, out, report, n);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static struct json *side_json(const struct report_side *side)
{
	struct json *o = json_new_object();

	json_set(o, "files", json_new_size(side->files));
	json_set(o, "bytes", json_new_size(side->bytes));
	return o;
}

static struct json *row_json(const struct report_row *row)
{
	struct json *o = json_new_object();

	if (row->name)
		json_set(o, "name", json_new_bytes(row->name));
	json_set(o, "kept", side_json(&row->kept));
	json_set(o, "removed", side_json(&row->removed));
	return o;
}

static struct json *table_json(const struct report_table *table)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < table->n_rows; i++)
		json_add(array, row_json(&table->rows[i]));
	return array;
}

struct json *report_json(const struct report *report)
{
	struct json *o = row_json(&report->total);

	json_set(o, "directories", table_json(&report->dirs));
	json_set(o, "packages", table_json(&report->packages));
	if (report->packages.n_rows)
		json_set(o, "unpackaged", row_json(&report->unpackaged));
	return o;
}
