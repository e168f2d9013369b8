// SPDX-License-Identifier: Apache-2.0
/*
 * engine_call.c - calling an engine's program and understanding its complaints
 *
 * In: words. Out: an exit status, one line of what it said. Never a shell; never copies an
 * image's bytes: the engine reads and writes the descriptors itself.
 */
#include "engine_call.h"
#include "diag.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/mman.h>

#define LINE_MAX_BYTES 600 /* of an engine's own words in a message */

/* ---- its words -------------------------------------------------------------------------- */

/* podman's log lines beside its errors: `time="..." level=warning msg=...` */
static bool is_log_line(const char *line, size_t len)
{
	static const char begin[] = "time=\"";

	return len > strlen(begin) && memcmp(line, begin, strlen(begin)) == 0;
}

/* What cobra (the option parser of all three) adds to the complaint itself. */
static bool is_hint(const char *line, size_t len)
{
	static const char *const hints[] = { "Usage:", "Run '", "See '" };

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++) {
		size_t n = strlen(hints[i]);

		if (len >= n && memcmp(line, hints[i], n) == 0)
			return true;
	}
	return false;
}

static const char *skip_prefix(const char *text)
{
	static const char *const prefixes[] = { "Error response from daemon: ", "Error: ",
						"ERROR: " };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t len = strlen(prefixes[i]);

		if (strncmp(text, prefixes[i], len) == 0)
			return text + len;
	}
	return text;
}

/* Joins the lines of text with "; " into line; with_logs: log lines too. */
static size_t join_lines(const char *text, bool with_logs, char line[LINE_MAX_BYTES])
{
	size_t n = 0;

	while (*text) {
		const char *begin = n ? text : skip_prefix(text);
		const char *end = text + strcspn(text, "\r\n");
		size_t len, room = LINE_MAX_BYTES - n;

		text = end + (*end != '\0');
		while (begin < end && isspace((unsigned char)*begin))
			begin++;
		len = (size_t)(end - begin);
		if (is_hint(begin, len))
			break;
		if (!len || room < 4 || (!with_logs && is_log_line(begin, len)))
			continue;
		if (n) {
			memcpy(line + n, "; ", 2);
			n += 2;
		}
		len = MIN(len, room - 2);
		memcpy(line + n, begin, len);
		n += len;
	}
	return n;
}

char *engine_one_line(const char *text)
{
	char line[LINE_MAX_BYTES];
	size_t n = join_lines(text, false, line);

	if (!n)
		n = join_lines(text, true, line);
	return n ? xmemdup(line, n) : xstrdup("it does not say why");
}

bool engine_says_absent(const struct engine *engine, const char *said)
{
	for (size_t i = 0; i < ARRAY_SIZE(engine->absent) && engine->absent[i]; i++)
		if (strcasestr(said, engine->absent[i]))
			return true;
	return false;
}

/* ---- calling it ------------------------------------------------------------------------- */

const char *engine_binary(const struct engine *engine)
{
	const char *value = engine->binary_env ? getenv(engine->binary_env) : NULL;

	return value && *value ? value : engine->name;
}

/* Words are never written to; argv of exec is only not const for history's sake. */
static char *word(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* The program's, like the level of messages: what docker got before our name. */
static char *const *handed_on;

void engine_hand_on(char *const words[])
{
	handed_on = words;
}

char **engine_argv(const struct engine *engine, const char *const words[], const char *last)
{
	char *const *first = engine->binary_env ? handed_on : NULL;
	size_t n = 0, k = 0;
	char **argv;

	while (words[n])
		n++;
	while (first && first[k])
		k++;
	argv = xcalloc(k + n + 3, sizeof(*argv));
	argv[0] = word(engine_binary(engine));
	if (k)
		memcpy(argv + 1, first, k * sizeof(*argv));
	for (size_t i = 0; i < n; i++)
		argv[k + i + 1] = word(words[i]);
	if (last)
		argv[k + n + 1] = word(last);
	return argv;
}

void engine_show(char *const argv[])
{
	char line[512];
	size_t n = 0;

	for (size_t i = 0; argv[i] && n < sizeof(line); i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", i ? " " : "",
				      argv[i]);
	diag_debug("%s", line);
}

static int start(char *const argv[], const struct process_io *io, struct engine_child *child)
{
	cleanup_fd int err = memfd_create("engine", MFD_CLOEXEC);
	struct process_io with_err = *io;

	if (err < 0)
		return -errno;
	engine_show(argv);
	with_err.err = err;
	child->pid = process_start(argv, &with_err);
	if (child->pid < 0)
		return child->pid;
	child->err = steal_fd(&err);
	return 0;
}

int engine_child_start(char *const argv[], int in, int out, struct engine_child *child)
{
	const struct process_io io = { .in = in, .out = out };

	return start(argv, &io, child);
}

int engine_child_end(struct engine_child *child, char **said)
{
	cleanup_fd int err = child->err;
	int r = process_wait(child->pid), e;
	size_t len;

	e = read_whole(err, ENGINE_OUTPUT_MAX, said, &len);
	return r < 0 ? r : e < 0 ? e : r;
}

void engine_child_kill(struct engine_child *child)
{
	process_kill(child->pid, false);
	close(child->err);
}

int engine_run(char *const argv[], const struct process_io *io, char **said)
{
	struct engine_child child;
	int r = start(argv, io, &child);

	return r < 0 ? r : engine_child_end(&child, said);
}

int engine_conclude(const struct engine *engine, int r, const char *what, const char *said)
{
	cleanup_free char *line = said ? engine_one_line(said) : NULL;

	if (r < 0)
		return diag_fail(r, "%s: %s", what, engine->name);
	if (r == 0)
		return 0;
	if (r > 128)
		diag_error("%s: %s was killed by signal %d", what, engine->name, r - 128);
	else
		diag_error("%s: %s says: %s", what, engine->name, line);
	return -EIO;
}
