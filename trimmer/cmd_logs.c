// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_logs.c - imagetrim logs: one line a run
 *
 * In: logs. Out: a table, or JSON. Never writes a log.
 */
#include "cmd.h"
#include "digest.h"
#include "logs.h"

#include <stdio.h>

struct options {
	struct common_options common;
};

#define SHORT_DIGEST 12

static void short_image(const char *image, char out[SHORT_DIGEST + 1])
{
	const char *text = digest_valid(image) ? digest_hex(image) : image;

	(void)snprintf(out, SHORT_DIGEST + 1, "%s", text[0] ? text : "-");
}

/* A cell of text from a log: nothing a terminal would obey, and no blanks. */
static char *cell(const char *text, const char *otherwise)
{
	const char *from = text[0] ? text : otherwise[0] ? otherwise : "-";
	size_t size = 4 * strlen(from) + 8; /* path_escape() wants room for its longest */
	char *out = xmalloc(size);

	path_escape(out, size, from, strlen(from));
	for (char *p = out; *p; p++)
		if (*p == ' ')
			*p = '_';
	return out;
}

static int width(const struct log_table *t, bool container)
{
	size_t w = container ? strlen("CONTAINER") : strlen("POD/HOST");

	for (size_t i = 0; i < t->n_runs; i++) {
		const struct log_run *run = &t->runs[i];
		cleanup_free char *text =
			container ? cell(run->container, "") : cell(run->pod, run->host);

		w = MAX(w, strlen(text));
	}
	return (int)w;
}

static void print_table(const struct log_table *t)
{
	int pod_width = width(t, false), container_width = width(t, true);
	uint64_t unreadable = 0;
	size_t cut = 0;

	printf("%-*s  %-*s  %-*s  %-20s %7s %7s %10s  %s\n", SHORT_DIGEST, "IMAGE", pod_width,
	       "POD/HOST", container_width, "CONTAINER", "STARTED", "PATHS", "NEW",
	       "UNREADABLE", "END");
	for (size_t i = 0; i < t->n_runs; i++) {
		const struct log_run *run = &t->runs[i];
		cleanup_free char *pod = cell(run->pod, run->host);
		cleanup_free char *container = cell(run->container, "");
		cleanup_free char *image = NULL;
		char digest[SHORT_DIGEST + 1], start[32];

		short_image(run->image, digest);
		image = cell(digest, "");
		log_run_start(run, start, sizeof(start));
		printf("%-*s  %-*s  %-*s  %-20s %7zu %7zu %10llu  %s\n", SHORT_DIGEST, image,
		       pod_width, pod, container_width, container, start, run->n_paths,
		       run->n_new, (unsigned long long)run->losses.unreadable,
		       log_state_name(run->state));
		unreadable += run->losses.unreadable;
		cut += run->state != TLOG_COMPLETE;
	}
	printf("%zu runs, %zu paths, %llu unreadable, %zu not complete\n", t->n_runs,
	       t->n_paths, (unsigned long long)unreadable, cut);
}

static void print_json(const struct log_table *t)
{
	struct json *o CLEANUP(json_freep) = json_new_object();
	struct json *runs = json_new_array();
	cleanup_free char *text = NULL;

	for (size_t i = 0; i < t->n_runs; i++)
		json_add(runs, log_run_json(&t->runs[i]));
	json_set(o, "runs", runs);
	json_set(o, "paths", json_new_size(t->n_paths));
	text = json_write(o, NULL);
	printf("%s\n", text);
}

static int run(void *options, int argc, char **argv)
{
	const struct options *o = options;
	struct log_table table CLEANUP(logs_fini) = { 0 };
	int r = logs_read(argv, (size_t)argc, &table);

	if (r < 0)
		return r;
	if (o->common.json)
		print_json(&table);
	else
		print_table(&table);
	return 0;
}

const struct verb cmd_logs = {
	.name = "logs",
	.synopsis = "LOG|DIR...",
	.summary = "List logs: who recorded, how much, and what was new.",
	.details =
		"One line a run, in order of start. NEW counts the paths that no earlier run of\n"
		"the same image had: when it stays at 0, more of the same testing finds nothing\n"
		"more. What lies below a mount is not counted. A log that is 'cut' is normal:\n"
		"its container was stopped.\n",
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = -1,
	.no_engine = true,
	.run = run,
};
