// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_report.c - imagetrim report: what a trim would keep and remove, as a page or as JSON
 *
 * In: an image and logs, as trim takes them. Out: one HTML file. Never makes an image.
 */
#include "cmd.h"
#include "diag.h"
#include "engine.h"
#include "findings.h"
#include "outfile.h"
#include "page.h"
#include "progress.h"
#include "selection.h"

#include <stdio.h>

struct options {
	struct common_options common;
	const char *output;
	bool any_image;
	struct selection_options select;
};

static const struct option_row rows[] = {
	{ "output", 'o', OPTION_TEXT, "FILE", offsetof(struct options, output),
	  "the page: one HTML file" },
	SELECTION_OPTION_ROWS(offsetof(struct options, select)),
	{ "any-image", 0, OPTION_FLAG, NULL, offsetof(struct options, any_image),
	  "use logs of other images too (of the one before a rebuild)" },
	PLATFORM_OPTION_ROW(offsetof(struct options, select)),
};

static int check(const struct options *o)
{
	if (!o->output && !o->common.json)
		return diag_refuse("report wants -o FILE for the page, or --json");
	if (o->output && !page_available())
		return diag_refuse("this imagetrim was built without the page (d3 was not "
				   "installed); --json has what it would show");
	return 0;
}

static int open_image(const struct options *o, const char *name, struct image **image)
{
	struct image_ref ref CLEANUP(image_ref_fini) = { 0 };
	const struct engine *engine = NULL;
	int r = image_ref_parse(name, &ref);

	if (r == 0)
		r = image_ref_set_platform(&ref, o->select.platform);
	if (r == 0 && ref.form == IMAGE_ENGINE)
		r = engine_find(o->common.engine, &engine);
	return r == 0 ? image_open(&ref, engine, image) : r;
}

/* ---- the data -------------------------------------------------------------------------------- */

/* What findings are made of. */
struct work {
	struct image *image;
	struct access_set access;
	struct provenance provenance;
	struct log_table logs;
	struct profile profile;
	struct tree *tree;
	struct packages packages;
	struct report report;
};

static void work_fini(struct work *w)
{
	report_fini(&w->report);
	packages_fini(&w->packages);
	tree_free(w->tree);
	logs_fini(&w->logs);
	provenance_fini(&w->provenance);
	access_fini(&w->access);
	if (w->image)
		image_free(w->image);
}

static int find(const struct options *o, struct work *w, char *const logs[], size_t n_logs,
		struct json **data)
{
	struct findings f = {
		.image = w->image,
		.packages = &w->packages,
		.report = &w->report,
		.access = &w->access,
		.provenance = &w->provenance,
		.logs = &w->logs,
		.profile = &w->profile,
	};
	int r;

	provenance_init(&w->provenance);
	access_init(&w->access, w->image);
	w->access.watch = &w->provenance.watch;
	w->access.any_image = o->any_image;
	r = access_add_all(&w->access, logs, n_logs);
	if (r == 0)
		r = access_check_losses(&w->access, true);
	if (r == 0)
		r = logs_read(logs, n_logs, &w->logs);
	if (r == 0)
		r = profile_add_all(&w->profile, logs, n_logs);
	if (r < 0)
		return r;
	image_verify_later(w->image);
	r = selection_make(w->image, &w->access, &o->select, &w->tree, &w->packages, &f.absent);
	if (r == 0)
		r = image_verify(w->image);
	if (r < 0)
		return r;
	report_make(&w->report, w->tree, &w->packages);
	provenance_settle(&w->provenance, w->image, w->tree, &w->access);
	f.tree = w->tree;
	*data = findings_json(&f);
	return 0;
}

/* ---- where it goes ----------------------------------------------------------------------------- */

static int write_page(const char *path, const struct json *data)
{
	struct outfile out CLEANUP(outfile_fini) = { .fd = -1 };
	int r = outfile_open(&out, path);

	if (r < 0)
		return r;
	r = page_write(data, out.fd);
	if (r < 0)
		return diag_fail(r, "%s cannot be written", path);
	return outfile_commit(&out);
}

static void tell(const char *path, const struct work *w)
{
	const struct report_row *total = &w->report.total;
	char kept[16], removed[16];

	progress_size(total->kept.bytes, kept);
	progress_size(total->removed.bytes, removed);
	printf("%s: %s: %llu files (%s) kept, %llu (%s) removed\n", path, w->image->name,
	       (unsigned long long)total->kept.files, kept,
	       (unsigned long long)total->removed.files, removed);
}

static int report(const struct options *o, struct work *w, char **argv, size_t n_logs)
{
	struct json *data CLEANUP(json_freep) = NULL;
	cleanup_free char *text = NULL;
	int r = open_image(o, argv[0], &w->image);

	if (r == 0)
		r = find(o, w, argv + 1, n_logs, &data);
	if (r == 0 && o->output)
		r = write_page(o->output, data);
	if (r < 0)
		return r;
	if (o->common.json) {
		text = json_write(data, NULL);
		printf("%s\n", text);
	} else {
		tell(o->output, w);
	}
	return 0;
}

static int run(void *options, int argc, char **argv)
{
	struct options *o = options;
	struct work w = { 0 };
	int r = check(o);

	if (r == 0)
		r = selection_prepare(&o->select);
	if (r == 0)
		r = report(o, &w, argv, (size_t)argc - 1);
	work_fini(&w);
	selection_release(&o->select);
	return r;
}

const struct verb cmd_report = {
	.name = "report",
	.synopsis = "IMAGE LOG|DIR... -o FILE [options]",
	.summary = "Show in one HTML page what is kept and removed, and why.",
	.details =
		"The page shows the image's files by size, with what is kept and what a trim\n"
		"by these logs and options would remove, each with its reason; packages; and\n"
		"how much each log had that no earlier one had. It needs no network and no\n"
		"other file. --json prints the data that the page shows.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 2,
	.max_args = -1,
	.run = run,
};
