// SPDX-License-Identifier: Apache-2.0
/*
 * terminal.c - width, colours and characters of a terminal
 *
 * In: a stream, the environment. Out: what may be written there. Never calls setlocale(): a
 * locale of ours would change how libarchive reads names.
 */
#include "terminal.h"

#include <strings.h>
#include <sys/ioctl.h>

#define COLUMNS_DEFAULT 80
#define COLUMNS_MIN	40

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && value[0];
}

/* The locale's characters, as setlocale(3) would choose them. */
static bool is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (is_set(names[i]))
			return strcasestr(getenv(names[i]), "utf-8") ||
			       strcasestr(getenv(names[i]), "utf8");
	return false;
}

struct terminal terminal_of(FILE *out)
{
	struct terminal t = { .columns = COLUMNS_DEFAULT };
	struct winsize size;
	const char *kind = getenv("TERM");

	if (!isatty(fileno(out)))
		return t;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col)
		t.columns = MAX((int)size.ws_col, COLUMNS_MIN);
	t.colours = !is_set("NO_COLOR") && kind && kind[0] && strcmp(kind, "dumb") != 0;
	t.blocks = is_utf8();
	return t;
}

void terminal_paint(const struct terminal *terminal, FILE *out, enum paint paint)
{
	static const char *const codes[] = {
		[PAINT_NONE] = "\033[0m",
		[PAINT_HEAD] = "\033[1m",
		[PAINT_KEPT] = "\033[34m",
		[PAINT_REMOVED] = "\033[33m",
	};

	if (terminal->colours)
		fputs(codes[paint], out);
}
