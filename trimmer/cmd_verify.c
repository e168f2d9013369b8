// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_verify.c - imagetrim verify: is something missing in a trimmed image?
 *
 * In: the original, its trimmed image, and how to use that or logs of its use. Out: what was
 * missed; with --heal an image that has it. The original is only read.
 */
#include "cmd.h"
#include "diag.h"
#include "engine.h"
#include "trim.h"
#include "verify.h"

#define ROUNDS 5

struct options {
	struct common_options common;
	struct recording_options recording;
	struct strlist logs, recorded;
	bool heal, ignore_listings;
	const char *tag, *rounds;
	struct trim_options trim;
};

#define ROW(name, letter, type, arg, field, help)                              \
	{                                                                      \
		name, letter, type, arg, offsetof(struct options, field), help \
	}

static const struct option_row rows[] = {
	RECORDING_OPTION_ROWS(offsetof(struct options, recording)),
	ROW("log", 0, OPTION_LIST, "LOG|DIR", logs,
	    "judge by this log, recorded with IMAGETRIM_MISSES=1, instead of a run"),
	ROW("recorded", 0, OPTION_LIST, "LOG|DIR", recorded,
	    "logs that TRIMMED was made by: a directory that these runs listed, too, without "
	    "using what is missing now, is no hole"),
	IGNORE_LISTINGS_ROW(offsetof(struct options, ignore_listings)),
	ROW("heal", 0, OPTION_FLAG, NULL, heal,
	    "add what is missing, write -t NEW and verify that, until nothing is"),
	ROW("tag", 't', OPTION_TEXT, "NEW", tag, "the healed image"),
	ROW("rounds", 0, OPTION_TEXT, "N", rounds, "heal at most so often (default 5)"),
	LAYER_OPTION_ROWS(offsetof(struct options, trim)),
	PLATFORM_OPTION_ROW(offsetof(struct options, trim.select)),
};

struct work {
	struct options *options;
	struct image_ref original_ref, trimmed_ref, healed_ref;
	const struct engine *engine;
	struct recording recording;
	char *const *args;
	struct image *original;
	struct tree *tree; /* of the original */
	struct access_set recorded;
	struct access_set healed; /* all that the healed image is to have */
	unsigned long rounds;
};

static void work_fini(struct work *w)
{
	recording_release(&w->recording);
	image_ref_fini(&w->original_ref);
	image_ref_fini(&w->trimmed_ref);
	image_ref_fini(&w->healed_ref);
	if (w->healed.paths)
		access_fini(&w->healed);
	if (w->recorded.paths)
		access_fini(&w->recorded);
	tree_free(w->tree);
	if (w->original)
		image_free(w->original);
}

/* ---- what can be refused at once ------------------------------------------------------------ */

static int check(const struct options *o, struct work *w)
{
	const struct recording_options *r = &o->recording;
	char *end;

	if (o->heal != (o->tag != NULL))
		return diag_refuse("--heal and -t NEW belong together");
	if (o->rounds && !o->heal)
		return diag_refuse("--rounds is about --heal");
	w->rounds = o->rounds ? strtoul(o->rounds, &end, 10) : ROUNDS;
	if (o->rounds && (*end || w->rounds < 1 || w->rounds > 100 ||
			  strspn(o->rounds, "0123456789") != strlen(o->rounds)))
		return diag_refuse("--rounds wants a number from 1 to 100, not '%s'",
				   o->rounds);
	if (o->logs.n_items && (r->drive || r->execs.n_items || r->engine_args.n_items ||
				r->limit > 0 || r->ready > 0 || w->args[0]))
		return diag_refuse("with --log nothing is run: leave out how");
	return 0;
}

static int parse(const struct options *o, char *const argv[], struct work *w)
{
	int r = image_ref_parse(argv[0], &w->original_ref);

	if (r == 0)
		r = image_ref_set_platform(&w->original_ref, o->trim.select.platform);
	if (r == 0)
		r = image_ref_parse(argv[1], &w->trimmed_ref);
	if (r == 0)
		r = image_ref_set_platform(&w->trimmed_ref, o->trim.select.platform);
	if (r == 0 && o->tag)
		r = image_ref_parse(o->tag, &w->healed_ref);
	if (r == 0 &&
	    (w->original_ref.form == IMAGE_STDIO || w->trimmed_ref.form == IMAGE_STDIO ||
	     (o->tag && w->healed_ref.form == IMAGE_STDIO)))
		r = diag_refuse("verify reads its images more than once; none can be '-'");
	return r;
}

static int find_engine(const struct options *o, struct work *w)
{
	bool wanted = !o->logs.n_items || w->original_ref.form == IMAGE_ENGINE ||
		      w->trimmed_ref.form == IMAGE_ENGINE ||
		      (o->tag && w->healed_ref.form == IMAGE_ENGINE);

	return wanted ? engine_find(o->common.engine, &w->engine) : 0;
}

/* ---- the work ------------------------------------------------------------------------------- */

static char *const *log_args(const struct strlist *logs)
{
	return (char *const *)(uintptr_t)logs->items;
}

static int open_original(struct work *w)
{
	int r = image_open(&w->original_ref, w->engine, &w->original);

	if (r < 0)
		return r;
	access_init(&w->healed, w->original);
	return verify_read_original(w->original, log_args(&w->options->recorded),
				    w->options->recorded.n_items, &w->recorded, &w->tree);
}

/* One run of the image, and what it says. */
static int verify(const struct work *w, const struct image_ref *ref, struct verify *v)
{
	const struct options *o = w->options;
	struct image *image CLEANUP(image_freep) = NULL;
	struct verify_request request = {
		.original = w->tree,
		.recorded = &w->recorded,
		.logs = log_args(&o->logs),
		.n_logs = o->logs.n_items,
		.recording = &w->recording,
		.engine = w->engine,
		.args = w->args,
		.out_to_stderr = o->common.json,
	};
	int r = image_open(ref, w->engine, &image);

	request.trimmed = image;
	return r == 0 ? verify_make(v, &request) : r;
}

static void tell(const struct work *w, const struct image_ref *ref, const struct verify *v)
{
	const struct options *o = w->options;
	const struct verify_names names = { w->original_ref.text, ref->text,
					    !o->ignore_listings };
	struct json *json CLEANUP(json_freep) = NULL;
	cleanup_free char *text = NULL;

	if (!o->common.json) {
		verify_print(v, &names, stdout);
		return;
	}
	json = verify_json(v, &names);
	text = json_write(json, NULL);
	printf("%s\n", text);
}

/* Writes the healed image. */
static int heal(struct work *w, const struct image_ref *ref, const struct verify *v)
{
	struct options *o = w->options;
	struct trim_result result;
	size_t alien = verify_heal(v, !o->ignore_listings, &w->healed);
	int r;

	if (alien)
		diag_warning("%s has %zu paths that %s does not have; %s will not have them",
			     ref->text, alien, w->original_ref.text, w->healed_ref.text);
	w->healed.totals.n_logs += v->access.totals.n_logs;
	o->trim.select.exact = true;
	o->trim.select.packages_mode = verify_packages(v);
	r = trim_image(w->original, &w->healed, &o->trim, &w->healed_ref, w->engine, &result);
	if (r != 0)
		return r;
	if (!o->common.json)
		trim_result_print(&result, w->original, &w->healed_ref, &w->healed.totals, NULL,
				  false);
	trim_result_fini(&result);
	return 0;
}

/* The exit status: 0 verified, 1 holes; or -errno. */
static int round_of(struct work *w, const struct image_ref *ref, bool may_heal, bool *healed)
{
	const struct options *o = w->options;
	struct verify v = { 0 };
	size_t holes;
	int r = verify(w, ref, &v);

	*healed = false;
	if (r == 0)
		tell(w, ref, &v);
	holes = verify_holes(&v, !o->ignore_listings);
	if (r == 0 && holes && may_heal) {
		r = heal(w, ref, &v);
		*healed = r == 0;
	}
	if (r == 0 && !holes && v.run_failed)
		r = -ECANCELED; /* told */
	verify_fini(&v);
	return r == 0 ? holes != 0 : r;
}

static int verify_all(struct work *w)
{
	const struct options *o = w->options;
	const struct image_ref *ref = &w->trimmed_ref;
	int r = open_original(w);

	for (unsigned long n = 0; r >= 0; n++) {
		bool healed;

		r = round_of(w, ref, o->heal && n < w->rounds, &healed);
		if (!healed && r == 0 && o->heal && n == 0)
			diag_note("nothing to heal; %s is not written", w->healed_ref.text);
		if (!healed)
			break;
		if (o->logs.n_items) {
			diag_note("%s is not yet verified: record it, and verify by its logs",
				  w->healed_ref.text);
			return 0;
		}
		ref = &w->healed_ref;
	}
	return r;
}

static int run(void *options, int argc, char **argv)
{
	struct options *o = options;
	struct work w = { .options = o, .args = argv + argc + 1 };
	int r = check(o, &w);

	if (r == 0)
		r = parse(o, argv, &w);
	o->trim.select.no_rules = true;
	if (r == 0)
		r = trim_prepare(&o->trim);
	if (r == 0)
		r = recording_prepare(&w.recording, &o->recording);
	if (r == 0)
		r = find_engine(o, &w);
	if (r == 0)
		r = verify_all(&w);
	work_fini(&w);
	trim_release(&o->trim);
	return r;
}

const struct verb cmd_verify = {
	.name = "verify",
	.synopsis = "ORIGINAL TRIMMED [options] [-- ARGS]",
	.summary = "Find out what a trimmed image misses, and add it.",
	.details =
		"Runs TRIMMED as 'run' would and tells what was looked for in vain though\n"
		"ORIGINAL has it, and directories that were listed and have fewer entries.\n"
		"What was found by a later name of the same search is told apart. ORIGINAL is\n"
		"only read. Exit status: 0 nothing is missing, 1 there are holes, 2 trouble.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 2,
	.max_args = 2,
	.rest = true,
	.trouble = 2,
	.run = run,
};
