// SPDX-License-Identifier: Apache-2.0
/*
 * leftovers.c - names that say whose they are
 *
 * In: an engine's images. Out: fewer of them. Never touches what may belong to a run that
 * lives: of a remote engine's user, of another container's imagetrim, of one with the same
 * machine-id.
 */
#include "leftovers.h"
#include "diag.h"
#include "digest.h"
#include "path.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>

#define PREFIX "imagetrim-run-"
#define TAG    "tmp" /* recording.c gives it to the image */

struct owner {
	uint32_t host, boot; /* host 0: it has no machine-id */
	uint64_t pid_ns, pid, start, random;
};

static const char format[] =
	PREFIX "%08" PRIx32 "-%08" PRIx32 "-%" PRIx64 "-%" PRIx64 "-%" PRIx64 "-%08" PRIx64;

/* ---- who we are ---------------------------------------------------------------------------- */

/* A number for what a file says; 0 if it says nothing. */
static uint32_t number_of(const char *path)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	cleanup_free char *text = NULL;
	struct digest_text digest;
	size_t len;

	if (fd < 0 || read_whole(fd, 4096, &text, &len) < 0 || !len)
		return 0;
	digest_of(text, len, &digest);
	return (uint32_t)(strtoull(digest_hex(digest.text), NULL, 16) >> 32 & UINT32_MAX);
}

/* Field 22 of /proc/PID/stat; the second is in parentheses and may hold anything. 0: unknown. */
static uint64_t start_of(uint64_t pid)
{
	cleanup_free char *path = xasprintf("/proc/%" PRIu64 "/stat", pid);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	cleanup_free char *text = NULL;
	const char *p;
	size_t len;

	if (fd < 0 || read_whole(fd, 65536, &text, &len) < 0)
		return 0;
	p = strrchr(text, ')');
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p, NULL, 10) : 0;
}

static void find_self(struct owner *self)
{
	struct stat st;

	*self = (struct owner) {
		.host = number_of("/etc/machine-id"),
		.boot = number_of("/proc/sys/kernel/random/boot_id"),
		.pid_ns = stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0,
		.pid = (uint64_t)getpid(),
		.start = start_of((uint64_t)getpid()),
	};
}

char *leftovers_name(void)
{
	struct owner o;
	uint32_t random = 0;

	find_self(&o);
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = 0; /* the rest is unique on this machine */
	return xasprintf(format, o.host, o.boot, o.pid_ns, o.pid, o.start, (uint64_t)random);
}

/* ---- who they are -------------------------------------------------------------------------- */

/* Only what leftovers_name() prints, to the last digit. */
static bool parse(const char *name, struct owner *o)
{
	cleanup_free char *again = NULL;

	if (sscanf(name,
		   PREFIX "%8" SCNx32 "-%8" SCNx32 "-%16" SCNx64 "-%16" SCNx64 "-%16" SCNx64
			  "-%8" SCNx64,
		   &o->host, &o->boot, &o->pid_ns, &o->pid, &o->start, &o->random) != 6)
		return false;
	again = xasprintf(format, o->host, o->boot, o->pid_ns, o->pid, o->start, o->random);
	return strcmp(again, name) == 0;
}

/* ESRCH is sure: of what one may not see kill() says EPERM. */
static bool has_ended(const struct owner *o)
{
	uint64_t start;

	if (!o->pid || o->pid > INT32_MAX)
		return false;
	if (kill((pid_t)o->pid, 0) < 0 && errno == ESRCH)
		return true;
	start = start_of(o->pid);
	return start && o->start && start != o->start;
}

static bool is_running(const struct engine *engine, const char *name)
{
	struct json *object CLEANUP(json_freep) = NULL;

	return engine_inspect(engine, "container", name, &object) != -ENOENT &&
	       json_get_bool(json_get(object, "State"), "Running", true);
}

/*
 * Of an earlier boot nothing runs; what does run is of a machine that was cloned with its
 * machine-id.
 */
static bool is_left(const struct engine *engine, const struct owner *self,
		    const struct owner *o, const char *name)
{
	if (!self->boot)
		return false;
	if (o->boot == self->boot)
		return o->pid_ns == self->pid_ns && has_ended(o);
	return self->host && o->host == self->host && !is_running(engine, name);
}

void leftovers_remove(const struct engine *engine)
{
	cleanup_free char *names = NULL;
	struct owner self, owner;
	char *rest = NULL;

	if (engine_image_names(engine, &names) < 0)
		return;
	find_self(&self);
	for (char *line = strtok_r(names, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		const char *name = path_base(line); /* podman's are below localhost/ */
		cleanup_free char *image = xasprintf("%s:" TAG, name);

		if (!parse(name, &owner) || !is_left(engine, &self, &owner, name))
			continue;
		diag_note("removing %s, which a run that was killed has left", name);
		engine_remove_container(engine, name);
		engine_remove_image(engine, image);
	}
}
