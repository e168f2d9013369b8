// SPDX-License-Identifier: Apache-2.0
/*
 * gates.h - what makes a trim fail on purpose, for CI: --forbid and --fail-if-over
 *
 * Both return 0, or GATE_CLOSED after one printed line for each break; no image is written
 * then, and imagetrim ends with that status.
 */
#pragma once

#include "options.h"
#include "tree.h"

#define GATE_CLOSED 3

/* A kept node that one of globs matches is told with its path and why it is kept. */
int gates_forbid(struct tree *tree, const struct strlist *globs) MUST_CHECK;
/* bytes of the new layers against the limit (0: none). name: of the new image. */
int gates_size(const char *name, uint64_t bytes, uint64_t limit) MUST_CHECK;
