// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_limits.c - imagetrim limits: what --limit can change
 */
#include "cmd.h"
#include "limit.h"

struct options {
	struct common_options common;
};

static int run(void *options UNUSED, int argc UNUSED, char **argv UNUSED)
{
	limit_print_all();
	return 0;
}

const struct verb cmd_limits = {
	.name = "limits",
	.synopsis = "[--limit NAME=N]...",
	.summary = "Print the limits that --limit can raise, and their values.",
	.options_size = sizeof(struct options),
	.no_engine = true,
	.no_json = true,
	.run = run,
};
