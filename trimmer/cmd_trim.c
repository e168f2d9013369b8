// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_trim.c - imagetrim trim: images and logs to small images
 *
 * In: one image, or with --share several, and logs. Out: a new image for each. Everything that
 * can be refused by its text is refused before the first image is opened.
 */
#include "cmd.h"
#include "diag.h"
#include "engine.h"
#include "trim.h"

struct options {
	struct common_options common;
	struct strlist tags;
	bool share, any_image;
	struct trim_options trim;
};

static const struct option_row rows[] = {
	{ "tag", 't', OPTION_LIST, "NEW", offsetof(struct options, tags),
	  "the new image: a name, or oci:, oci-archive:, docker-archive: or -" },
	TRIM_OPTION_ROWS(offsetof(struct options, trim)),
	{ "share", 0, OPTION_FLAG, NULL, offsetof(struct options, share),
	  "trim several images together, one -t for each; layers they have in common keep what "
	  "any of them needs, and stay common (with --layers keep)" },
	{ "any-image", 0, OPTION_FLAG, NULL, offsetof(struct options, any_image),
	  "use logs of other images too (of the one before a rebuild)" },
};

/* One image on its way. */
struct item {
	struct image_ref from, to;
	struct image *image;
	struct access_set access;
};

static void items_free(struct item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (items[i].access.paths)
			access_fini(&items[i].access);
		if (items[i].image)
			image_free(items[i].image);
		image_ref_fini(&items[i].from);
		image_ref_fini(&items[i].to);
	}
	free(items);
}

/* ---- what can be refused at once ------------------------------------------------------------- */

static int parse_item(const struct options *o, const char *from, const char *to,
		      struct item *item)
{
	int r = image_ref_parse(from, &item->from);

	if (r == 0)
		r = image_ref_set_platform(&item->from, o->trim.select.platform);
	return r == 0 ? image_ref_parse(to, &item->to) : r;
}

/* A stream holds one image. */
static int check_streams(const struct item *items, size_t n)
{
	size_t in = 0, out = 0;

	for (size_t i = 0; i < n; i++) {
		in += items[i].from.form == IMAGE_STDIO;
		out += items[i].to.form == IMAGE_STDIO;
	}
	if (in > 1 || out > 1)
		return diag_refuse("only one image can be '-'");
	return 0;
}

static int check(struct options *o, size_t n, int argc)
{
	if (!n)
		return diag_refuse("trim wants -t NEW, the name of the new image");
	if (n > 1 && !o->share)
		return diag_refuse(
			"trim makes one image; say --share to trim several together");
	if (argc < (int)n + 1)
		return diag_refuse("trim --share wants an image for each -t, then LOG|DIR...");
	if (n > 1 && o->trim.removed)
		return diag_refuse("--removed is about one image, not with --share");
	if (o->share && !o->trim.layers)
		o->trim.layers = "keep";
	if (o->share && strcmp(o->trim.layers, "one") == 0)
		return diag_refuse("--share keeps layers; it cannot be used with --layers one");
	return 0;
}

/* ---- the work ---------------------------------------------------------------------------------- */

static int open_items(const struct options *o, struct item *items, size_t n,
		      const struct engine **engine)
{
	bool wanted = false;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		wanted |=
			items[i].from.form == IMAGE_ENGINE || items[i].to.form == IMAGE_ENGINE;
	if (wanted)
		r = engine_find(o->common.engine, engine);
	for (size_t i = 0; i < n && r == 0; i++)
		r = image_open(&items[i].from, *engine, &items[i].image);
	return r;
}

/* Each image gets the logs that were recorded from it, or that name no image of the family. */
static int read_logs(const struct options *o, struct item *items, size_t n, char *const logs[],
		     size_t n_logs)
{
	cleanup_free struct origin *origins = xcalloc(n, sizeof(*origins));
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		access_init(&items[i].access, items[i].image);
		origins[i] = items[i].access.origin;
	}
	for (size_t i = 0; i < n && r == 0; i++) {
		items[i].access.any_image = o->any_image;
		items[i].access.others = origins;
		items[i].access.n_others = n;
		r = access_add_all(&items[i].access, logs, n_logs);
		if (r == 0)
			r = access_check_losses(&items[i].access, o->trim.accept_incomplete);
		items[i].access.others = NULL;
	}
	return r;
}

static int trim(struct options *o, struct item *items, size_t n, char *const logs[],
		size_t n_logs)
{
	cleanup_free struct trim_job *jobs = xcalloc(n, sizeof(*jobs));
	const struct engine *engine = NULL;
	int r = open_items(o, items, n, &engine);

	if (r == 0)
		r = read_logs(o, items, n, logs, n_logs);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		jobs[i].image = items[i].image;
		jobs[i].access = &items[i].access;
		jobs[i].dest = &items[i].to;
	}
	r = trim_images(jobs, n, &o->trim, engine);
	for (size_t i = 0; i < n && r == 0; i++) {
		trim_result_print(&jobs[i].result, items[i].image, &items[i].to,
				  &items[i].access.totals, NULL, o->common.json);
		trim_result_fini(&jobs[i].result);
	}
	return r;
}

static int run(void *options, int argc, char **argv)
{
	struct options *o = options;
	size_t n = o->tags.n_items;
	struct item *items = xcalloc(n + 1, sizeof(*items));
	int r = check(o, n, argc);

	if (r == 0)
		r = trim_prepare(&o->trim);
	for (size_t i = 0; i < n && r == 0; i++)
		r = parse_item(o, argv[i], o->tags.items[i], &items[i]);
	if (r == 0)
		r = check_streams(items, n);
	if (r == 0)
		r = trim(o, items, n, argv + n, (size_t)argc - n);
	items_free(items, n);
	trim_release(&o->trim);
	return r;
}

const struct verb cmd_trim = {
	.name = "trim",
	.synopsis = "IMAGE LOG|DIR... -t NEW [options]",
	.summary = "Rebuild an image with only the files that logs say were used.",
	.details =
		"A LOG is a trace log, its text form, or a plain list of absolute paths; a DIR\n"
		"stands for all *.tlog files below it. A GLOB is matched against the whole\n"
		"path; * stops at a slash, ** does not. Logs of other images are left out.\n"
		"With --share there are as many IMAGEs as -t, in the same order, then LOGs:\n"
		"imagetrim trim --share a b logs -t a:small -t b:small. A log counts for the\n"
		"image that it was recorded from, a plain list for all.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 2,
	.max_args = -1,
	.run = run,
};
