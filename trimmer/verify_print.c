// SPDX-License-Identifier: Apache-2.0
/*
 * verify_print.c - findings of a verify for people and for programs
 *
 * In: findings. Out: a paragraph a kind and one last line; or JSON. Paths are a container's, so
 * they are escaped.
 */
#include "json.h"
#include "path.h"
#include "verify.h"

#include <inttypes.h>

static void print_text(const char *text, FILE *out)
{
	size_t len = strlen(text), size = 4 * len + 8;
	cleanup_free char *escaped = xmalloc(size);

	path_escape(escaped, size, text, len);
	fputs(escaped, out);
}

/* One of several. */
static void print_program(const struct verify_program *p, FILE *out)
{
	fputs("    by ", out);
	print_text(*p->path ? p->path : "an unknown program", out);
	if (p->n_looks)
		fprintf(out, ", %" PRIu64, p->n_looks);
	fprintf(out, " in %u run%s\n", p->n_runs, p->n_runs == 1 ? "" : "s");
}

static void print_finding(const struct verify_finding *f, FILE *out)
{
	fputs("  ", out);
	print_text(f->path, out);
	if (f->n_entries)
		fprintf(out, ": %zu of %zu entries missing", f->n_missing, f->n_entries);
	if (f->n_programs == 1 && *f->programs->path) {
		fputs(f->n_entries ? ", by " : " by ", out);
		print_text(f->programs->path, out);
	}
	if (f->n_looks)
		fprintf(out, "%s %" PRIu64 " look-up%s", f->n_programs == 1 ? "," : ":",
			f->n_looks, f->n_looks == 1 ? "" : "s");
	fprintf(out, " in %u run%s\n", f->n_runs, f->n_runs == 1 ? "" : "s");
	for (size_t i = 0; f->n_programs > 1 && i < f->n_programs; i++)
		print_program(&f->programs[i], out);
}

static void print_kind(const struct verify *v, const struct verify_names *names,
		       enum verify_kind kind, FILE *out)
{
	static const char *const titles[VERIFY_N_KINDS] = {
		[VERIFY_HOLE] = "looked for in vain, though the original has it",
		[VERIFY_LISTING] = "listed, with fewer entries than in the original",
		[VERIFY_RECORDED] = "no holes: listed when recorded, too, the rest unused",
		[VERIFY_SEARCH] = "no holes: found by a later name of the same search",
	};

	if (!v->n_of[kind])
		return;
	fprintf(out, "%s: %s%s:\n", names->trimmed, titles[kind],
		kind == VERIFY_LISTING && !names->listings ? " (ignored)" : "");
	for (size_t i = 0; i < v->n_findings; i++)
		if (v->findings[i].kind == kind)
			print_finding(&v->findings[i], out);
}

void verify_print(const struct verify *v, const struct verify_names *names, FILE *out)
{
	size_t holes = verify_holes(v, names->listings);
	uint32_t n = v->access.totals.n_logs;

	for (enum verify_kind kind = 0; kind < VERIFY_N_KINDS; kind++)
		print_kind(v, names, kind, out);
	fprintf(out, "%s: ", names->trimmed);
	if (holes)
		fprintf(out, "%zu hole%s", holes, holes == 1 ? "" : "s");
	else if (v->run_failed)
		fprintf(out, "the run failed, but no hole was found");
	else
		fprintf(out, "verified");
	fprintf(out,
		" in %u run%s: %zu paths used, %zu looked for in vain, of which %s has %zu", n,
		n == 1 ? "" : "s", v->n_used, v->n_missed, names->original,
		v->n_of[VERIFY_HOLE] + v->n_of[VERIFY_SEARCH]);
	if (!holes && v->n_of[VERIFY_SEARCH])
		fprintf(out, " that were only a search");
	fputc('\n', out);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static struct json *program_json(const struct verify_program *p)
{
	struct json *o = json_new_object();

	json_set(o, "program", json_new_bytes(p->path));
	if (p->n_looks)
		json_set(o, "lookups", json_new_size(p->n_looks));
	json_set(o, "runs", json_new_size(p->n_runs));
	return o;
}

static struct json *finding_json(const struct verify_finding *f)
{
	struct json *o = json_new_object(), *programs = json_new_array();

	json_set(o, "path", json_new_bytes(f->path));
	for (size_t i = 0; i < f->n_programs; i++)
		json_add(programs, program_json(&f->programs[i]));
	json_set(o, "programs", programs);
	if (f->n_looks)
		json_set(o, "lookups", json_new_size(f->n_looks));
	json_set(o, "runs", json_new_size(f->n_runs));
	if (f->n_entries) {
		json_set(o, "entries", json_new_size(f->n_entries));
		json_set(o, "missing", json_new_size(f->n_missing));
	}
	return o;
}

static struct json *kind_json(const struct verify *v, enum verify_kind kind)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < v->n_findings; i++)
		if (v->findings[i].kind == kind)
			json_add(array, finding_json(&v->findings[i]));
	return array;
}

struct json *verify_json(const struct verify *v, const struct verify_names *names)
{
	struct json *o = json_new_object();

	json_set(o, "original", json_new_bytes(names->original));
	json_set(o, "trimmed", json_new_bytes(names->trimmed));
	json_set(o, "verified",
		 json_new_bool(!verify_holes(v, names->listings) && !v->run_failed));
	json_set(o, "run_failed", json_new_bool(v->run_failed));
	json_set(o, "runs", json_new_size(v->access.totals.n_logs));
	json_set(o, "used", json_new_size(v->n_used));
	json_set(o, "missed", json_new_size(v->n_missed));
	json_set(o, "holes", kind_json(v, VERIFY_HOLE));
	json_set(o, "listings", kind_json(v, VERIFY_LISTING));
	json_set(o, "listings_as_recorded", kind_json(v, VERIFY_RECORDED));
	json_set(o, "listings_ignored", json_new_bool(!names->listings));
	json_set(o, "searches", kind_json(v, VERIFY_SEARCH));
	return o;
}
