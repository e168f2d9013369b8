// SPDX-License-Identifier: Apache-2.0
/*
 * origin.c - names of an image that survive copying
 *
 * In: an image's config. Out: its digests as texts. Reads no layer.
 */
#include "origin.h"
#include "digest.h"
#include "imageconf.h"

static char *chain_id(const struct image *image, size_t n)
{
	char *chain = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *diff_id = image->layers[i].diff_id;
		cleanup_free char *text = NULL;
		struct digest_text next;

		if (!diff_id) {
			free(chain);
			return NULL;
		}
		if (!chain) {
			chain = xstrdup(diff_id);
			continue;
		}
		text = xasprintf("%s %s", chain, diff_id);
		digest_of(text, strlen(text), &next);
		free(chain);
		chain = xstrdup(next.text);
	}
	return chain;
}

char *origin_layers(const struct image *image)
{
	return chain_id(image, image->n_layers);
}

void origin_of(const struct image *image, struct origin *origin)
{
	bool instrumented = imageconf_is_instrumented(image->config) && image->n_layers;
	const char *digest = instrumented ? imageconf_original(image->config) : NULL;

	origin->arch = xstrdup(image->arch);
	origin->image = xstrdup(digest ? digest : image->config_digest);
	origin->layers = chain_id(image, image->n_layers - instrumented);
}

void origin_fini(struct origin *origin)
{
	free(origin->arch);
	free(origin->image);
	free(origin->layers);
	*origin = (struct origin) { 0 };
}

bool origin_matches(const struct origin *origin, const char *image, const char *layers)
{
	if (!image && !layers)
		return true;
	return (image && strcmp(image, origin->image) == 0) ||
	       (layers && origin->layers && strcmp(layers, origin->layers) == 0);
}
