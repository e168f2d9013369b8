// SPDX-License-Identifier: Apache-2.0
/*
 * selection.c - an image's tree, marked
 *
 * In: an open image, the union of its logs, what the user names. Out: the tree with reasons.
 * Never judges or counts what the marks say.
 */
#include "selection.h"
#include "diag.h"
#include "imageconf.h"
#include "layer.h"
#include "process.h"

int selection_prepare(struct selection_options *options)
{
	int r = packages_mode_parse(options->packages, &options->packages_mode);

	return r < 0 ? r
		     : rules_read(&options->rules, &options->rules_files, options->no_rules);
}

void selection_release(struct selection_options *options)
{
	rules_fini(&options->rules);
}

static void exclude(struct closure *c, const struct selection_options *options)
{
	closure_ask(c, "the recorder's own directory");
	closure_exclude_glob(c, TRACER_DIR);
	if (!options->devices) {
		closure_ask(c, "device nodes want --devices");
		closure_exclude_devices(c);
	}
	for (size_t i = 0; i < options->exclude.n_items; i++) {
		closure_ask(c, "--exclude '%s'", options->exclude.items[i]);
		if (!closure_exclude_glob(c, options->exclude.items[i]))
			diag_warning("--exclude '%s' matches nothing in the image",
				     options->exclude.items[i]);
	}
}

static int include(struct closure *c, const struct selection_options *options)
{
	for (size_t i = 0; i < options->include.n_items; i++) {
		closure_ask(c, "--include '%s'", options->include.items[i]);
		if (!closure_add_glob(c, options->include.items[i], KEEP_INCLUDE))
			diag_warning("--include '%s' matches nothing in the image",
				     options->include.items[i]);
	}
	for (size_t i = 0; i < options->include_cmd.n_items; i++) {
		char **argv;
		int r = process_split(options->include_cmd.items[i], &argv);

		if (r < 0)
			return diag_refuse("--include-cmd '%s' has an open quote",
					   options->include_cmd.items[i]);
		closure_ask(c, "--include-cmd '%s'", options->include_cmd.items[i]);
		closure_add_command(c, argv, "command of --include-cmd");
		argv_free(argv);
	}
	return 0;
}

/* ---- package databases -------------------------------------------------------------------- */

static void drop_databases(struct closure *c)
{
	for (size_t i = 0; i < packages_n_databases; i++)
		closure_exclude_glob(c, packages_databases[i]);
}

/* All of them, or those that cannot be cut. */
static void keep_databases(struct closure *c, bool all)
{
	struct node *node;

	for (size_t i = 0; i < packages_n_companions; i++)
		closure_mark(c, packages_companions[i], KEEP_PACKAGES, NULL);
	for (size_t i = 0; i < packages_n_databases; i++) {
		const char *path = packages_databases[i];
		bool opaque = packages_is_opaque(path);

		if ((!all && !opaque) || resolve_find(c->tree, NULL, path, true, &node) < 0)
			continue;
		closure_add_glob(c, path, KEEP_PACKAGES);
		if (!all)
			diag_note("%s: rpm's database %s is kept whole: it names what is gone, "
				  "too",
				  c->image->name, path);
	}
}

static void tell_absent(const struct closure *c, const struct access_set *access)
{
	if (pathset_count(access->paths) && c->absent == pathset_count(access->paths))
		diag_warning("%s has none of the logged paths; is it the image that was "
			     "recorded?",
			     c->image->name);
}

static int mark(struct image *image, struct tree *tree, const struct access_set *access,
		const struct selection_options *options, struct packages *owners,
		uint64_t *absent)
{
	struct closure c;
	int r;

	closure_init(&c, image, tree);
	exclude(&c, options);
	closure_ask(&c, "package databases are left out");
	if (options->packages_mode == PACKAGES_DROP)
		drop_databases(&c);
	rules_drop(&options->rules, &c);
	closure_ask(&c, NULL);
	closure_add_access(&c, access);
	if (!options->exact) {
		tell_absent(&c, access);
		closure_add_rules(&c);
	}
	rules_keep(&options->rules, &c);
	r = include(&c, options);
	closure_ask(&c, "package database");
	if (!options->exact && options->packages_mode != PACKAGES_DROP)
		keep_databases(&c, options->packages_mode == PACKAGES_KEEP);
	closure_ask(&c, NULL);
	closure_run(&c);
	if (options->packages_mode == PACKAGES_CUT)
		packages_cut(image, tree, NULL, owners);
	else if (owners)
		packages_read(owners, image, tree);
	*absent = c.absent;
	closure_fini(&c);
	return r;
}

int selection_make(struct image *image, const struct access_set *access,
		   const struct selection_options *options, struct tree **tree,
		   struct packages *owners, uint64_t *absent)
{
	int r;

	if (owners)
		*owners = (struct packages) { 0 };
	*tree = tree_new();
	r = layer_read_all(image, *tree);
	if (r < 0)
		return r;
	tree_freeze(*tree);
	return mark(image, *tree, access, options, owners, absent);
}
