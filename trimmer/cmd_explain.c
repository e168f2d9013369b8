// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_explain.c - imagetrim explain: why paths of an image are kept or left out
 *
 * In: an image, logs, paths. Out: a paragraph or an object for each path. The selection is that
 * of a trim with the same options; nothing is written.
 */
#include "cmd.h"
#include "diag.h"
#include "engine.h"
#include "explain.h"
#include "selection.h"

#include <stdio.h>

struct options {
	struct common_options common;
	bool any_image;
	struct selection_options select;
};

static const struct option_row rows[] = {
	SELECTION_OPTION_ROWS(offsetof(struct options, select)),
	{ "any-image", 0, OPTION_FLAG, NULL, offsetof(struct options, any_image),
	  "use logs of other images too (of the one before a rebuild)" },
	PLATFORM_OPTION_ROW(offsetof(struct options, select)),
};

/* The operands behind IMAGE, told apart. */
struct operands {
	struct strlist logs, paths;
};

/*
 * Before "--" stand logs, behind it paths. Without it an absolute name is a path of the image
 * unless it ends as logs do: what is on this machine must not change what is meant.
 */
static int sort_operands(struct operands *o, int argc, char **argv)
{
	char **paths = argv + argc + 1;

	for (int i = 1; i < argc; i++) {
		size_t len = strlen(argv[i]), n = strlen(TLOG_SUFFIX);
		bool log = argv[i][0] != '/' ||
			   (len > n && strcmp(argv[i] + len - n, TLOG_SUFFIX) == 0);

		strlist_add(paths[0] || log ? &o->logs : &o->paths, argv[i]);
	}
	for (size_t i = 0; paths[i]; i++)
		strlist_add(&o->paths, paths[i]);
	if (!o->paths.n_items)
		return diag_refuse("explain wants a PATH of the image, such as /bin/sh");
	if (!o->logs.n_items)
		return diag_refuse("explain wants a LOG; an absolute name that does not end "
				   "with " TLOG_SUFFIX " is one only before '--'");
	for (size_t i = 0; i < o->paths.n_items; i++)
		if (o->paths.items[i][0] != '/')
			return diag_refuse("PATH '%s' is not absolute", o->paths.items[i]);
	return 0;
}

static void tell(const struct explain *x, const struct strlist *paths, bool json, bool *all)
{
	struct json *object CLEANUP(json_freep) = json_new_object();
	struct json *array = json_new_array();
	cleanup_free char *text = NULL;

	*all = true;
	for (size_t i = 0; i < paths->n_items; i++) {
		bool found;

		if (json)
			json_add(array, explain_json(x, paths->items[i], &found));
		else
			found = explain_print(x, paths->items[i]);
		*all &= found;
	}
	json_set_text(object, "image", x->image->name);
	json_set(object, "paths", array);
	if (json) {
		text = json_write(object, NULL);
		printf("%s\n", text);
	}
}

/* Marks the image as a trim would, and tells. 1 if a path is not in the image. */
static int explain(const struct options *o, struct image *image,
		   const struct operands *operands)
{
	struct tree *tree CLEANUP(tree_freep) = NULL;
	struct packages packages = { 0 };
	struct provenance provenance;
	struct access_set access;
	struct explain x = { image, NULL, &access, &provenance, &packages };
	uint64_t absent;
	bool all = true;
	int r;

	provenance_init(&provenance);
	access_init(&access, image);
	access.any_image = o->any_image;
	access.watch = &provenance.watch;
	r = access_add_all(&access, (char *const *)(uintptr_t)operands->logs.items,
			   operands->logs.n_items);
	if (r == 0)
		r = access_check_losses(&access, true);
	if (r == 0)
		r = selection_make(image, &access, &o->select, &tree, &packages, &absent);
	if (r == 0) {
		provenance_settle(&provenance, image, tree, &access);
		x.tree = tree;
		tell(&x, &operands->paths, o->common.json, &all);
	}
	packages_fini(&packages);
	access_fini(&access);
	provenance_fini(&provenance);
	return r == 0 ? !all : r;
}

static int run(void *options, int argc, char **argv)
{
	struct image *image CLEANUP(image_freep) = NULL;
	const struct engine *engine = NULL;
	struct operands operands = { 0 };
	struct image_ref ref = { 0 };
	struct options *o = options;
	int r = sort_operands(&operands, argc, argv);

	if (r == 0)
		r = selection_prepare(&o->select);
	if (r == 0)
		r = image_ref_parse(argv[0], &ref);
	if (r == 0)
		r = image_ref_set_platform(&ref, o->select.platform);
	if (r == 0 && ref.form == IMAGE_ENGINE)
		r = engine_find(o->common.engine, &engine);
	if (r == 0)
		r = image_open(&ref, engine, &image);
	if (r == 0)
		r = explain(o, image, &operands);
	image_ref_fini(&ref);
	strlist_fini(&operands.logs);
	strlist_fini(&operands.paths);
	selection_release(&o->select);
	return r;
}

const struct verb cmd_explain = {
	.name = "explain",
	.synopsis = "IMAGE LOG|DIR... PATH... [options]",
	.summary = "Tell why a trim keeps a file, or leaves it out.",
	.details =
		"A PATH is absolute, in the image. An absolute name that ends with .tlog is a\n"
		"LOG; to name another absolute LOG or DIR, put -- before the PATHs:\n"
		"imagetrim explain redis:7 /var/logs -- /bin/sh. The options are those of trim\n"
		"that change what is kept. Exit status 1: a PATH is not in the image.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 2,
	.max_args = -1,
	.rest = true,
	.run = run,
};
