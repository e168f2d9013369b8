// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_instrument.c - imagetrim instrument: an image that records what it uses
 */
#include "cmd.h"
#include "diag.h"
#include "engine.h"
#include "instrument.h"

#include <stdio.h>

struct options {
	struct common_options common;
	const char *tag, *platform;
};

static const struct option_row rows[] = {
	{ "tag", 't', OPTION_TEXT, "NEW", offsetof(struct options, tag),
	  "the new image: a name, or oci:, oci-archive:, docker-archive: or -" },
	{ "platform", 0, OPTION_TEXT, "OS/ARCH[/VARIANT]", offsetof(struct options, platform),
	  "which image of a multi-platform one (default: this machine's)" },
};

static void print_result(const struct image *image, const struct image_ref *to, const char *id,
			 bool json)
{
	FILE *out = to->form == IMAGE_STDIO ? stderr : stdout;
	struct json *o CLEANUP(json_freep) = json_new_object();
	cleanup_free char *text = NULL;

	if (!json) {
		fprintf(out, "%s: %s with the tracer in it (%s)\n", to->text, image->name, id);
		return;
	}
	json_set_text(o, "original", image->name);
	json_set_text(o, "instrumented", to->text);
	json_set_text(o, "id", id);
	text = json_write(o, NULL);
	fprintf(out, "%s\n", text);
}

static int instrument(const struct options *o, const struct image_ref *from,
		      const struct image_ref *to)
{
	struct image *image CLEANUP(image_freep) = NULL;
	const struct engine *engine = NULL;
	cleanup_free char *id = NULL;
	int r = 0;

	if (from->form == IMAGE_ENGINE || to->form == IMAGE_ENGINE)
		r = engine_find(o->common.engine, &engine);
	if (r == 0)
		r = image_open(from, engine, &image);
	if (r == 0)
		r = instrument_image(image, to, engine, &id);
	if (r == 0)
		print_result(image, to, id, o->common.json);
	return r;
}

static int run(void *options, int argc UNUSED, char **argv)
{
	const struct options *o = options;
	struct image_ref from CLEANUP(image_ref_fini) = { 0 };
	struct image_ref to CLEANUP(image_ref_fini) = { 0 };
	int r;

	if (!o->tag)
		return diag_refuse("instrument wants -t NEW, the name of the new image");
	r = image_ref_parse(argv[0], &from);
	if (r == 0)
		r = image_ref_set_platform(&from, o->platform);
	if (r == 0)
		r = image_ref_parse(o->tag, &to);
	return r < 0 ? r : instrument(o, &from, &to);
}

const struct verb cmd_instrument = {
	.name = "instrument",
	.synopsis = "IMAGE -t NEW",
	.summary = "Put the tracer into an image, before its entrypoint.",
	.details =
		"Run NEW like the original. Its logs appear in /.imagetrim/log; mount a volume\n"
		"there, or copy them out, and give them to 'imagetrim trim'.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
