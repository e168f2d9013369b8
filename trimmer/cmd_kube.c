// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_kube.c - imagetrim kube instrument, kube restore: manifests that record, and back
 *
 * In: manifests. Out: the same on standard output, changed. Never talks to a cluster.
 */
#include "cmd.h"
#include "diag.h"
#include "kube.h"
#include "manifest.h"

struct options {
	struct common_options common;
	struct kube_plan plan;
};

#define AT(field) offsetof(struct options, plan.field)

static const struct option_row rows[] = {
	{ "image", 0, OPTION_LIST, "IMAGE=NEW", AT(images),
	  "containers of IMAGE (with or without its tag) get NEW, the instrumented image" },
	{ "volume", 0, OPTION_TEXT, "VOLUME", AT(volume),
	  "where logs go: emptydir, pvc:NAME or hostpath:DIR" },
	{ "container", 0, OPTION_LIST, "NAME", AT(containers),
	  "of those, only the containers of that name" },
	{ "init", 0, OPTION_FLAG, NULL, AT(init),
	  "init containers too (native sidecars are such)" },
	{ "collector", 0, OPTION_FLAG, NULL, AT(collector),
	  "add a container that waits, so that 'kube collect' can read the volume also when "
	  "the application has ended" },
	{ "sys-ptrace", 0, OPTION_FLAG, NULL, AT(sys_ptrace),
	  "add the capability SYS_PTRACE; only for nodes that forbid tracing one's own "
	  "children. No Pod Security policy but 'privileged' takes it" },
};

struct changing {
	const struct kube_plan *plan;
	struct kube_result result;
};

static int instrument_each(void *arg, struct json *object)
{
	struct changing *c = arg;

	return kube_instrument(c->plan, object, &c->result);
}

static int restore_each(void *arg, struct json *object)
{
	struct changing *c = arg;

	return kube_restore(object, &c->result);
}

static int run_instrument(void *options, int argc, char **argv)
{
	struct options *o = options;
	struct manifest m CLEANUP(manifest_fini) = { 0 };
	struct changing c = { .plan = &o->plan };
	int r = kube_check(&o->plan);

	if (r == 0)
		r = manifest_read(argc ? argv[0] : "-", &m);
	if (r == 0)
		r = manifest_each(&m, instrument_each, &c);
	if (r < 0)
		return r;
	if (!c.result.n_objects && !c.result.n_already)
		return diag_refuse("%s has no container of such an image and name", m.name);
	diag_note("%zu containers in %zu objects changed", c.result.n_containers,
		  c.result.n_objects);
	if (c.result.n_already)
		diag_note(
			"%zu objects were instrumented before and stay as they are; to change "
			"them, 'kube restore' first",
			c.result.n_already);
	return manifest_write(&m);
}

static int run_restore(void *options UNUSED, int argc, char **argv)
{
	struct manifest m CLEANUP(manifest_fini) = { 0 };
	struct changing c = { 0 };
	int r = manifest_read(argc ? argv[0] : "-", &m);

	if (r == 0)
		r = manifest_each(&m, restore_each, &c);
	if (r < 0)
		return r;
	diag_note("%zu containers in %zu objects restored", c.result.n_containers,
		  c.result.n_objects);
	return manifest_write(&m);
}

const struct verb cmd_kube_instrument = {
	.name = "kube instrument",
	.synopsis = "[FILE|-] --image IMAGE=NEW... --volume VOLUME",
	.summary = "Change Kubernetes manifests so that pods record.",
	.details =
		"Reads JSON or YAML, with any number of documents and lists, and writes the same\n"
		"to standard output: image, log volume, who-am-I environment, and the tracer\n"
		"before 'command', exec probes and exec hooks. What was there stands in the\n"
		"annotation " KUBE_ANNOTATION "; a second run changes nothing.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.max_args = 1,
	.no_engine = true,
	.no_json = true,
	.run = run_instrument,
};

const struct verb cmd_kube_restore = {
	.name = "kube restore",
	.synopsis = "[FILE|-]",
	.summary = "Take back what 'kube instrument' changed.",
	.options_size = sizeof(struct options),
	.max_args = 1,
	.no_engine = true,
	.no_json = true,
	.run = run_restore,
};
