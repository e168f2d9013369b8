// SPDX-License-Identifier: Apache-2.0
/*
 * layout.h - writing into an OCI layout directory
 */
#pragma once

#include "image_pack.h"

/*
 * Adds the image to the layout in dir, which is made if it is not there; the entry of the same
 * ref (or the one without a ref) is replaced, all others stay byte for byte. index.json is
 * replaced last, so readers see the old or the new state. A failure removes what was added.
 * Prints the error.
 */
int layout_write(const char *dir, const struct image_pack *pack, const char *ref) MUST_CHECK;
