// SPDX-License-Identifier: Apache-2.0
/*
 * report_print.c - the figures of a trim for people and for programs
 *
 * In: rows. Out: two columns of the largest on the left what was kept, on the right what was
 * removed; or JSON with all of them. Names come from the image, so they are escaped.
 */
#include "path.h"
#include "progress.h"
#include "report.h"

#define NAME_WIDTH 20
#define CELL_WIDTH (NAME_WIDTH + 9 + 8)
#define GAP	   4

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

/* more: a row beside the table's, or NULL. */
static void fill(struct column *column, const struct report_table *table,
		 const struct report_row *more, bool kept)
{
	column->kept = kept;
	column->rows = xcalloc(table->n_rows + 1, sizeof(struct report_row *));
	for (size_t i = 0; i < table->n_rows; i++)
		if (side_of(&table->rows[i], kept)->files)
			column->rows[column->n_rows++] = &table->rows[i];
	if (more && side_of(more, kept)->files)
		column->rows[column->n_rows++] = more;
	qsort(column->rows, column->n_rows, sizeof(struct report_row *),
	      kept ? compare_kept : compare_removed);
}

/* A name that fits its column; what is cut off leaves a "~". */
static void short_name(const char *name, int indent, char *out, size_t size)
{
	size_t room = (size_t)(NAME_WIDTH - indent), len;

	path_escape(out, size, name, strlen(name));
	len = strlen(out);
	if (len <= room)
		return;
	for (len = room - 1; len && (out[len] & 0xc0) == 0x80; len--)
		; /* not within a character */
	out[len] = '~';
	out[len + 1] = '\0';
}

static int print_cell(FILE *out, const char *name, int indent, const struct report_side *side)
{
	char text[256], size[16];

	short_name(name, indent, text, sizeof(text));
	progress_size(side->bytes, size);
	return fprintf(out, "%*s%-*s%9s%8llu", indent, "", NAME_WIDTH - indent, text, size,
		       (unsigned long long)side->files);
}

static void print_row(FILE *out, const struct column *columns, size_t i)
{
	for (size_t k = 0; k < 2; k++) {
		const struct column *column = &columns[k];
		const struct report_row *row = i < column->n_rows ? column->rows[i] : NULL;

		if (k && row)
			fprintf(out, "%*s", GAP, "");
		if (row)
			print_cell(out, row->name ? row->name : "(no package)", 2,
				   side_of(row, column->kept));
		else if (!k)
			fprintf(out, "%*s", CELL_WIDTH, "");
	}
	fputc('\n', out);
}

static void print_table(FILE *out, const struct report_table *table,
			const struct report_row *more, size_t n)
{
	struct column columns[2] = { 0 };

	fill(&columns[0], table, more, true);
	fill(&columns[1], table, more, false);
	for (size_t i = 0; i < n && (i < columns[0].n_rows || i < columns[1].n_rows); i++)
		print_row(out, columns, i);
	free(columns[0].rows);
	free(columns[1].rows);
}

void report_print(const struct report *report, size_t n, FILE *out)
{
	fprintf(out, "%*s%8s%*s%8s\n", NAME_WIDTH + 9, "size", "files", GAP + NAME_WIDTH + 9,
		"size", "files");
	print_cell(out, "kept", 0, &report->total.kept);
	fprintf(out, "%*s", GAP, "");
	print_cell(out, "removed", 0, &report->total.removed);
	fputc('\n', out);
	print_table(out, &report->dirs, NULL, n);
	if (report->packages.n_rows)
		print_table(out, &report->packages, &report->unpackaged, n);
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
