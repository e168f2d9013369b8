// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_sbom.c - imagetrim sbom: what an image consists of, for scanners
 */
#include "cmd.h"
#include "diag.h"
#include "engine.h"
#include "sbom.h"

#include <stdio.h>

struct options {
	struct common_options common;
	const char *format, *platform;
};

static const struct option_row rows[] = {
	{ "format", 0, OPTION_TEXT, "spdx|cyclonedx", offsetof(struct options, format),
	  "SPDX 2.3 (default) or CycloneDX 1.5, as JSON" },
	{ "platform", 0, OPTION_TEXT, "OS/ARCH[/VARIANT]", offsetof(struct options, platform),
	  "which image of a multi-platform one (default: this machine's)" },
};

static const struct {
	const char *name;
	struct json *(*make)(const struct sbom *sbom);
} formats[] = {
	{ "spdx", sbom_spdx },
	{ "cyclonedx", sbom_cyclonedx },
};

static int print(struct image *image, struct json *(*make)(const struct sbom *sbom))
{
	struct json *o CLEANUP(json_freep) = NULL;
	cleanup_free char *text = NULL;
	struct sbom sbom;
	size_t len;
	int r = sbom_read(&sbom, image);

	if (r == 0) {
		o = make(&sbom);
		text = json_write(o, &len);
		printf("%s\n", text);
	}
	sbom_fini(&sbom);
	return r;
}

static int run(void *options, int argc UNUSED, char **argv)
{
	struct options *o = options;
	struct image *image CLEANUP(image_freep) = NULL;
	const struct engine *engine = NULL;
	struct image_ref ref;
	size_t i = 0;
	int r;

	while (o->format && i < ARRAY_SIZE(formats) && strcmp(formats[i].name, o->format) != 0)
		i++;
	if (i == ARRAY_SIZE(formats))
		return diag_refuse("--format wants spdx or cyclonedx, not '%s'", o->format);
	r = image_ref_parse(argv[0], &ref);
	if (r < 0)
		return r;
	r = image_ref_set_platform(&ref, o->platform);
	if (r == 0 && ref.form == IMAGE_ENGINE)
		r = engine_find(o->common.engine, &engine);
	if (r == 0)
		r = image_open(&ref, engine, &image);
	if (r == 0)
		r = print(image, formats[i].make);
	image_ref_fini(&ref);
	return r;
}

const struct verb cmd_sbom = {
	.name = "sbom",
	.synopsis = "IMAGE [--format spdx|cyclonedx]",
	.summary = "Print a software bill of materials of an image.",
	.details =
		"It tells what is in the image, be it trimmed or not: packages by dpkg's and\n"
		"apk's databases with versions and licences where they are known, files with\n"
		"hashes. rpm's databases are not read. The same image gives the same text; its\n"
		"time is the image's, or SOURCE_DATE_EPOCH.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.no_json = true,
	.run = run,
};
