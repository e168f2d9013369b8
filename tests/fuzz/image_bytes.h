// SPDX-License-Identifier: Apache-2.0
/*
 * image_bytes.h - an archive in memory, opened as an image and all of it looked at
 */
#pragma once

#include "base.h"

/* Small limits, so that no input is slow. Before the first look_at_image(). */
void small_limits(void);

/*
 * Opens the archive in fd; where that works its layers are verified, its config is renewed as
 * trim and instrument do, and the new image must open again. Aborts where it does not.
 */
void look_at_image(int fd);
