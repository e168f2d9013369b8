// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_dump.c - imagetrim dump: a log as text
 */
#include "cmd.h"
#include "diag.h"
#include "logfile.h"
#include "logtext.h"

struct options {
	struct common_options common;
	bool paths;
};

static const struct option_row rows[] = {
	{ "paths", 0, OPTION_FLAG, NULL, offsetof(struct options, paths),
	  "print only the paths, each once, sorted" },
};

static int run(void *options, int argc UNUSED, char **argv)
{
	struct options *o = options;
	struct logfile file;
	int r = logfile_read(argv[0], &file);

	if (r < 0)
		return r;
	r = logtext_dump(file.data, file.len, o->paths, stdout);
	logfile_fini(&file);
	return r;
}

const struct verb cmd_dump = {
	.name = "dump",
	.synopsis = "LOG [--paths]",
	.summary = "Print a log as text.",
	.details =
		"The text form can be used wherever a log can: it holds all that the log does.\n"
		"docs/tlog-format.md describes it. A log that was cut ends with \"# cut\".\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.no_engine = true,
	.no_json = true,
	.run = run,
};
