// SPDX-License-Identifier: Apache-2.0
/*
 * engine.c - docker, podman and nerdctl: one table row each
 *
 * In: names, descriptors. Out: archives, inspect objects, exit statuses. Never a shell, never
 * a pull.
 *
 * docker save writes the config as it is stored. So does podman save with docker-archive
 * (tried with 4.3.1: an OCI image with odd white space, unknown members and a Healthcheck came
 * out byte for byte), and it does not compress: 0.07 s where oci-archive takes 0.11 s for 2 MB.
 * oci-archive of a Docker-typed image loses Healthcheck, OnBuild and Shell: not used. What
 * docker-archive loses are an OCI manifest's annotations.
 */
#include "engine_call.h"
#include "diag.h"
#include "spool.h"

#include <sys/stat.h>

#define PROBE_SECONDS 5		 /* when looking for one; a named engine gets more */
#define FULL	      (1u << 20) /* bytes; a file system with less is */
#define NAMED_SECONDS 30	 /* an ssh:// context takes its time */

static const struct engine engines[] = {
	{
		.name = "docker",
		/* Set by docker when imagetrim is its plugin. */
		.binary_env = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND",
		.domain = "docker.io",
		.probe = { "version", "--format", "{{.Server.Version}}" },
		.save = { "save" },
		.load = { "load", "-q" },
		.remove = { "rm", "-f", "-v" },
		.absent = { "no such image", "no such container", "does not exist" },
	},
	{
		.name = "podman",
		.domain = "localhost",
		.probe = { "info", "--format", "{{.Version.Version}}" },
		.save = { "save", "--quiet", "--format=docker-archive" },
		.load = { "load", "-q" },
		/* Without -t it waits ten seconds for the application to end. */
		.remove = { "rm", "-f", "-v", "-t", "0" },
		.absent = { "image not known", "no such container", "no such image" },
	},
	{
		.name = "nerdctl",
		.domain = "docker.io",
		.probe = { "version", "--format", "{{.Server.Version}}" },
		.save = { "save" },
		.load = { "load" },
		.remove = { "rm", "-f", "-v" },
		.absent = { "no such image", "no such container", "no such object",
			    "not found" },
	},
};

const char *engine_name(const struct engine *engine)
{
	return engine->name;
}

const char *engine_domain(const struct engine *engine)
{
	return engine->domain;
}

/* ---- finding it -------------------------------------------------------------------------- */

/* 0 if it answers; else *why (the caller frees). */
static int probe(const struct engine *engine, unsigned int seconds, char **why)
{
	cleanup_free char *out = NULL, *err = NULL;
	cleanup_free char **argv = NULL;
	size_t len;
	int r;

	if (!process_exists(engine_binary(engine))) {
		*why = xstrdup("not installed");
		return -ENOENT;
	}
	argv = engine_argv(engine, engine->probe, NULL);
	r = process_output(argv, seconds, 65536, &out, &len, &err);
	if (r == 0 && len > 1)
		return 0;
	if (r == -ETIMEDOUT)
		*why = xasprintf("no answer within %u s", seconds);
	else if (r < 0)
		*why = xstrdup(strerror(-r));
	else
		*why = engine_one_line(err);
	return -ENOTCONN;
}

static int find_named(const char *name, const struct engine **engine)
{
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		cleanup_free char *why = NULL;
		int r;

		if (strcmp(engines[i].name, name) != 0)
			continue;
		r = probe(&engines[i], NAMED_SECONDS, &why);
		if (r < 0) {
			diag_error("%s does not answer: %s", name, why);
			return r;
		}
		*engine = &engines[i];
		return 0;
	}
	diag_error("there is no engine '%s'; docker, podman and nerdctl are known", name);
	return -ENOENT;
}

int engine_find(const char *name, const struct engine **engine)
{
	cleanup_free char *all = xstrdup("");

	if (name)
		return find_named(name, engine);
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		cleanup_free char *why = NULL, *before = NULL;

		if (probe(&engines[i], PROBE_SECONDS, &why) == 0) {
			diag_debug("the engine is %s", engines[i].name);
			*engine = &engines[i];
			return 0;
		}
		before = all;
		all = xasprintf("%s%s%s: %s", before, *before ? "; " : "", engines[i].name,
				why);
	}
	diag_error("no container engine answers (%s); start one, install podman, or name an "
		   "archive such as docker-archive:FILE",
		   all);
	return -ENOTCONN;
}

/* ---- images ------------------------------------------------------------------------------ */

/* An inspect prints an array of one object. */
static int take_first(const char *text, size_t len, struct json **object)
{
	CLEANUP(json_freep) struct json *array = NULL;
	cleanup_free char *reason = NULL;
	int r = json_parse(text, len, ENGINE_OUTPUT_MAX, &array, &reason);

	if (r < 0)
		return r;
	if (!json_members(json_at(array, 0)))
		return -EBADMSG;
	*object = json_copy(json_at(array, 0));
	return 0;
}

int engine_inspect(const struct engine *engine, const char *kind, const char *name,
		   struct json **object)
{
	const char *const words[] = { kind, "inspect", name, NULL };
	cleanup_free char *out = NULL, *err = NULL, *line = NULL;
	cleanup_free char **argv = NULL;
	size_t len;
	int r;

	argv = engine_argv(engine, words, NULL);
	r = process_output(argv, 0, ENGINE_OUTPUT_MAX, &out, &len, &err);
	if (r == 0)
		r = take_first(out, len, object);
	if (r > 0 && engine_says_absent(engine, err))
		return -ENOENT;
	if (r <= 0)
		return r < 0 ? diag_fail(r, "%s: %s inspect", name, engine->name) : 0;
	line = engine_one_line(err);
	diag_error("%s: %s says: %s", name, engine->name, line);
	return -EIO;
}

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

int engine_image_size(const struct engine *engine, const char *image, struct engine_size *size)
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

int engine_save(const struct engine *engine, const char *image, const struct engine_size *size,
		int fd)
{
	cleanup_free char *said = NULL, *what = xasprintf("%s: reading", image);
	const struct process_io io = { .in = PROCESS_NULL, .out = fd };
	struct engine_watch watch = { .fd = fd };
	cleanup_free char **argv = NULL;
	uint64_t left;
	int r;

	progress_begin(&watch.progress, what, size->files);
	argv = engine_argv(engine, engine->save, image);
	r = engine_run(argv, &io, &watch, &said);
	/* An engine says that there is no space, but not whose. */
	if (r > 0 && spool_fits(fd, FULL, &left) < 0)
		return spool_full(image);
	return engine_conclude(engine, r, image, said);
}

int engine_image_names(const struct engine *engine, char **names)
{
	const char *const words[] = { "images", "--format", "{{.Repository}}", NULL };
	cleanup_free char **argv = engine_argv(engine, words, NULL);
	cleanup_free char *out = NULL;
	size_t len;
	int r;

	engine_show(argv);
	r = process_output(argv, NAMED_SECONDS, ENGINE_OUTPUT_MAX, &out, &len, NULL);
	if (r != 0)
		return r < 0 ? r : -EIO;
	*names = steal_ptr(out);
	return 0;
}

int engine_load(const struct engine *engine, int fd)
{
	cleanup_free char *said = NULL;
	const struct process_io io = { .in = fd, .out = PROCESS_NULL };
	struct engine_watch watch = { .fd = fd, .position = true };
	cleanup_free char **argv = NULL;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return diag_fail(-errno, "archive for %s", engine->name);
	progress_begin(&watch.progress, "loading", (uint64_t)st.st_size);
	argv = engine_argv(engine, engine->load, NULL);
	r = engine_run(argv, &io, &watch, &said);
	return engine_conclude(engine, r, "loading the image", said);
}

/* ---- containers --------------------------------------------------------------------------- */

/* Ctrl-C on the terminal does not reach what collects and cleans up. */
static const struct process_io apart = {
	.in = PROCESS_NULL,
	.out = PROCESS_NULL,
	.group = true,
};

static int remove_quietly(const struct engine *engine, char *const argv[])
{
	cleanup_free char *said = NULL, *line = NULL;
	int r = engine_run(argv, &apart, NULL, &said);

	if (r <= 0 || engine_says_absent(engine, said))
		return MIN(r, 0);
	line = engine_one_line(said);
	diag_warning("%s %s: %s", engine->name, argv[1], line);
	return r;
}

int engine_remove_image(const struct engine *engine, const char *image)
{
	/* Not -f: podman would then remove other people's containers of the image too. */
	const char *const words[] = { "rmi", NULL };
	cleanup_free char **argv = NULL;

	argv = engine_argv(engine, words, image);
	return remove_quietly(engine, argv);
}

int engine_remove_container(const struct engine *engine, const char *container)
{
	cleanup_free char **argv = NULL;

	argv = engine_argv(engine, engine->remove, container);
	return remove_quietly(engine, argv);
}

void engine_kill(const struct engine *engine, const char *container)
{
	const char *const words[] = { "kill", NULL };
	cleanup_free char **argv = engine_argv(engine, words, container);
	cleanup_free char *said = NULL;

	/* It fails where the container has ended meanwhile. */
	if (engine_run(argv, &apart, NULL, &said) > 0)
		diag_debug("%s", said);
}

int engine_copy_out(const struct engine *engine, const char *container, const char *path,
		    const char *host_dir)
{
	cleanup_free char *from = xasprintf("%s:%s/.", container, path), *said = NULL;
	const char *const words[] = { "cp", from, NULL };
	cleanup_free char **argv = NULL;
	int r;

	argv = engine_argv(engine, words, host_dir);
	r = engine_run(argv, &apart, NULL, &said);
	return engine_conclude(engine, r, from, said);
}

pid_t engine_stop(const struct engine *engine, const char *container)
{
	const struct process_io io = { PROCESS_NULL, PROCESS_NULL, PROCESS_NULL, true };
	const char *const words[] = { "stop", container, NULL };

	return engine_start(engine, words, &io);
}

pid_t engine_start(const struct engine *engine, const char *const words[],
		   const struct process_io *io)
{
	cleanup_free char **argv = engine_argv(engine, words, NULL);
	pid_t pid;

	engine_show(argv);
	pid = process_start(argv, io);
	return pid < 0 ? diag_fail(pid, "%s cannot be started", argv[0]) : pid;
}

int engine_ask(const struct engine *engine, const char *const words[], const char *what,
	       char **line)
{
	cleanup_free char **argv = engine_argv(engine, words, NULL);
	cleanup_free char *out = NULL, *err = NULL;
	size_t len;
	int r;

	engine_show(argv);
	r = process_output(argv, 0, ENGINE_OUTPUT_MAX, &out, &len, &err);
	r = engine_conclude(engine, r, what, err);
	if (r == 0)
		*line = xmemdup(out, strcspn(out, "\r\n"));
	return r;
}
