// SPDX-License-Identifier: Apache-2.0
/*
 * engine.c - docker, podman and nerdctl: one table row each
 *
 * In: names, descriptors. Out: inspect objects, exit statuses. Never a shell, never a pull.
 */
#include "engine_call.h"
#include "diag.h"

#define PROBE_SECONDS	5U  /* when looking for one */
#define NAMES_SECONDS	30  /* an ssh:// context takes its time */
#define INSPECT_SECONDS 120 /* behind a pull or a build that has the store's lock */

static const struct engine engines[] = {
	{
		.name = "docker",
		/* Set by docker when imagetrim is its plugin. */
		.binary_env = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND",
		.domain = "docker.io",
		.probe = { "version", "--format", "{{.Server.Version}}" },
		.save = { "save" },
		.prepares = true,
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
static int probe(const struct engine *engine, char **why)
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
	r = process_output(argv, PROBE_SECONDS, 65536, &out, &len, &err);
	if (r == 0 && len > 1)
		return 0;
	if (r == -ETIMEDOUT)
		*why = xasprintf("no answer within %u s", PROBE_SECONDS);
	else if (r < 0)
		*why = xstrdup(strerror(-r));
	else
		*why = engine_one_line(err);
	return -ENOTCONN;
}

/* Whether it answers the first question tells, which is asked at once. */
static int find_named(const char *name, const struct engine **engine)
{
	for (size_t i = 0; i < ARRAY_SIZE(engines); i++) {
		if (strcmp(engines[i].name, name) != 0)
			continue;
		if (!process_exists(engine_binary(&engines[i]))) {
			diag_error("%s is not installed", name);
			return -ENOENT;
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

		if (probe(&engines[i], &why) == 0) {
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
	r = process_output(argv, INSPECT_SECONDS, ENGINE_OUTPUT_MAX, &out, &len, &err);
	if (r == -ETIMEDOUT)
		return diag_fail(r, "%s: %s inspect", name, engine->name);
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

int engine_image_names(const struct engine *engine, char **names)
{
	const char *const words[] = { "images", "--format", "{{.Repository}}", NULL };
	cleanup_free char **argv = engine_argv(engine, words, NULL);
	cleanup_free char *out = NULL;
	size_t len;
	int r;

	engine_show(argv);
	r = process_output(argv, NAMES_SECONDS, ENGINE_OUTPUT_MAX, &out, &len, NULL);
	if (r != 0)
		return r < 0 ? r : -EIO;
	*names = steal_ptr(out);
	return 0;
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
	int r = engine_run(argv, &apart, &said);

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
	if (engine_run(argv, &apart, &said) > 0)
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
	r = engine_run(argv, &apart, &said);
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
