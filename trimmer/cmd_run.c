// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_run.c - imagetrim run: instrument, run, collect, trim, in one
 *
 * In: an image and how to use it. Out: its trimmed image and the log of the run. Everything
 * that can be refused is refused before the first step.
 */
#include "access.h"
#include "cmd.h"
#include "diag.h"
#include "engine.h"
#include "imageconf.h"
#include "outfile.h"
#include "recording.h"
#include "trim.h"
#include "verify.h"

#include <fcntl.h>
#include <stdio.h>

struct options {
	struct common_options common;
	const char *tag, *output;
	bool verify, ignore_listings, syscalls;
	struct recording_options recording;
	struct trim_options trim;
};

#define ROW(name, letter, type, arg, field, help)                              \
	{                                                                      \
		name, letter, type, arg, offsetof(struct options, field), help \
	}

static const struct option_row rows[] = {
	ROW("tag", 't', OPTION_TEXT, "NEW", tag,
	    "the new image: a name, or oci:, oci-archive:, docker-archive: or - "
	    "(default: IMAGE with -trimmed at its tag)"),
	ROW("output", 'o', OPTION_TEXT, "LOG", output,
	    "where the log goes (default: NAME.tlog here, never over another file)"),
	ROW("syscalls", 0, OPTION_FLAG, NULL, syscalls,
	    "record which system calls are made, too, for 'imagetrim seccomp'; slower"),
	RECORDING_OPTION_ROWS(offsetof(struct options, recording)),
	ROW("verify", 0, OPTION_FLAG, NULL, verify,
	    "then use the new image the same way and tell what it misses, as verify does"),
	IGNORE_LISTINGS_ROW(offsetof(struct options, ignore_listings)),
	TRIM_OPTION_ROWS(offsetof(struct options, trim)),
};

/* All that is made from the command line before anything is done. */
struct plan {
	const struct options *options;
	struct image_ref from, to;
	char *log;
	bool log_reserved; /* an empty file of ours holds the name */
	struct recording recording;
	const struct engine *engine;
};

/* ---- names --------------------------------------------------------------------------------- */

/* redis:7 -> redis:7-trimmed */
static int plan_target(struct plan *p)
{
	cleanup_free char *text = NULL;
	const char *name = p->from.ref, *tag;
	size_t len;

	if (p->options->tag)
		return image_ref_parse(p->options->tag, &p->to);
	if (p->from.form != IMAGE_ENGINE || strchr(name, '@') ||
	    strncmp(name, "sha256:", 7) == 0)
		return diag_refuse("run wants -t NEW, the name of the new image, for %s",
				   p->from.text);
	tag = image_name_tag(name);
	len = strlen(name);
	if (tag > name && tag < name + len)
		len = (size_t)(tag - name) - 1;
	text = xasprintf("%.*s:%s-trimmed", (int)len, name, tag);
	return image_ref_parse(text, &p->to);
}

/* The last part of the image's name, for the log's: "redis". The caller frees. */
static char *stem_of(const struct image_ref *from)
{
	const char *text = from->ref ? from->ref : from->path, *base;
	size_t len;

	if (!text)
		return xstrdup("image");
	base = path_base(text);
	len = from->ref ? strcspn(base, ":@") : strlen(base);
	if (!from->ref && len > 4 && strcmp(base + len - 4, ".tar") == 0)
		len -= 4;
	return len ? xmemdup(base, len) : xstrdup("image");
}

/* Better now than after a long run: can a log be written there? */
static int plan_log(struct plan *p)
{
	cleanup_free char *stem = stem_of(&p->from);
	cleanup_free char *path = p->options->output ? xstrdup(p->options->output)
						     : xasprintf("%s" TLOG_SUFFIX, stem);
	struct outfile trial;
	int r = outfile_open(&trial, path);

	if (r == 0)
		outfile_fini(&trial);
	else if (!p->options->output)
		diag_note("the log goes to the current directory unless -o says where");
	return r;
}

/* Takes the first free name for the log by making the file, unless -o names one. */
static int reserve_log(struct plan *p)
{
	cleanup_free char *stem = stem_of(&p->from);

	if (p->options->output)
		p->log = xstrdup(p->options->output);
	for (unsigned int i = 1; !p->log; i++) {
		cleanup_free char *name = i == 1 ? xasprintf("%s" TLOG_SUFFIX, stem)
						 : xasprintf("%s-%u" TLOG_SUFFIX, stem, i);
		cleanup_fd int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

		if (fd < 0 && errno != EEXIST)
			return diag_fail(-errno, "log %s cannot be written", name);
		p->log_reserved = fd >= 0;
		if (p->log_reserved)
			p->log = steal_ptr(name);
	}
	return 0;
}

static void plan_fini(struct plan *p)
{
	recording_release(&p->recording);
	image_ref_fini(&p->from);
	image_ref_fini(&p->to);
	free(p->log);
}

static int plan_make(struct plan *p, const char *image)
{
	int r = image_ref_parse(image, &p->from);

	if (r == 0)
		r = image_ref_set_platform(&p->from, p->options->trim.select.platform);
	if (r == 0)
		r = plan_target(p);
	if (r == 0 && p->options->ignore_listings && !p->options->verify)
		r = diag_refuse("--ignore-listings is about --verify");
	if (r == 0 && p->options->verify && p->to.form == IMAGE_STDIO)
		r = diag_refuse("--verify runs the new image, so that cannot be '-'");
	if (r == 0)
		r = recording_prepare(&p->recording, &p->options->recording);
	if (r == 0)
		r = engine_find(p->options->common.engine, &p->engine);
	if (r == 0)
		r = plan_log(p);
	return r;
}

/* ---- the work ------------------------------------------------------------------------------ */

static bool out_is_taken(const struct plan *p)
{
	return p->options->common.json || p->to.form == IMAGE_STDIO;
}

/* Instruments, runs, collects. 0 when there is a log to trim by. */
static int record(struct plan *p, struct image *image, char *const args[])
{
	struct recording_run run = { .args = args,
				     .syscalls = p->options->syscalls,
				     .out_to_stderr = out_is_taken(p) };
	bool collected = false;
	int r = reserve_log(p);

	run.log = p->log;
	if (r == 0)
		r = recording_make(&p->recording, image, p->engine, &run, &collected);
	/* Signals do not end us here, so an empty file is not left behind. */
	if (!collected && p->log_reserved)
		unlink(p->log);
	if (r < 0 && collected)
		diag_note("nothing is trimmed; the log of the run is kept in %s", p->log);
	return r;
}

static int trim(const struct plan *p, struct image *image)
{
	struct trim_result result;
	struct access_set access;
	int r;

	access_init(&access, image);
	r = access_add_all(&access, &p->log, 1);
	if (r == 0)
		r = access_check_losses(&access, p->options->trim.accept_incomplete);
	if (r == 0)
		r = trim_image(image, &access, &p->options->trim, &p->to, p->engine, &result);
	if (r == 0) {
		trim_result_print(&result, image, &p->to, &access.totals, p->log,
				  p->options->common.json);
		trim_result_fini(&result);
	} else {
		diag_note("the log of the run is kept in %s", p->log);
	}
	access_fini(&access);
	return r;
}

/* ---- the proof ----------------------------------------------------------------------------- */

static void tell_proof(const struct plan *p, const struct verify *v)
{
	const struct verify_names names = { p->from.text, p->to.text,
					    !p->options->ignore_listings };
	struct json *json CLEANUP(json_freep) = NULL;
	cleanup_free char *text = NULL;

	if (!p->options->common.json) {
		verify_print(v, &names, stdout);
		return;
	}
	json = verify_json(v, &names);
	text = json_write(json, NULL);
	printf("%s\n", text);
}

/* Uses the new image as the original was used. 1 if it misses something. */
static int prove(const struct plan *p, struct image *original, char *const args[])
{
	struct access_set recorded CLEANUP(access_fini) = { 0 };
	struct tree *tree CLEANUP(tree_freep) = NULL;
	struct image *trimmed CLEANUP(image_freep) = NULL;
	struct verify v CLEANUP(verify_fini) = { 0 };
	struct verify_request request = {
		.recorded = &recorded,
		.recording = &p->recording,
		.engine = p->engine,
		.args = args,
		.out_to_stderr = out_is_taken(p),
		.silent_input = !isatty(STDIN_FILENO), /* the first run has read it */
	};
	int r = verify_read_original(original, &p->log, 1, &recorded, &tree);

	if (r == 0)
		r = image_open(&p->to, p->engine, &trimmed);
	if (r < 0)
		return r;
	request.original = tree;
	request.trimmed = trimmed;
	r = verify_make(&v, &request);
	if (r < 0)
		return r;
	tell_proof(p, &v);
	return verify_holes(&v, !p->options->ignore_listings) ? 1
	       : v.run_failed				      ? -ECANCELED
							      : 0;
}

static int run(void *options, int argc, char **argv)
{
	struct image *image CLEANUP(image_freep) = NULL;
	struct options *o = options;
	struct plan p = { .options = o };
	int r = trim_prepare(&o->trim);

	if (r == 0)
		r = plan_make(&p, argv[0]);
	if (r == 0)
		r = image_open(&p.from, p.engine, &image);
	if (r == 0)
		r = record(&p, image, argv + argc + 1);
	if (r == 0)
		r = trim(&p, image);
	if (r == 0 && o->verify)
		r = prove(&p, image, argv + argc + 1);
	plan_fini(&p);
	trim_release(&o->trim);
	return r;
}

const struct verb cmd_run = {
	.name = "run",
	.synopsis = "IMAGE [-t NEW] [options] [-- ARGS]",
	.summary = "Record a run of an image and trim it, in one.",
	.details =
		"ARGS go to the application as with 'docker run IMAGE ARGS'. On a terminal it\n"
		"gets the terminal, and Ctrl-C; elsewhere Ctrl-C stops the container, and what\n"
		"was recorded is used. Commands are split like a shell's words, but no shell\n"
		"runs them; use sh -c '...' for one.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.rest = true,
	.run = run,
};
