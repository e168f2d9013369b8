// SPDX-License-Identifier: Apache-2.0
/*
 * engine_archive.c - images out of an engine and into it, as archives
 *
 * In: names, descriptors. Out: archives. Never waits for the engine where there is something else
 * to do: a tenth of a trim through Docker would be starts of its program.
 *
 * docker save writes the config as it is stored. So does podman save with docker-archive
 * (tried with 4.3.1: an OCI image with odd white space, unknown members and a Healthcheck came
 * out byte for byte), and it does not compress: 0.07 s where oci-archive takes 0.11 s for 2 MB.
 * oci-archive of a Docker-typed image loses Healthcheck, OnBuild and Shell: not used. What
 * docker-archive loses are an OCI manifest's annotations.
 */
#include "diag.h"
#include "engine_call.h"
#include "progress.h"
#include "spool.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>

#define FULL  (1u << 20) /* bytes; a file system with less is */
#define PIECE (1u << 20) /* between two looks at the progress line */

/* ---- out of it --------------------------------------------------------------------------- */

/* What an engine tells of an image. */
struct size {
	uint64_t files;	  /* bytes of its layers, about; 0: not known */
	uint64_t archive; /* what its archive takes at least; 0: not known */
};

/*
 * Docker's store of containerd saves layers as they came, compressed or not, and calls its
 * snapshotter the graph driver (since 28.0 there is a descriptor, too); the others save tars.
 */
static bool saves_tars(const struct json *image)
{
	const char *driver = json_get_text(json_get(image, "GraphDriver"), "Name");

	return driver && *driver && strcmp(driver, "overlayfs") != 0 &&
	       !json_get(image, "Descriptor");
}

static int ask_size(const struct engine *engine, const char *image, struct size *size)
{
	CLEANUP(json_freep) struct json *object = NULL;
	int r = engine_inspect(engine, "image", image, &object);

	if (r == -ENOENT)
		diag_error("%s: there is no such image in %s; '%s pull' or build it first",
			   image, engine->name, engine->name);
	if (r < 0)
		return r;
	size->files = json_get_size(object, "Size", 0);
	size->archive = saves_tars(object) ? size->files : 0;
	return 0;
}

/* The child writes the file itself, so looking suffices: nothing is copied on the way. */
static void watch(const struct engine_child *child, int fd, struct progress *progress)
{
	const struct timespec pause = { .tv_nsec = 50000000 };

	while (progress->on && !process_ended(child->pid)) {
		struct stat st;

		if (fstat(fd, &st) == 0 && (uint64_t)st.st_size > progress->done)
			progress_add(progress, (uint64_t)st.st_size - progress->done);
		nanosleep(&pause, NULL);
	}
	progress_end(progress);
}

static int look(const struct engine *engine, const char *image, int fd, struct size *size)
{
	int r = ask_size(engine, image, size);

	return r < 0 ? r : spool_grows(fd, size->archive);
}

int engine_save(const struct engine *engine, const char *image, int fd)
{
	cleanup_free char **argv = engine_argv(engine, engine->save, image);
	cleanup_free char *said = NULL, *what = xasprintf("%s: reading", image);
	struct engine_child child;
	struct progress progress;
	struct size size;
	uint64_t left;
	int r = engine->prepares ? 0 : look(engine, image, fd, &size);

	if (r < 0)
		return r;
	r = engine_child_start(argv, PROCESS_NULL, fd, &child);
	if (r < 0)
		return engine_conclude(engine, r, image, NULL);
	r = engine->prepares ? look(engine, image, fd, &size) : 0;
	if (r < 0) {
		engine_child_kill(&child);
		return r;
	}
	progress_begin(&progress, what, size.files);
	watch(&child, fd, &progress);
	r = engine_child_end(&child, &said);
	/* An engine says that there is no space, but not whose. */
	if (r > 0 && spool_fits(fd, FULL, &left) < 0)
		return spool_full(image);
	return engine_conclude(engine, r, image, said);
}

/* ---- into it ----------------------------------------------------------------------------- */

struct engine_load {
	const struct engine *engine;
	struct engine_child child;
	int to; /* a pipe to its standard input */
};

int engine_load_begin(const struct engine *engine, struct engine_load **load)
{
	cleanup_free char **argv = engine_argv(engine, engine->load, NULL);
	cleanup_free struct engine_load *l = xcalloc(1, sizeof(*l));
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return diag_fail(-errno, "%s", engine->name);
	l->engine = engine;
	l->to = fds[1];
	r = engine_child_start(argv, fds[0], PROCESS_NULL, &l->child);
	close(fds[0]);
	if (r < 0) {
		close(fds[1]);
		return engine_conclude(engine, r, "loading the image", NULL);
	}
	*load = steal_ptr(l);
	return 0;
}

/* Its end tells why it reads no more. */
static int hand_over(int fd, uint64_t len, int to)
{
	struct progress progress;
	off_t off = 0;
	int r = 0;

	progress_begin(&progress, "loading", len);
	while (r == 0 && (uint64_t)off < len) {
		ssize_t n = sendfile(to, fd, &off, PIECE);

		if (n > 0)
			progress_add(&progress, (uint64_t)n);
		else if (n == 0 || errno != EINTR)
			r = n == 0 ? -EIO : -errno;
	}
	progress_end(&progress);
	return r == -EPIPE ? 0 : r;
}

int engine_load_end(struct engine_load *load, int fd)
{
	cleanup_free struct engine_load *l = load;
	cleanup_free char *said = NULL;
	struct stat st;
	int r = fstat(fd, &st) < 0 ? -errno : hand_over(fd, (uint64_t)st.st_size, l->to);

	if (r < 0) {
		diag_fail(r, "archive for %s", l->engine->name);
		engine_load_cancel(steal_ptr(l));
		return r;
	}
	close(l->to);
	r = engine_child_end(&l->child, &said);
	return engine_conclude(l->engine, r, "loading the image", said);
}

bool engine_load_failed(const struct engine_load *load)
{
	return process_ended(load->child.pid);
}

/* Killed before its input ends, lest it takes a cut archive for a whole one. */
void engine_load_cancel(struct engine_load *load)
{
	if (!load)
		return;
	engine_child_kill(&load->child);
	close(load->to);
	free(load);
}
