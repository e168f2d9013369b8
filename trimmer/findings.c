// SPDX-License-Identifier: Apache-2.0
/*
 * findings.c - image, figures, runs and tree as one object
 *
 * In: what the stages of a trim have made. Out: JSON. Names are an image's or a log's, so they
 * may hold any bytes (json_new_bytes). Never decides anything.
 */
#include "findings.h"
#include "imageconf.h"

/* The layers with what made them, where the config's history tells it. */
static struct json *layers_json(const struct image *image)
{
	struct json *layers = json_new_array();

	for (size_t i = 0; i < image->n_layers; i++) {
		const char *by = imageconf_created_by(image->config, i);
		struct json *o = json_new_object();

		json_set_text(o, "diff_id", image->layers[i].diff_id);
		if (by)
			json_set(o, "created_by", json_new_bytes(by));
		json_add(layers, o);
	}
	return layers;
}

static struct json *image_json(const struct image *image)
{
	struct json *o = json_new_object();

	json_set(o, "name", json_new_bytes(image->name));
	json_set_text(o, "id", image->config_digest);
	json_set(o, "os", json_new_bytes(image->os));
	json_set(o, "architecture", json_new_bytes(image->arch));
	json_set(o, "layers", layers_json(image));
	return o;
}

/* What the runs that count were the first of them to have. */
static void set_new(struct json *o, const struct log_run *run, bool *seen)
{
	uint64_t fresh = 0;

	for (size_t i = 0; i < run->n_paths; i++) {
		fresh += !seen[run->paths[i]];
		seen[run->paths[i]] = true;
	}
	json_set(o, "new", json_new_size(fresh));
}

static struct json *runs_json(const struct findings *f)
{
	cleanup_free bool *seen = xcalloc(f->logs->n_paths + 1, sizeof(bool));
	struct json *runs = json_new_array();

	for (size_t i = 0; i < f->logs->n_runs; i++) {
		const struct log_run *run = &f->logs->runs[i];
		struct json *o = log_run_json(run);
		bool counts = access_takes(f->access, run->arch, run->image, run->layers);

		json_set(o, "counts", json_new_bool(counts));
		if (counts)
			set_new(o, run, seen);
		json_add(runs, o);
	}
	return runs;
}

static struct json *reasons_json(void)
{
	struct json *names = json_new_array();

	for (enum reason r = KEEP_NO; r < N_REASONS; r++)
		json_add_text(names, reason_name(r));
	return names;
}

/* What `imagetrim seccomp` would print, if a run recorded its system calls. */
static struct json *seccomp_json(const struct profile *p)
{
	struct json *o = json_new_object();
	size_t n_unknown;

	json_set(o, "runs", json_new_size(p->n_runs));
	json_set(o, "with", json_new_size(p->n_with));
	if (!p->n_with)
		return o;
	json_set(o, "profile", profile_json(p, &n_unknown));
	json_set(o, "unnamed", json_new_size(n_unknown));
	return o;
}

struct json *findings_json(const struct findings *f)
{
	struct json *o = json_new_object();

	json_set_text(o, "version", IMAGETRIM_VERSION);
	json_set(o, "image", image_json(f->image));
	json_set(o, "logs", access_totals_json(&f->access->totals, f->absent));
	json_set(o, "runs", runs_json(f));
	json_set(o, "seccomp", seccomp_json(f->profile));
	json_set(o, "report", report_json(f->report));
	json_set(o, "reasons", reasons_json());
	json_set(o, "packages",
		 json_new_names((const char *const *)f->packages->names, f->packages->n_names));
	findings_set_tree(o, f->tree, f->provenance);
	json_set(o, "uses", findings_uses_json(f));
	return o;
}
