// SPDX-License-Identifier: Apache-2.0
/*
 * limit.c - the table of limits
 *
 * In: what the user raised. Out: numbers. Never asks what they are for: who reads the input
 * checks them, and names the option when one is reached.
 *
 * The values in force are the program's, like the level of its messages: set before the first
 * byte is read, then only read.
 */
#include "limit.h"
#include "diag.h"

#include <stdio.h>

#define KIB(n) (UINT64_C(n) << 10)
#define MIB(n) (UINT64_C(n) << 20)
#define GIB(n) (UINT64_C(n) << 30)

/*
 * value: holds every image seen so far with room to spare. max: what the code behind it can
 * bear (depth is recursion, a size is an offset).
 */
static struct {
	const char *name;
	uint64_t value, max;
	bool is_size;
	const char *what;
} rows[N_LIMITS] = {
	[LIMIT_ARCHIVE_ENTRIES] = { "archive-entries", 200000, 100000000, false,
				    "entries of an image archive" },
	[LIMIT_ARCHIVE_SIZE] = { "archive-size", GIB(1024), INT64_MAX, true,
				 "of a compressed archive, or one by a pipe" },
	[LIMIT_COLLECT_LOGS] = { "collect-logs", 1000000, 100000000, false,
				 "new logs out of one volume" },
	[LIMIT_COLLECT_SIZE] = { "collect-size", GIB(16), INT64_MAX, true,
				 "of new logs out of one volume" },
	/* containerd takes 20 MiB, podman 4 MiB. */
	[LIMIT_CONFIG_SIZE] = { "config-size", MIB(4), GIB(1), true,
				"of a config, manifest or index" },
	/* zstd's own bound is a window of 128 MiB; xz -9 needs 65 MiB. */
	[LIMIT_DECODER_MEMORY] = { "decoder-memory", MIB(128), GIB(64), true,
				   "of memory to decompress zstd or xz" },
	/* About 170 bytes of memory each. */
	[LIMIT_FILES] = { "files", 10000000, INT32_MAX, false,
			  "files and directories of an image" },
	[LIMIT_INDEX_DEPTH] = { "index-depth", 4, 1000, false, "indexes in one another" },
	[LIMIT_INDEX_ENTRIES] = { "index-entries", 10000, 10000000, false,
				  "entries of all indexes" },
	[LIMIT_JSON_DEPTH] = { "json-depth", 64, 5000, false,
			       "arrays and objects in one another" },
	[LIMIT_JSON_VALUES] = { "json-values", 200000, 100000000, false,
				"values of a JSON text" },
	/* gzip reaches 1032:1, on zeros only. */
	[LIMIT_LAYER_RATIO] = { "layer-ratio", 2000, 100000000, false,
				"times its stored size that a layer may grow to" },
	[LIMIT_RATIO_FROM] = { "ratio-from", GIB(1), INT64_MAX, true,
			       "to which a layer may grow whatever its ratio" },
	[LIMIT_LAYER_SIZE] = { "layer-size", GIB(64), INT64_MAX, true,
			       "of a layer when decompressed" },
	[LIMIT_LAYERS] = { "layers", 1000, 1000000, false, "layers of an image" },
	[LIMIT_LOG_SIZE] = { "log-size", GIB(1), GIB(64), true, "of a trace log or list" },
	/* podman's; Docker has none. */
	[LIMIT_MANIFEST_SIZE] = { "manifest-size", MIB(1), GIB(1), true, "of manifest.json" },
	[LIMIT_PROGRAM_SIZE] = { "program-size", MIB(512), GIB(64), true,
				 "of a program whose libraries are looked for" },
	[LIMIT_RULES_SIZE] = { "rules-size", MIB(1), GIB(1), true, "of a rules file" },
	/* Holes cost nothing in the archive and everything when they are written as zeros. */
	[LIMIT_SPARSE_SIZE] = { "sparse-size", GIB(64), INT64_MAX, true,
				"of a file that is stored sparsely" },
	[LIMIT_TOTAL_SIZE] = { "total-size", GIB(256), INT64_MAX, true,
			       "of all layers when decompressed" },
	[LIMIT_YAML_SIZE] = { "yaml-size", MIB(16), GIB(1), true, "of a Kubernetes manifest" },
};

uint64_t limit_get(enum limit which)
{
	return rows[which].value;
}

const char *limit_name(enum limit which)
{
	return rows[which].name;
}

int limit_exceeded(const char *what, enum limit which)
{
	diag_error("%s has more than %llu bytes" LIMIT_HINT, what,
		   (unsigned long long)rows[which].value, rows[which].name);
	return -EFBIG;
}

int limit_memory(const char *what)
{
	diag_error("%s needs more than %llu bytes of memory to be decompressed" LIMIT_HINT,
		   what, (unsigned long long)rows[LIMIT_DECODER_MEMORY].value,
		   rows[LIMIT_DECODER_MEMORY].name);
	return -EFBIG;
}

static int set_one(const char *setting)
{
	size_t len = strcspn(setting, "=");
	uint64_t value;

	for (size_t i = 0; i < N_LIMITS && setting[len]; i++) {
		if (strlen(rows[i].name) != len || memcmp(rows[i].name, setting, len) != 0)
			continue;
		if (!options_size(setting + len + 1, &value) || value > rows[i].max)
			return diag_refuse("--limit %s wants a number from 1 to %llu, not '%s'",
					   rows[i].name, (unsigned long long)rows[i].max,
					   setting + len + 1);
		rows[i].value = value;
		return 0;
	}
	return diag_refuse("--limit wants NAME=VALUE of those that 'imagetrim limits' lists, "
			   "not '%s'",
			   setting);
}

int limit_set_all(const struct strlist *settings)
{
	int r = 0;

	for (size_t i = 0; i < settings->n_items && r == 0; i++)
		r = set_one(settings->items[i]);
	return r;
}

/* "64GiB", so that it can be given back to --limit. */
static void print_value(uint64_t value, bool is_size)
{
	static const char *const units[] = { "", "KiB", "MiB", "GiB", "TiB" };
	char text[32];
	size_t unit = 0;

	while (is_size && value && value % 1024 == 0 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(text, sizeof(text), "%llu%s", (unsigned long long)value, units[unit]);
	printf("%9s", text);
}

void limit_print_all(void)
{
	for (size_t i = 0; i < N_LIMITS; i++) {
		printf("%-15s ", rows[i].name);
		print_value(rows[i].value, rows[i].is_size);
		printf("  %s%s\n", rows[i].is_size ? "bytes " : "", rows[i].what);
	}
}
