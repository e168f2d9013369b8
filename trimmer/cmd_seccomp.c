// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_seccomp.c - imagetrim seccomp: logs to a seccomp profile
 */
#include "cmd.h"
#include "diag.h"
#include "profile.h"

#include <stdio.h>

/* A profile that lacks calls breaks the application; so say what could be missing. */
static int check(const struct profile *p)
{
	if (!p->n_with) {
		diag_error("no run has recorded its system calls; record with 'imagetrim run "
			   "--syscalls', or with IMAGETRIM_SYSCALLS=1 in the container");
		return -ENODATA;
	}
	if (p->n_with < p->n_runs)
		diag_warning("%zu of %zu runs did not record their system calls",
			     p->n_runs - p->n_with, p->n_runs);
	if (p->n_lost || p->n_cut_off)
		diag_warning("%zu records were lost and %zu logs are damaged: calls may be "
			     "missing",
			     p->n_lost, p->n_cut_off);
	return 0;
}

static int run(void *options UNUSED, int argc, char **argv)
{
	cleanup_free struct profile *p = xcalloc(1, sizeof(*p));
	struct json *o CLEANUP(json_freep) = NULL;
	cleanup_free char *text = NULL;
	size_t n_unknown;
	int r = profile_add_all(p, argv, (size_t)argc);

	if (r == 0)
		r = check(p);
	if (r < 0)
		return r;
	o = profile_json(p, &n_unknown);
	if (n_unknown)
		diag_warning("%zu system calls have no name here and are left out: a newer "
			     "libseccomp knows them",
			     n_unknown);
	text = json_write(o, NULL);
	printf("%s\n", text);
	return 0;
}

const struct verb cmd_seccomp = {
	.name = "seccomp",
	.synopsis = "LOG|DIR...",
	.summary = "Print a seccomp profile of the system calls that runs made.",
	.details =
		"For 'docker run --security-opt seccomp=FILE', podman and Kubernetes. It allows\n"
		"what any of the runs called and what the container runtime and a program's start\n"
		"and end need; all else fails with ENOSYS. Runs must have been recorded with\n"
		"--syscalls.\n",
	.options_size = sizeof(struct common_options),
	.min_args = 1,
	.max_args = -1,
	.no_engine = true,
	.no_json = true,
	.run = run,
};
