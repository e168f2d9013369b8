// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_diff.c - imagetrim diff: what two images, or two logs, have not in common
 *
 * In: two images, or two logs. Out: a line for each difference; the exit status of diff(1).
 */
#include "cmd.h"
#include "diag.h"
#include "diff.h"
#include "engine.h"
#include "layer.h"
#include "tlog.h"

struct options {
	struct common_options common;
	bool logs;
	const char *platform;
};

static const struct option_row rows[] = {
	{ "logs", 0, OPTION_FLAG, NULL, offsetof(struct options, logs),
	  "A and B are logs or directories of them, whatever their names" },
	{ "platform", 0, OPTION_TEXT, "OS/ARCH[/VARIANT]", offsetof(struct options, platform),
	  "which image of a multi-platform one (default: this machine's)" },
};

/* One of the two images. */
struct side {
	struct image_ref ref;
	struct image *image;
	struct tree *tree;
};

static void side_fini(struct side *side)
{
	tree_free(side->tree);
	if (side->image)
		image_free(side->image);
	image_ref_fini(&side->ref);
}

static int side_open(struct side *side, const struct engine *engine)
{
	int r = image_open(&side->ref, engine, &side->image);

	if (r < 0)
		return r;
	side->tree = tree_new();
	r = layer_read_all(side->image, side->tree);
	if (r == 0)
		tree_freeze(side->tree);
	return r;
}

static bool is_log(const char *name)
{
	size_t len = strlen(name), n = strlen(TLOG_SUFFIX);

	return len > n && strcmp(name + len - n, TLOG_SUFFIX) == 0;
}

/* 1 if there is a difference. */
static int tell(const struct options *o, const struct diff *diff, char *const names[2])
{
	struct json *json CLEANUP(json_freep) = NULL;
	cleanup_free char *text = NULL;

	if (o->common.json) {
		json = diff_json(diff, names[0], names[1]);
		text = json_write(json, NULL);
		printf("%s\n", text);
	} else {
		diff_print(diff, names[0], names[1], stdout);
	}
	return diff->n_rows != 0;
}

static int compare_images(const struct options *o, char *const names[2])
{
	struct side sides[2] = { 0 };
	const struct engine *engine = NULL;
	struct diff diff = { 0 };
	bool wanted = false;
	int r = 0;

	for (size_t i = 0; i < 2 && r == 0; i++) {
		r = image_ref_parse(names[i], &sides[i].ref);
		if (r == 0)
			r = image_ref_set_platform(&sides[i].ref, o->platform);
		wanted |= sides[i].ref.form == IMAGE_ENGINE;
	}
	if (r == 0 && sides[0].ref.form == IMAGE_STDIO && sides[1].ref.form == IMAGE_STDIO)
		r = diag_refuse("only one image can be '-'");
	if (r == 0 && wanted)
		r = engine_find(o->common.engine, &engine);
	for (size_t i = 0; i < 2 && r == 0; i++)
		r = side_open(&sides[i], engine);
	if (r == 0)
		r = diff_images(&diff, sides[0].image, sides[0].tree, sides[1].image,
				sides[1].tree);
	if (r == 0)
		r = tell(o, &diff, names);
	diff_fini(&diff);
	side_fini(&sides[0]);
	side_fini(&sides[1]);
	return r;
}

static int compare_logs(const struct options *o, char *const names[2])
{
	struct diff diff CLEANUP(diff_fini) = { 0 };
	int r = diff_logs(&diff, names[0], names[1]);

	return r == 0 ? tell(o, &diff, names) : r;
}

static int run(void *options, int argc UNUSED, char **argv)
{
	const struct options *o = options;
	bool a = is_log(argv[0]), b = is_log(argv[1]);

	if (!o->logs && a != b)
		return diag_refuse("%s is a log by its name, %s is none; say --logs if both "
				   "are",
				   argv[!a], argv[a]);
	return o->logs || a ? compare_logs(o, argv) : compare_images(o, argv);
}

const struct verb cmd_diff = {
	.name = "diff",
	.synopsis = "A B [options]",
	.summary = "Compare two images, or two logs.",
	.details =
		"A and B are images, or logs: names that end with .tlog, or any with --logs.\n"
		"+ is only in B, - only in A, ~ in both, but with other content, mode, owner,\n"
		"xattrs or link; of logs, with other accesses. Exit status: 0 no difference,\n"
		"1 there are differences, 2 trouble.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 2,
	.max_args = 2,
	.trouble = 2,
	.run = run,
};
