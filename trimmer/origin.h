// SPDX-License-Identifier: Apache-2.0
/*
 * origin.h - which image a run was recorded from
 *
 * Logs name the image by its config digest and by the chain ID of its layers (OCI image-spec,
 * config.md "Layer ChainID"). Either will do: copying between Docker's and OCI's forms
 * rewrites the config but not the layers.
 */
#pragma once

#include "image.h"

struct origin {
	char *arch;
	char *image;  /* config digest */
	char *layers; /* chain ID, or NULL: no layers */
};

/* Of an instrumented image: its original's. origin_fini() frees the texts. */
void origin_of(const struct image *image, struct origin *origin);
/* The chain ID of the image's layers; the caller frees. NULL: no layers, or one unnamed. */
char *origin_layers(const struct image *image);
void origin_fini(struct origin *origin);
/* True if a run that names image and layers (or NULL) is of that origin, or names neither. */
bool origin_matches(const struct origin *origin, const char *image, const char *layers);
