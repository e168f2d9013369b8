// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_merge.c - imagetrim merge: many logs into one
 */
#include "cmd.h"
#include "diag.h"
#include "json.h"
#include "merge.h"

#include <stdio.h>

struct options {
	struct common_options common;
	const char *output;
};

static const struct option_row rows[] = {
	{ "output", 'o', OPTION_TEXT, "OUT", offsetof(struct options, output),
	  "the merged log" },
};

static void print_json(const struct merge_result *result, const char *output)
{
	struct json *o CLEANUP(json_freep) = json_new_object();
	cleanup_free char *text = NULL;
	size_t len;

	json_set_text(o, "file", output);
	json_set(o, "read", json_new_size(result->n_logs));
	json_set(o, "runs", json_new_size(result->n_sections));
	json_set(o, "paths", json_new_size(result->n_paths));
	text = json_write(o, &len);
	printf("%s\n", text);
}

static int run(void *options, int argc, char **argv)
{
	struct options *o = options;
	struct merge_result result;
	int r;

	if (!o->output)
		return diag_refuse("merge wants -o OUT, the log to write");
	r = merge_logs(argv, (size_t)argc, o->output, &result);
	if (r < 0)
		return r;
	if (o->common.json)
		print_json(&result, o->output);
	else
		printf("%s: %zu runs, %zu paths\n", o->output, result.n_sections,
		       result.n_paths);
	return 0;
}

const struct verb cmd_merge = {
	.name = "merge",
	.synopsis = "-o OUT LOG|DIR...",
	.summary = "Merge logs into one; their order does not matter.",
	.details = "Each run stays a section of its own; equal ones become one.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = -1,
	.no_engine = true,
	.run = run,
};
