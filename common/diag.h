// SPDX-License-Identifier: Apache-2.0
/*
 * diag.h - messages to the person, the one door to stderr
 *
 * One line per message: "imagetrim: NAME: reason; what to do". Non-printable bytes of names
 * are escaped as \xNN, so a hostile file name cannot drive a terminal.
 */
#pragma once

#include "base.h"

enum diag_level {
	DIAG_ERROR = 0,
	DIAG_WARNING = 1,
	DIAG_NOTE = 2, /* the default */
	DIAG_DEBUG = 3,
};

/* Sets the name before the colon (a static string) and the level shown. */
void diag_init(const char *program, enum diag_level level);
enum diag_level diag_level(void);
void diag_set_level(enum diag_level level);

/* Each prints one line; "\n" is added. diag_error and diag_warning say what they are. */
void diag_error(const char *fmt, ...) PRINTF_LIKE(1, 2);
void diag_warning(const char *fmt, ...) PRINTF_LIKE(1, 2);
void diag_note(const char *fmt, ...) PRINTF_LIKE(1, 2);
void diag_debug(const char *fmt, ...) PRINTF_LIKE(1, 2);

/*
 * Print "imagetrim: error: <text>: <strerror(-err)>" and return err, so that a failure is told
 * where the name is known: return diag_fail(err, "%s", name);
 */
int diag_fail(int err, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same for a reason in words; returns -EINVAL. */
int diag_refuse(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* Writes raw text (progress lines) to stderr unescaped; for progress.c only. */
void diag_raw(const char *text, size_t len);
