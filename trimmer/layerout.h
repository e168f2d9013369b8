// SPDX-License-Identifier: Apache-2.0
/*
 * layerout.h - a layer of the new image: its bytes as they will be stored, and both digests
 */
#pragma once

#include "compress.h"
#include "digest.h"
#include "layer.h"

struct layerout {
	struct range blob;
	struct digest_text digest, diff_id;
	uint64_t plain_len; /* of its tar */
	bool gone;	    /* nothing of the original layer is left; no other field is set */
	bool hashed;	    /* the blob cannot have changed since its digest was made */
	bool owned;	    /* blob.fd is closed by layerout_fini() */
};

/*
 * Writes the marked tree as a layer (layer_write). place: from place->off on in a file that only
 * we can write (NULL: to an unlinked file). Prints the error, with the image's name.
 */
int layerout_write(struct layerout *out, struct image *image, const struct tree *tree,
		   const struct compress_form *form, const struct range *place) MUST_CHECK;
/*
 * Layer i of image as it is: the blob as it is stored, unless the user chose another form.
 * The layer's tar was opened before.
 */
int layerout_pass(struct layerout *out, const struct image *image, size_t i,
		  const struct compress_form *form) MUST_CHECK;
void layerout_fini(struct layerout *out);
