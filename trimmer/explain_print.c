// SPDX-License-Identifier: Apache-2.0
/*
 * explain_print.c - what explain.c gathered, as a paragraph
 *
 * In: its JSON object. Out: lines on stdout. Texts of the object are escaped where they come from
 * (json_new_bytes()), but for words of the config, which are escaped here.
 */
#include "explain.h"
#include "path.h"
#include "progress.h"

#include <stdio.h>

#define RUNS_TOLD 3
#define USES_TOLD 5

static void print_text(const char *text)
{
	size_t len = strlen(text), size = 4 * len + 8;
	cleanup_free char *out = xmalloc(size);

	path_escape(out, size, text, len);
	fputs(out, stdout);
}

static void print_size(const struct json *o)
{
	char size[16];

	progress_size(json_get_size(o, "bytes", 0), size);
	printf("%s", size);
}

static void print_links(const struct json *o)
{
	const struct json *links = json_get(o, "links");

	for (size_t i = 0; i < json_count(links); i++) {
		const struct json *link = json_at(links, i);

		printf("  link %s -> %s: %s: %s\n", json_get_text(link, "path"),
		       json_get_text(link, "target"),
		       json_get_bool(link, "kept", false) ? "kept" : "left out",
		       json_get_text(link, "why"));
	}
}

static void print_chain(const struct json *o)
{
	const struct json *chain = json_get(o, "because");

	for (size_t i = 0; i < json_count(chain); i++) {
		const struct json *step = json_at(chain, i);

		printf("  %s is kept: %s\n", json_get_text(step, "path"),
		       json_get_text(step, "why"));
	}
}

/* "web-1/app 2026-11-25T01:02:34Z (a.tlog)", without what is not known. */
static void print_run(const struct json *run)
{
	const char *pod = json_get_text(run, "pod"), *host = json_get_text(run, "host");
	const char *container = json_get_text(run, "container");
	const char *started = json_get_text(run, "started");
	const char *name = *pod ? pod : host;

	printf("      ");
	if (*name)
		printf("%s%s%s ", name, *container ? "/" : "", container);
	if (strcmp(started, "-") != 0)
		printf("%s ", started);
	printf("(%s)\n", json_get_text(run, "file"));
}

static void print_use(const struct json *use)
{
	const char *ops = json_get_text(use, "access");
	const char *mounted = json_get_text(use, "below_mount");
	const char *program = json_get_text(use, "program");
	const struct json *runs = json_get(use, "runs");

	printf("    %s", ops ? ops : mounted);
	if (mounted && (!ops || strcmp(ops, mounted) != 0))
		printf(" (below a mount%s%s)", ops ? ": " : "", ops ? mounted : "");
	if (*program)
		printf(" by %s", program);
	printf(" as %s\n", json_get_text(use, "path"));
	for (size_t i = 0; i < json_count(runs) && i < RUNS_TOLD; i++)
		print_run(json_at(runs, i));
	if (json_count(runs) > RUNS_TOLD)
		printf("      and %zu more runs\n", json_count(runs) - RUNS_TOLD);
}

static void print_uses(const struct json *o)
{
	const struct json *uses = json_get(o, "uses");

	for (size_t i = 0; i < json_count(uses) && i < USES_TOLD; i++)
		print_use(json_at(uses, i));
	if (json_count(uses) > USES_TOLD)
		printf("    and %zu more uses (--json has all)\n",
		       json_count(uses) - USES_TOLD);
}

static void print_layer(const struct json *o)
{
	const struct json *layer = json_get(o, "layer");
	const char *by = json_get_text(layer, "created_by");
	const char *package = json_get_text(o, "package");

	if (layer)
		printf("  layer %u of %u%s", (unsigned int)json_get_size(layer, "number", 0),
		       (unsigned int)json_get_size(layer, "of", 0), by ? ": " : "");
	if (layer && by)
		print_text(by);
	if (layer)
		putchar('\n');
	if (package)
		printf("  package %s\n", package);
}

static void print_side(const struct json *side, int width)
{
	uint64_t n = json_get_size(side, "files", 0);

	printf("%*llu file%s, ", width, (unsigned long long)n, n == 1 ? "" : "s");
	print_size(side);
}

static void print_directory(const struct json *o)
{
	const struct json *reasons = json_get(o, "reasons_below");

	printf("  below it are kept ");
	print_side(json_get(o, "kept_below"), 0);
	printf("; left out ");
	print_side(json_get(o, "left_out_below"), 0);
	putchar('\n');
	for (size_t i = 0; i < json_count(reasons); i++) {
		const struct json *row = json_at(reasons, i);

		printf("    %-12s ", json_get_text(row, "reason"));
		print_side(row, 7);
		putchar('\n');
	}
}

bool explain_print(const struct explain *x, const char *abs)
{
	bool found;
	struct json *o CLEANUP(json_freep) = explain_json(x, abs, &found);
	const char *path = json_get_text(o, "path"), *end = json_get_text(o, "leads_to");

	printf("%s: ", path);
	if (!found) {
		printf("not in the image%s\n", json_count(json_get(o, "uses"))
						       ? ", but used under that name: made at "
							 "run time, or below a mount"
						       : "");
		print_links(o);
		print_uses(o);
		return false;
	}
	printf("%s", json_get_bool(o, "kept", false) ? "kept" : "left out");
	if (strcmp(path, end) != 0)
		printf(", as %s", end);
	if (json_has(o, "bytes")) {
		printf(", ");
		print_size(o);
	}
	printf("\n  %s\n", json_get_text(o, "why"));
	print_uses(o);
	print_chain(o);
	print_links(o);
	if (json_has(o, "kept_below"))
		print_directory(o);
	print_layer(o);
	return true;
}
