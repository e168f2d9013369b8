// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_trim.c - imagetrim trim: image and logs to a small image
 */
#include "cmd.h"
#include "diag.h"
#include "engine.h"
#include "trim.h"

struct options {
	struct common_options common;
	const char *tag;
	struct trim_options trim;
};

static const struct option_row rows[] = {
	{ "tag", 't', OPTION_TEXT, "NEW", offsetof(struct options, tag),
	  "the new image: a name, or oci:, oci-archive:, docker-archive: or -" },
	TRIM_OPTION_ROWS(offsetof(struct options, trim)),
};

static int trim(struct options *o, const struct image_ref *from, const struct image_ref *to,
		char *const logs[], size_t n_logs)
{
	struct image *image CLEANUP(image_freep) = NULL;
	const struct engine *engine = NULL;
	struct trim_result result;
	struct access_set access;
	int r = 0;

	if (from->form == IMAGE_ENGINE || to->form == IMAGE_ENGINE)
		r = engine_find(o->common.engine, &engine);
	if (r == 0)
		r = image_open(from, engine, &image);
	if (r < 0)
		return r;
	access_init(&access, image->arch, image->config_digest);
	r = access_add_all(&access, logs, n_logs);
	if (r == 0)
		r = trim_image(image, &access, &o->trim, to, engine, &result);
	if (r == 0) {
		trim_result_print(&result, image, to, &access.totals, NULL, o->common.json);
		trim_result_fini(&result);
	}
	access_fini(&access);
	return r;
}

static int run(void *options, int argc, char **argv)
{
	struct options *o = options;
	struct image_ref from CLEANUP(image_ref_fini) = { 0 };
	struct image_ref to CLEANUP(image_ref_fini) = { 0 };
	int r;

	if (!o->tag)
		return diag_refuse("trim wants -t NEW, the name of the new image");
	r = trim_prepare(&o->trim);
	if (r == 0)
		r = image_ref_parse(argv[0], &from);
	if (r == 0)
		r = image_ref_parse(o->tag, &to);
	if (r == 0)
		r = trim(o, &from, &to, argv + 1, (size_t)argc - 1);
	trim_release(&o->trim);
	return r;
}

const struct verb cmd_trim = {
	.name = "trim",
	.synopsis = "IMAGE LOG|DIR... -t NEW [options]",
	.summary = "Rebuild an image with only the files that logs say were used.",
	.details = "A LOG is a trace log, its text form, or a plain list of absolute paths; a DIR\n"
		   "stands for all *.tlog files below it. A GLOB is matched against the whole\n"
		   "path; * stops at a slash, ** does not.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 2,
	.max_args = -1,
	.run = run,
};
