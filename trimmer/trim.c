// SPDX-License-Identifier: Apache-2.0
/*
 * trim.c - the main job: image and logs in, trimmed image out
 *
 * In: an open image and the union of its logs. Out: the new image, and what was done. The
 * stages run one after another; none calls an earlier one.
 */
#include "trim.h"
#include "diag.h"
#include "gates.h"
#include "progress.h"

#include <stdio.h>

/* Rows of the report, of directories and of packages. */
#define ROWS_SHORT 3
#define ROWS_LONG  10 /* --report */

static int prepare_layers(struct trim_options *options)
{
	const char *how = options->layers ? options->layers : "one";

	options->keep_layers = strcmp(how, "keep") == 0;
	if (!options->keep_layers && strcmp(how, "one") != 0)
		return diag_refuse("--layers wants keep or one, not '%s'", how);
	return compress_parse(options->compress, options->threads, &options->form);
}

int trim_prepare(struct trim_options *options)
{
	struct outfile trial;
	int r = prepare_layers(options);

	if (r == 0)
		r = selection_prepare(&options->select);
	if (r < 0 || !options->removed)
		return r;
	r = outfile_open(&trial, options->removed);
	if (r == 0)
		outfile_fini(&trial);
	return r;
}

void trim_release(struct trim_options *options)
{
	selection_release(&options->select);
}

void trim_result_fini(struct trim_result *result)
{
	free(result->id);
	report_fini(&result->report);
	*result = (struct trim_result) { 0 };
}

/* ---- which files -------------------------------------------------------------------------- */

/* Counts, and writes the list of removed files, to be committed when the image is there. */
static int account(const struct trim_job *job, const struct trim_options *options,
		   struct report *report, struct outfile *removed)
{
	int r;

	report_make(report, job->tree, &job->owners);
	if (!options->removed)
		return 0;
	r = outfile_open(removed, options->removed);
	if (r < 0)
		return r;
	r = report_write_removed(job->tree, removed->fd);
	return r < 0 ? diag_fail(r, "%s cannot be written", options->removed) : 0;
}

static int choose(struct trim_job *job, const struct trim_options *options)
{
	job->result = (struct trim_result) {
		.report_rows = options->report ? ROWS_LONG : ROWS_SHORT,
		.kept_layers = options->keep_layers,
	};
	job->image->no_verify = options->no_verify;
	if (!options->no_verify)
		image_verify_later(job->image);
	return selection_make(job->image, job->access, &options->select, &job->tree,
			      &job->owners, &job->result.absent);
}

/* What the marks say, once all are there. */
static int judge(struct trim_job *job, const struct trim_options *options)
{
	int r = gates_forbid(job->tree, &options->forbid);

	if (r == 0)
		r = account(job, options, &job->result.report, &job->removed);
	return r;
}

struct sharing {
	const struct kin *kin;
	size_t member;
};

static bool keeps(void *arg, const struct node *database, const struct node *node)
{
	const struct sharing *sharing = arg;

	return kin_keeps(sharing->kin, sharing->member, database, node);
}

/* A common layer's package databases tell what any of the images needs. */
static void share_packages(struct kin *kin)
{
	for (size_t i = 0; i < kin->n_members; i++) {
		struct sharing sharing = { kin, i };
		struct packages_keeper keeper = { keeps, &sharing };

		packages_cut(kin->members[i].image, kin->members[i].tree, &keeper, NULL);
	}
}

static void share(struct trim_job *jobs, size_t n_jobs, struct kin *kin,
		  enum packages_mode packages)
{
	kin->members = xcalloc(n_jobs, sizeof(*kin->members));
	kin->n_members = n_jobs;
	for (size_t i = 0; i < n_jobs; i++) {
		kin->members[i].image = jobs[i].image;
		kin->members[i].tree = jobs[i].tree;
	}
	kin_share(kin);
	if (n_jobs > 1 && packages == PACKAGES_CUT)
		share_packages(kin);
}

static int work(struct trim_job *jobs, size_t n_jobs, const struct trim_options *options,
		const struct engine *engine, struct kin *kin)
{
	int r = 0;

	for (size_t i = 0; i < n_jobs && r == 0; i++)
		r = image_draft_open(&jobs[i].draft, jobs[i].dest, engine);
	for (size_t i = 0; i < n_jobs && r == 0; i++)
		r = choose(&jobs[i], options);
	if (r == 0 && options->keep_layers)
		share(jobs, n_jobs, kin, options->select.packages_mode);
	for (size_t i = 0; i < n_jobs && r == 0; i++)
		r = judge(&jobs[i], options);
	for (size_t i = 0; i < n_jobs && r == 0; i++)
		r = image_draft_check(&jobs[i].draft);
	if (r == 0)
		r = trim_make_layers(jobs, n_jobs, options, kin);
	for (size_t i = 0; i < n_jobs && r == 0; i++)
		r = image_verify(jobs[i].image);
	for (size_t i = 0; i < n_jobs && r == 0; i++)
		r = gates_size(jobs[i].dest->text, jobs[i].result.trimmed_bytes,
			       options->fail_if_over);
	for (size_t i = 0; i < n_jobs && r == 0; i++)
		r = trim_write_image(&jobs[i], options);
	for (size_t i = 0; i < n_jobs && r == 0; i++)
		if (options->removed)
			r = outfile_commit(&jobs[i].removed);
	return r;
}

int trim_images(struct trim_job *jobs, size_t n_jobs, const struct trim_options *options,
		const struct engine *engine)
{
	struct kin kin = { 0 };
	int r;

	for (size_t i = 0; i < n_jobs; i++) {
		jobs[i].draft = (struct image_draft) { .fd = -1, .file.fd = -1 };
		jobs[i].removed = (struct outfile) { .fd = -1 };
	}
	r = work(jobs, n_jobs, options, engine, &kin);
	trim_free_layers(jobs, n_jobs, &kin);
	for (size_t i = 0; i < n_jobs; i++) {
		packages_fini(&jobs[i].owners);
		tree_free(jobs[i].tree);
		image_draft_fini(&jobs[i].draft);
		outfile_fini(&jobs[i].removed);
		if (r != 0)
			trim_result_fini(&jobs[i].result);
	}
	return r;
}

int trim_image(struct image *image, const struct access_set *access,
	       const struct trim_options *options, const struct image_ref *dest,
	       const struct engine *engine, struct trim_result *result)
{
	struct trim_job job = { .image = image, .access = access, .dest = dest };
	int r = trim_images(&job, 1, options, engine);

	if (r == 0)
		*result = job.result;
	return r;
}

/* ---- the result --------------------------------------------------------------------------- */

static uint64_t files_before(const struct trim_result *result)
{
	return result->report.total.kept.files + result->report.total.removed.files;
}

static struct json *side(const char *name, uint64_t bytes, uint64_t files)
{
	struct json *o = json_new_object();

	json_set_text(o, "name", name);
	json_set(o, "bytes", json_new_size(bytes));
	json_set(o, "files", json_new_size(files));
	return o;
}

static void print_json(const struct trim_result *result, const struct image *image,
		       const struct image_ref *dest, const struct access_totals *totals,
		       const char *log)
{
	struct json *o CLEANUP(json_freep) = json_new_object();
	struct json *trimmed =
		side(dest->text, result->trimmed_bytes, result->report.total.kept.files);
	struct json *logs = access_totals_json(totals, result->absent);
	cleanup_free char *text = NULL;
	size_t len;

	json_set_text(trimmed, "id", result->id);
	json_set(trimmed, "stored_bytes", json_new_size(result->stored_bytes));
	json_set(trimmed, "layers", json_new_size(result->n_layers));
	json_set(trimmed, "unchanged_layers", json_new_size(result->n_same));
	json_set(o, "original",
		 side(image->name, result->original_bytes, files_before(result)));
	json_set(o, "trimmed", trimmed);
	if (log)
		json_set_text(logs, "file", log);
	json_set(o, "logs", logs);
	json_set(o, "report", report_json(&result->report));
	text = json_write(o, &len);
	fprintf(dest->form == IMAGE_STDIO ? stderr : stdout, "%s\n", text);
}

/* Only what is not so by default. */
static void print_layers(const struct trim_result *result, const struct image_ref *dest,
			 bool keep, FILE *out)
{
	char stored[16];

	progress_size(result->stored_bytes, stored);
	if (keep)
		fprintf(out, "%s: %zu layer%s, %zu unchanged\n", dest->text, result->n_layers,
			result->n_layers == 1 ? "" : "s", result->n_same);
	if (result->stored_bytes != result->trimmed_bytes)
		fprintf(out, "%s: %s compressed\n", dest->text, stored);
}

void trim_result_print(const struct trim_result *result, const struct image *image,
		       const struct image_ref *dest, const struct access_totals *totals,
		       const char *log, bool json)
{
	FILE *out = dest->form == IMAGE_STDIO ? stderr : stdout;
	char before[16], after[16];

	if (json) {
		print_json(result, image, dest, totals, log);
		return;
	}
	progress_size(result->original_bytes, before);
	progress_size(result->trimmed_bytes, after);
	fprintf(out, "%s: %s, %llu files\n", image->name, before,
		(unsigned long long)files_before(result));
	fprintf(out, "%s: %s, %llu files (%.1f %%), from %u run%s\n", dest->text, after,
		(unsigned long long)result->report.total.kept.files,
		result->original_bytes
			? 100.0 * (double)result->trimmed_bytes / (double)result->original_bytes
			: 0.0,
		totals->n_logs, totals->n_logs == 1 ? "" : "s");
	print_layers(result, dest, result->kept_layers, out);
	if (diag_level() >= DIAG_NOTE || result->report_rows > ROWS_SHORT)
		report_print(&result->report, result->report_rows, out);
	if (log)
		fprintf(out, "log: %s (for a later 'imagetrim trim' with more logs)\n", log);
}
