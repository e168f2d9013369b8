// SPDX-License-Identifier: Apache-2.0
/*
 * terminal.h - what a stream of ours can show
 *
 * A file or pipe gets plain text of 80 columns, the same everywhere. A terminal gets its width,
 * and colours unless NO_COLOR is set (no-color.org) or it is a dumb one.
 */
#pragma once

#include "base.h"

#include <stdio.h>

struct terminal {
	int columns; /* at least 40 */
	bool colours;
	bool blocks; /* characters beyond ASCII */
};

/* What a piece of text is; numbers of terminal_paint(). */
enum paint {
	PAINT_NONE,
	PAINT_HEAD,
	PAINT_KEPT,
	PAINT_REMOVED
};

struct terminal terminal_of(FILE *out);
/* Switches out to a colour, or with PAINT_NONE back; nothing without colours. */
void terminal_paint(const struct terminal *terminal, FILE *out, enum paint paint);
