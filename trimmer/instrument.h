// SPDX-License-Identifier: Apache-2.0
/*
 * instrument.h - an image with the tracer in it
 */
#pragma once

#include "image.h"

/*
 * Writes image, with one more layer (directory /.imagetrim, the tracer, the file `image` with
 * the config digest, the file `set-id` that says which set-id programs there are, the empty log
 * directory of mode 1777) and the wrapped config, to dest.
 * Refuses an image whose architecture is not the tracer's. Prints the error. *id: caller
 * frees.
 */
int instrument_image(struct image *image, const struct image_ref *dest,
		     const struct engine *engine, char **id) MUST_CHECK;
