// SPDX-License-Identifier: Apache-2.0
/*
 * diag.c - format a line, escape it, write it to fd 2 at once
 *
 * In: a format. Out: one write(2), so lines of two processes never mix. Never buffers and
 * never fails: a closed stderr is the user's choice.
 */
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>

static struct {
	const char *program;
	enum diag_level level;
} diag = { "imagetrim", DIAG_NOTE };

void diag_init(const char *program, enum diag_level level)
{
	diag.program = program;
	diag.level = level;
}

enum diag_level diag_level(void)
{
	return diag.level;
}

void diag_set_level(enum diag_level level)
{
	diag.level = level;
}

void diag_raw(const char *text, size_t len)
{
	int r UNUSED = write_all(STDERR_FILENO, text, len);
}

/* Copies text to out, control bytes and DEL as \xNN; bytes >= 0x80 stay (UTF-8). */
static size_t escape(char *out, size_t size, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text && n + 5 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != 0x7f) {
			out[n++] = *text;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	return n;
}

static void emit(const char *word, const char *text, const char *reason)
{
	char line[8192 + 512];
	int n;

	n = snprintf(line, sizeof(line), "%s: %s", diag.program, word);
	n += (int)escape(line + n, sizeof(line) - (size_t)n - 300, text);
	if (reason)
		n += snprintf(line + n, sizeof(line) - (size_t)n, ": %s", reason);
	line[n++] = '\n';
	diag_raw(line, (size_t)n);
}

#define FORMAT(buf, fmt)                               \
	do {                                           \
		va_list ap_;                           \
		va_start(ap_, fmt);                    \
		vsnprintf(buf, sizeof(buf), fmt, ap_); \
		va_end(ap_);                           \
	} while (0)

void diag_error(const char *fmt, ...)
{
	char text[8192];

	FORMAT(text, fmt);
	emit("error: ", text, NULL);
}

void diag_warning(const char *fmt, ...)
{
	char text[8192];

	if (diag.level < DIAG_WARNING)
		return;
	FORMAT(text, fmt);
	emit("warning: ", text, NULL);
}

void diag_note(const char *fmt, ...)
{
	char text[8192];

	if (diag.level < DIAG_NOTE)
		return;
	FORMAT(text, fmt);
	emit("", text, NULL);
}

void diag_debug(const char *fmt, ...)
{
	char text[8192];

	if (diag.level < DIAG_DEBUG)
		return;
	FORMAT(text, fmt);
	emit("debug: ", text, NULL);
}

int diag_fail(int err, const char *fmt, ...)
{
	char text[8192];

	FORMAT(text, fmt);
	emit("error: ", text, strerror(-err));
	return err;
}

int diag_refuse(const char *fmt, ...)
{
	char text[8192];

	FORMAT(text, fmt);
	emit("error: ", text, NULL);
	return -EINVAL;
}
