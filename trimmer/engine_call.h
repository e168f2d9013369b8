// SPDX-License-Identifier: Apache-2.0
/*
 * engine_call.h - one call of an engine's program, and what it said; for engine*.c only
 */
#pragma once

#include "engine.h"

#define ENGINE_OUTPUT_MAX (16u << 20) /* an inspect object, error text */

/* A row of the table: how one engine differs from the others. Word lists end with NULL. */
struct engine {
	const char *name;
	const char *binary_env; /* names the program, if set */
	const char *domain;
	const char *probe[4]; /* succeeds only if images and containers can be had */
	const char *save[4];  /* before the image's name */
	bool prepares; /* save takes its time until the first byte, and no room of ours before */
	const char *load[3];
	const char *remove[7]; /* before the container's name; does not wait */
	const char *absent[5]; /* what it says when there is no such thing */
};

/* The program's name or path. */
const char *engine_binary(const struct engine *engine);
/*
 * The binary, words (NULL-ended) and last unless it is NULL, as exec wants them. The caller
 * frees the array; the strings stay borrowed.
 */
char **engine_argv(const struct engine *engine, const char *const words[], const char *last);

/* A program of the engine that runs beside us. */
struct engine_child {
	pid_t pid;
	int err; /* a memory file: its stderr */
};

/*
 * Starts argv with in and out (as of process_io, borrowed). Prints nothing. To be ended by one of
 * the two below.
 */
int engine_child_start(char *const argv[], int in, int out,
		       struct engine_child *child) MUST_CHECK;
/* Waits; what it said goes to *said (the caller frees). Exit status or -errno. */
int engine_child_end(struct engine_child *child, char **said) MUST_CHECK;
void engine_child_kill(struct engine_child *child);

/*
 * Runs argv with io, but stderr goes to *said (the caller frees). Exit status or -errno.
 */
int engine_run(char *const argv[], const struct process_io *io, char **said) MUST_CHECK;
/* --debug shows each call. */
void engine_show(char *const argv[]);
/* What the engine wrote, in one line without its prefixes. The caller frees. */
char *engine_one_line(const char *text);
/* Its words mean: there is no such image or container. */
bool engine_says_absent(const struct engine *engine, const char *said);
/* Prints what went wrong with `what`, if r (of engine_run) is a failure. 0 or -errno. */
int engine_conclude(const struct engine *engine, int r, const char *what,
		    const char *said) MUST_CHECK;
