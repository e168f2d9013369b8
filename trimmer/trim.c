// SPDX-License-Identifier: Apache-2.0
/*
 * trim.c - the main job: image and logs in, trimmed image out
 *
 * In: an open image and the union of its logs. Out: the new image, and what was done. The
 * stages run one after another; none calls an earlier one.
 */
#include "trim.h"
#include "closure.h"
#include "diag.h"
#include "digest.h"
#include "gates.h"
#include "imageconf.h"
#include "outfile.h"
#include "process.h"
#include "progress.h"
#include "spool.h"

#include <stdio.h>

/* Rows of the report, of directories and of packages. */
#define ROWS_SHORT 3
#define ROWS_LONG  10 /* --report */

int trim_prepare(struct trim_options *options)
{
	struct outfile trial;
	int r = rules_read(&options->rules, &options->rules_files, options->no_rules);

	if (r < 0 || !options->removed)
		return r;
	r = outfile_open(&trial, options->removed);
	if (r == 0)
		outfile_fini(&trial);
	return r;
}

void trim_release(struct trim_options *options)
{
	rules_fini(&options->rules);
}

void trim_result_fini(struct trim_result *result)
{
	free(result->id);
	report_fini(&result->report);
	*result = (struct trim_result) { 0 };
}

/* ---- which files -------------------------------------------------------------------------- */

static void exclude(struct closure *c, const struct trim_options *options)
{
	closure_exclude_glob(c, TRACER_DIR);
	for (size_t i = 0; i < options->exclude.n_items; i++)
		if (!closure_exclude_glob(c, options->exclude.items[i]))
			diag_warning("--exclude '%s' matches nothing in the image",
				     options->exclude.items[i]);
}

static int include(struct closure *c, const struct trim_options *options)
{
	for (size_t i = 0; i < options->include.n_items; i++)
		if (!closure_add_glob(c, options->include.items[i], KEEP_INCLUDE))
			diag_warning("--include '%s' matches nothing in the image",
				     options->include.items[i]);
	for (size_t i = 0; i < options->include_cmd.n_items; i++) {
		char **argv;
		int r = process_split(options->include_cmd.items[i], &argv);

		if (r < 0)
			return diag_refuse("--include-cmd '%s' has an open quote",
					   options->include_cmd.items[i]);
		closure_add_command(c, argv, "command of --include-cmd");
		argv_free(argv);
	}
	return 0;
}

static int mark(struct image *image, struct tree *tree, const struct access_set *access,
		const struct trim_options *options, uint64_t *absent)
{
	struct closure c;
	int r;

	closure_init(&c, image, tree);
	exclude(&c, options);
	rules_drop(&options->rules, &c);
	closure_add_access(&c, access);
	if (pathset_count(access->paths) && c.absent == pathset_count(access->paths))
		diag_warning("%s has none of the logged paths; is it the image that was "
			     "recorded?",
			     image->name);
	closure_add_rules(&c);
	rules_keep(&options->rules, &c);
	r = include(&c, options);
	closure_run(&c);
	*absent = c.absent;
	closure_fini(&c);
	return r == 0 ? gates_forbid(tree, &options->forbid) : r;
}

/* ---- the new layer ------------------------------------------------------------------------ */

static int write_layer(struct image *image, const struct tree *tree, struct spool_sink *sink,
		       struct digest_text *diff_id, struct layer_stats *stats)
{
	int64_t latest = INT64_MAX;
	struct digest digest;
	int r = imageconf_source_date(&latest);

	if (r < 0)
		return r;
	sink->fd = spool_open(0);
	if (sink->fd < 0)
		return sink->fd;
	digest_init(&digest);
	sink->digest = &digest;
	r = layer_write(image, tree, latest, spool_write, sink, stats);
	if (r < 0) {
		digest_fini(&digest);
		return diag_fail(r, "%s: the trimmed layer cannot be written", image->name);
	}
	digest_final(&digest, diff_id);
	return 0;
}

static int write_image(const struct image *image, const struct spool_sink *layer,
		       const char *diff_id, const struct image_ref *dest,
		       const struct engine *engine, char **id)
{
	struct image_out_layer out_layer = {
		.blob = { layer->fd, 0, layer->len },
		.digest = diff_id,
		.hashed = true,
	};
	struct image_out out = {
		.docker_types = image->docker_types,
		.layers = &out_layer,
		.n_layers = 1,
	};
	cleanup_free char *text = NULL;
	int r = imageconf_trim(image, diff_id, &text, &out.config_len);

	if (r < 0)
		return r;
	out.config_text = text;
	return image_write(dest, engine, &out, id);
}

/* Counts, and writes the list of removed files, to be committed when the image is there. */
static int account(struct image *image, struct tree *tree, const struct trim_options *options,
		   struct report *report, struct outfile *removed)
{
	struct packages packages;
	int r;

	packages_read(&packages, image, tree);
	report_make(report, tree, &packages);
	packages_fini(&packages);
	if (!options->removed)
		return 0;
	r = outfile_open(removed, options->removed);
	if (r < 0)
		return r;
	r = report_write_removed(tree, removed->fd);
	return r < 0 ? diag_fail(r, "%s cannot be written", options->removed) : 0;
}

int trim_image(struct image *image, const struct access_set *access,
	       const struct trim_options *options, const struct image_ref *dest,
	       const struct engine *engine, struct trim_result *result)
{
	struct tree *tree CLEANUP(tree_freep) = tree_new();
	struct outfile removed CLEANUP(outfile_fini) = { .fd = -1 };
	struct spool_sink layer = { .fd = -1 };
	struct trim_result res = { .report_rows = options->report ? ROWS_LONG : ROWS_SHORT };
	struct digest_text diff_id;
	int r;

	r = layer_read_all(image, tree);
	if (r < 0)
		return r;
	tree_freeze(tree);
	r = mark(image, tree, access, options, &res.absent);
	if (r == 0)
		r = account(image, tree, options, &res.report, &removed);
	if (r == 0)
		r = write_layer(image, tree, &layer, &diff_id, &res.stats);
	if (r == 0)
		r = gates_size(dest->text, layer.len, options->fail_if_over);
	if (r == 0)
		r = write_image(image, &layer, diff_id.text, dest, engine, &res.id);
	if (r == 0 && options->removed)
		r = outfile_commit(&removed);
	if (layer.fd >= 0)
		close(layer.fd);
	if (r != 0) {
		trim_result_fini(&res);
		return r;
	}
	for (size_t i = 0; i < image->n_layers; i++)
		res.original_bytes += image->layers[i].tar.len;
	res.trimmed_bytes = layer.len;
	*result = res;
	return 0;
}

/* ---- the result --------------------------------------------------------------------------- */

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
	struct json *trimmed = side(dest->text, result->trimmed_bytes, result->stats.files);
	struct json *logs = json_new_object();
	cleanup_free char *text = NULL;
	size_t len;

	json_set_text(trimmed, "id", result->id);
	json_set(o, "original",
		 side(image->name, result->original_bytes,
		      result->stats.files + result->stats.removed_files));
	json_set(o, "trimmed", trimmed);
	json_set(logs, "runs", json_new_size(totals->n_logs));
	json_set(logs, "cut", json_new_size(totals->n_cut));
	json_set(logs, "damaged", json_new_size(totals->n_damaged));
	json_set(logs, "unreadable", json_new_size(totals->unreadable));
	json_set(logs, "lost", json_new_size(totals->lost));
	json_set(logs, "absent", json_new_size(result->absent));
	if (log)
		json_set_text(logs, "file", log);
	json_set(o, "logs", logs);
	json_set(o, "report", report_json(&result->report));
	text = json_write(o, &len);
	fprintf(dest->form == IMAGE_STDIO ? stderr : stdout, "%s\n", text);
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
		(unsigned long long)(result->stats.files + result->stats.removed_files));
	fprintf(out, "%s: %s, %llu files (%.1f %%), from %u run%s\n", dest->text, after,
		(unsigned long long)result->stats.files,
		result->original_bytes
			? 100.0 * (double)result->trimmed_bytes / (double)result->original_bytes
			: 0.0,
		totals->n_logs, totals->n_logs == 1 ? "" : "s");
	if (diag_level() >= DIAG_NOTE || result->report_rows > ROWS_SHORT)
		report_print(&result->report, result->report_rows, out);
	if (log)
		fprintf(out, "log: %s (for a later 'imagetrim trim' with more logs)\n", log);
}
