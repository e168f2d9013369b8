// SPDX-License-Identifier: Apache-2.0
/*
 * voice.h - a word on the application's stderr
 *
 * The tracer holds no descriptor of the application's (a reader of its stderr must see the end
 * when the application closes it), so it borrows stderr for the one line.
 */
#pragma once

#include "base.h"

#include <sys/types.h>

/* Prints a warning where pid's stderr goes. Nothing is said if that cannot be opened. */
void voice_say(pid_t pid, const char *fmt, ...) PRINTF_LIKE(2, 3);
