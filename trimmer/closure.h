// SPDX-License-Identifier: Apache-2.0
/*
 * closure.h - what kept things need though no log says so
 *
 * Rules that always hold (a table), the image's config (WorkingDir, Volumes, home), the
 * programs a runtime may start (entrypoint, cmd, healthcheck, --include-cmd) and, for every
 * kept program, its interpreters and libraries as ld.so(8) would find them.
 */
#pragma once

#include "access.h"
#include "image.h"
#include "libraries.h"
#include "resolve.h"

struct closure {
	struct image *image;
	struct tree *tree;
	struct library_paths libraries; /* ld.so.conf, read once */
	struct library_object *
		*queue; /* programs and libraries; those before `next` are done */
	size_t next, n_queue, queue_cap;
	uint64_t absent; /* logged paths that the image does not have */
	uint16_t asker;	 /* of the marks and exclusions that are made now; see tree_asker() */
};

void closure_init(struct closure *c, struct image *image, struct tree *tree);
void closure_fini(struct closure *c);
/* Names who asks for what is marked and left out from now on; NULL: nobody. */
void closure_ask(struct closure *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/*
 * Calls each(arg, n, abs, ops) for the logged paths that tell of the image, n being the number in
 * the set: not for what lies below a mount; for what was only missed, too.
 */
void closure_each_access(const struct image *image, const struct access_set *access,
			 void (*each)(void *arg, size_t n, const char *abs, uint32_t ops),
			 void *arg);
/* True if something was there that the image must have. */
static inline bool closure_wants(uint32_t ops)
{
	return ops & ~(uint32_t)TLOG_MISS;
}
/* True if a link in the last component was followed. */
bool closure_follows(uint32_t ops);
/* Marks what the logs name. */
void closure_add_access(struct closure *c, const struct access_set *access);
/* The rules that always hold, and the config's directories and programs. */
void closure_add_rules(struct closure *c);
/*
 * A command as the runtime would look it up: argv[0], and the program that a shell's -c would
 * run. False if it is not in the image: warns that `what` is not, unless what is NULL.
 */
bool closure_add_command(struct closure *c, char *const argv[], const char *what);
/* What glob matches (match.h), a directory with all below it. Returns how many matched. */
size_t closure_add_glob(struct closure *c, const char *glob, enum reason reason);
/* A directory, found through links, with all below it. False if the image has none. */
bool closure_add_dir(struct closure *c, const char *path, enum reason reason);
/* A node and, if it is a link, what it leads to: that, or NULL for a link to nothing. */
struct node *closure_add_node(struct closure *c, struct node *node, enum reason reason);
/* Leaves nodes out, whatever asks for them; to be called before all marking. */
size_t closure_exclude_glob(struct closure *c, const char *glob);
/* Device nodes: who runs the image with rights for them says so (--devices). */
void closure_exclude_devices(struct closure *c);
/* Works off the queue, to a fixed point; then Python's byte code and sources. */
void closure_run(struct closure *c);

/* ---- closure_*.c's doors to each other ------------------------------------------------- */

/* Marks what path leads to and queues it if it is a program. 0 or -errno of the walk. */
int closure_mark(struct closure *c, const char *path, enum reason reason, struct node **node);
/* Queues a kept file to look into (nothing if it is none). */
void closure_queue(struct closure *c, struct node *node, const struct library_object *loader);
/* Byte code of kept Python sources, sources of kept byte code. */
void closure_add_python(struct closure *c);
