// SPDX-License-Identifier: Apache-2.0
/*
 * trim_write.c - marked trees to layers, layers to images
 *
 * In: the jobs of a trim with their trees marked. Out: their layers in unlinked files; then
 * each image where it is wanted. Never writes an image before the layers of all are made.
 */
#include "trim.h"
#include "diag.h"
#include "imageconf.h"

/* Engines differ in what they load: the plain tar is taken by all of them. */
static struct compress_form form_for(const struct trim_job *job,
				     const struct trim_options *options)
{
	struct compress_form form = options->form;

	form.chosen |= job->dest->form == IMAGE_ENGINE;
	return form;
}

static int make_one(struct trim_job *job, const struct trim_options *options)
{
	struct compress_form form = form_for(job, options);
	struct range place;
	bool placed = image_draft_place(&job->draft, &place) == 0;

	job->layers = xcalloc(1, sizeof(*job->layers));
	job->n_layers = 1;
	return layerout_write(job->layers, job->image, job->tree, &form,
			      placed ? &place : NULL);
}

static int make_each(struct trim_job *jobs, size_t n_jobs, const struct trim_options *options,
		     struct kin *kin)
{
	int r = 0;

	for (size_t i = 0; i < n_jobs && r == 0; i++) {
		struct compress_form form = form_for(&jobs[i], options);

		r = kin_write(kin, i, &form);
		jobs[i].layers = kin->members[i].layers;
		jobs[i].n_layers = jobs[i].image->n_layers;
	}
	return r;
}

static void sum_up(struct trim_job *job)
{
	struct trim_result *res = &job->result;

	for (size_t i = 0; i < job->image->n_layers; i++)
		res->original_bytes += job->image->layers[i].tar.len;
	for (size_t i = 0; i < job->n_layers; i++) {
		const struct layerout *layer = &job->layers[i];

		if (layer->gone)
			continue;
		res->n_layers++;
		res->trimmed_bytes += layer->plain_len;
		res->stored_bytes += layer->blob.len;
		for (size_t k = 0; k < job->image->n_layers; k++)
			if (strcmp(layer->diff_id.text, job->image->layers[k].diff_id) == 0) {
				res->n_same++;
				break;
			}
	}
}

/*
 * Whether the kept bytes will stand where the draft is: not if they are compressed, or of layers
 * that pass through as they are stored, or are copied from the original only.
 */
static bool is_size_known(const struct trim_job *job, const struct trim_options *options)
{
	struct compress_form form = form_for(job, options);

	return form.filter == TAR_PLAIN &&
	       (!options->keep_layers || (form.chosen && job->draft.fd >= 0));
}

static int check_room(const struct trim_job *jobs, size_t n_jobs,
		      const struct trim_options *options)
{
	int r = 0;

	for (size_t i = 0; i < n_jobs && r == 0; i++)
		if (is_size_known(&jobs[i], options))
			r = image_draft_room(&jobs[i].draft,
					     jobs[i].result.report.total.kept.bytes);
	return r;
}

int trim_make_layers(struct trim_job *jobs, size_t n_jobs, const struct trim_options *options,
		     struct kin *kin)
{
	int r = check_room(jobs, n_jobs, options);

	if (r == 0)
		r = options->keep_layers ? make_each(jobs, n_jobs, options, kin)
					 : make_one(jobs, options);
	for (size_t i = 0; i < n_jobs && r == 0; i++)
		sum_up(&jobs[i]);
	return r;
}

void trim_free_layers(struct trim_job *jobs, size_t n_jobs, struct kin *kin)
{
	if (kin->members) {
		kin_fini(kin);
		free(kin->members);
		return;
	}
	for (size_t i = 0; i < n_jobs; i++) {
		if (jobs[i].layers)
			layerout_fini(jobs[i].layers);
		free(jobs[i].layers);
	}
}

/* ---- images ------------------------------------------------------------------------------------ */

static int make_config(const struct trim_job *job, bool keep, char **text, size_t *len)
{
	cleanup_free const char **ids = NULL;

	if (!keep)
		return imageconf_trim(job->image, job->layers[0].diff_id.text, text, len);
	ids = xcalloc(job->n_layers + 1, sizeof(*ids));
	for (size_t i = 0; i < job->n_layers; i++)
		ids[i] = job->layers[i].gone ? NULL : job->layers[i].diff_id.text;
	return imageconf_trim_layers(job->image, ids, text, len);
}

int trim_write_image(struct trim_job *job, const struct trim_options *options)
{
	cleanup_free struct image_out_layer *layers =
		xcalloc(job->n_layers + 1, sizeof(*layers));
	struct image_out out = { .docker_types = job->image->docker_types, .layers = layers };
	cleanup_free char *text = NULL;
	int r = make_config(job, options->keep_layers, &text, &out.config_len);

	if (r < 0)
		return r;
	for (size_t i = 0; i < job->n_layers; i++) {
		const struct layerout *layer = &job->layers[i];

		if (!layer->gone)
			layers[out.n_layers++] = (struct image_out_layer) {
				.blob = layer->blob,
				.digest = layer->digest.text,
				.hashed = layer->hashed,
			};
	}
	out.config_text = text;
	return image_write(&job->draft, &out, &job->result.id);
}
