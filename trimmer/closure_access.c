// SPDX-License-Identifier: Apache-2.0
/*
 * closure_access.c - which logged paths tell of the image, and marks for them
 *
 * In: the union of the logs, and the config's volumes. Out: marks. Here alone stands which access
 * counts, so that what explains a mark cannot differ from what made it.
 */
#include "closure.h"
#include "imageconf.h"

/* What containers mount over: the image's own files there are never seen. */
static const char *const never_used[] = { "/dev", "/proc", "/sys", TRACER_DIR };

static bool is_never_used(const char *abs)
{
	for (size_t i = 0; i < ARRAY_SIZE(never_used); i++)
		if (path_below(abs, never_used[i]) && strcmp(abs, never_used[i]) != 0)
			return true;
	return false;
}

static bool in_volume(char *const volumes[], const char *abs)
{
	for (; *volumes; volumes++)
		if (path_below(abs, *volumes))
			return true;
	return false;
}

bool closure_follows(uint32_t ops)
{
	return ops & ~(uint32_t)(TLOG_NOFOLLOW | TLOG_MISS);
}

void closure_each_access(const struct image *image, const struct access_set *access,
			 void (*each)(void *arg, size_t n, const char *abs, uint32_t ops),
			 void *arg)
{
	char **volumes = imageconf_volumes(image->config);

	for (size_t i = 0; i < pathset_count(access->paths); i++) {
		const char *abs = pathset_get(access->paths, i, NULL);
		uint32_t ops = access->items[i].ops;

		/* Engines fill a volume that the image declares from the image. */
		if (in_volume(volumes, abs))
			ops |= access->items[i].mounted_ops;
		if (ops && !is_never_used(abs))
			each(arg, i, abs, ops);
	}
	argv_free(volumes);
}

static void add_access(void *arg, size_t n UNUSED, const char *abs, uint32_t ops)
{
	struct closure *c = arg;
	struct node *node;

	if (!closure_wants(ops))
		return;
	if (resolve_mark(c->tree, NULL, abs, closure_follows(ops), KEEP_LOG, NULL, &node) < 0) {
		c->absent++;
		return;
	}
	if (ops & (TLOG_EXEC | TLOG_INTERP))
		closure_queue(c, node, NULL);
}

void closure_add_access(struct closure *c, const struct access_set *access)
{
	closure_each_access(c->image, access, add_access, c);
}
