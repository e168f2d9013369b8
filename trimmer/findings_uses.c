// SPDX-License-Identifier: Apache-2.0
/*
 * findings_uses.c - which program used which file, how, and in which runs
 *
 * In: the settled provenance. Out: one long array for each property of a use, and the texts they
 * number: most uses have the same few ways of access and sets of runs.
 */
#include "findings.h"

#include <stdio.h>

enum column {
	NODE,
	PROGRAM,
	ACCESS,
	RUNS,
	AS,
	N_COLUMNS
};

static const char *const column_names[N_COLUMNS] = {
	[NODE] = "node", [PROGRAM] = "program", [ACCESS] = "access",
	[RUNS] = "runs", [AS] = "as",
};
/* What the numbers of a column are of, where that is a text: from 0. */
static const char *const text_names[N_COLUMNS] = {
	[PROGRAM] = "programs",
	[ACCESS] = "accesses",
	[RUNS] = "run_sets",
	[AS] = "paths",
};

struct gathering {
	const struct findings *f;
	size_t *run_rows; /* by provenance's number of a run: its row in the runs, from 1 */
	uint64_t *values[N_COLUMNS];
	size_t caps[N_COLUMNS], n;
	struct pathset *texts[N_COLUMNS];
};

static uint64_t number_of(struct pathset *texts, const char *text)
{
	bool fresh;
	int64_t n = pathset_add(texts, text, strlen(text), &fresh);

	if (n < 0)
		abort();
	return (uint64_t)n;
}

/* ---- runs --------------------------------------------------------------------------------- */

/* Provenance numbers the runs that count in the order they were read, the table all by start. */
static size_t *map_runs(const struct findings *f)
{
	size_t *rows = xcalloc(f->logs->n_runs + 1, sizeof(*rows));
	size_t *by_number = xcalloc(f->logs->n_runs + 1, sizeof(*by_number));
	size_t n = 0;

	for (size_t i = 0; i < f->logs->n_runs; i++)
		by_number[f->logs->runs[i].number] = i;
	for (size_t k = 0; k < f->logs->n_runs; k++) {
		const struct log_run *run = &f->logs->runs[by_number[k]];

		if (access_takes(f->access, run->arch, run->image, run->layers))
			rows[n++] = by_number[k] + 1;
	}
	free(by_number);
	return rows;
}

static int compare_rows(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* "1-3, 7": rows of the runs. */
static char *format_rows(size_t *rows, size_t n)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	qsort(rows, n, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < n; i++) {
		size_t first = i;

		while (i + 1 < n && rows[i + 1] == rows[i] + 1)
			i++;
		fprintf(out, first ? ", %zu" : "%zu", rows[first]);
		if (i > first)
			fprintf(out, "-%zu", rows[i]);
	}
	fclose(out);
	return text;
}

static uint64_t number_runs(struct gathering *g, const struct provenance_use *use)
{
	cleanup_free size_t *rows = xcalloc(use->n_runs + 1, sizeof(*rows));
	cleanup_free char *text = NULL;
	uint32_t run = 0;
	size_t n = 0;

	for (size_t pos = 0; provenance_next_run(use, &pos, &run);)
		rows[n++] = g->run_rows[run];
	text = format_rows(rows, n);
	return number_of(g->texts[RUNS], text);
}

/* ---- uses --------------------------------------------------------------------------------- */

static void add(struct gathering *g, const uint64_t values[N_COLUMNS])
{
	for (size_t i = 0; i < N_COLUMNS; i++) {
		xgrow(&g->values[i], &g->caps[i], g->n, sizeof(*g->values[i]));
		g->values[i][g->n] = values[i];
	}
	g->n++;
}

static void add_uses(struct gathering *g, size_t number, uint32_t path)
{
	const struct provenance *p = g->f->provenance;
	const struct provenance_use *use = NULL;
	char ops[256];

	while ((use = provenance_next_use(p, path, use))) {
		uint32_t told = use->ops & ~(uint32_t)(TLOG_MISS | TLOG_RESOLVED);

		if (!(use->ops & ~(uint32_t)TLOG_MISS))
			continue;
		tlog_ops_format(told, ops, sizeof(ops));
		add(g, (uint64_t[N_COLUMNS]) {
			       [NODE] = number,
			       [PROGRAM] =
				       number_of(g->texts[PROGRAM], provenance_program(p, use)),
			       [ACCESS] = number_of(g->texts[ACCESS], ops),
			       [RUNS] = number_runs(g, use),
			       [AS] = number_of(g->texts[AS],
						pathset_get(g->f->access->paths, path, NULL)),
		       });
	}
}

static void gather(struct gathering *g)
{
	size_t number = 0;

	for (const struct node *n = tree_root(g->f->tree); n; n = tree_next(n), number++) {
		size_t n_hits;
		const struct provenance_hit *hits =
			provenance_hits(g->f->provenance, n, &n_hits);

		for (size_t i = 0; i < n_hits; i++)
			add_uses(g, number, hits[i].path);
	}
}

static struct json *texts_json(const struct pathset *texts)
{
	size_t n = pathset_count(texts);
	cleanup_free const char **names = xcalloc(n + 1, sizeof(*names));

	for (size_t i = 0; i < n; i++)
		names[i] = pathset_get(texts, i, NULL);
	return json_new_names(names, n);
}

struct json *findings_uses_json(const struct findings *f)
{
	struct gathering g = { .f = f, .run_rows = map_runs(f) };
	struct json *o = json_new_object();

	for (size_t i = 0; i < N_COLUMNS; i++) {
		g.texts[i] = pathset_new();
		if (!g.texts[i])
			abort();
	}
	gather(&g);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		json_set(o, column_names[i], json_new_sizes(g.values[i], g.n));
		if (text_names[i])
			json_set(o, text_names[i], texts_json(g.texts[i]));
		pathset_free(g.texts[i]);
		free(g.values[i]);
	}
	free(g.run_rows);
	return o;
}
