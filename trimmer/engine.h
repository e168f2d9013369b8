// SPDX-License-Identifier: Apache-2.0
/*
 * engine.h - container engines, driven through their own command lines
 *
 * So contexts, credentials and remote daemons work as the user has set them up. One table row
 * an engine says how it differs. Nothing the engine prints is believed without an inspect.
 * Errors are printed here, with the engine's own words in one line.
 */
#pragma once

#include "json.h"
#include "process.h"

struct engine; /* a row of the table, static */

/* By name, or (NULL) the first of the table that answers. -ENOENT or -ENOTCONN. */
int engine_find(const char *name, const struct engine **engine) MUST_CHECK;
/* Words that docker itself was given and every call of it gets, too; NULL-ended, borrowed. */
void engine_hand_on(char *const words[]);
const char *engine_name(const struct engine *engine);
/* "docker.io" or "localhost": the domain a short name gets. */
const char *engine_domain(const struct engine *engine);

/* What an engine tells of an image before it is saved. */
struct engine_size {
	uint64_t files;	  /* bytes of its layers, about; 0: not known */
	uint64_t archive; /* what its archive takes at least; 0: not known */
};
/* Prints the error; -ENOENT if there is no such image. */
int engine_image_size(const struct engine *engine, const char *image,
		      struct engine_size *size) MUST_CHECK;
/*
 * Writes the archive of one image to fd, a temporary file, from its start (the form that keeps
 * its config). size: for the progress line.
 */
int engine_save(const struct engine *engine, const char *image, const struct engine_size *size,
		int fd) MUST_CHECK;
/* Loads the archive in fd, from its start. */
int engine_load(const struct engine *engine, int fd) MUST_CHECK;
/*
 * The inspect object of an image or container (kind: "image", "container"), the caller frees.
 * -ENOENT without a message if there is none.
 */
int engine_inspect(const struct engine *engine, const char *kind, const char *name,
		   struct json **object) MUST_CHECK;
/* The names of all images, without tags, a line each; the caller frees. No message. */
int engine_image_names(const struct engine *engine, char **names) MUST_CHECK;
/* Quiet and forgiving, for cleaning up: the exit status, 0 if it is gone. */
int engine_remove_image(const struct engine *engine, const char *image);
/*
 * Kills a running one, without its grace period; what it says is not told. Before a remove:
 * `podman rm -f` (4.3) of a container whose `podman stop` was cut short forgets it and leaves
 * its processes running.
 */
void engine_kill(const struct engine *engine, const char *container);
/* Also a running one, and with its anonymous volumes. */
int engine_remove_container(const struct engine *engine, const char *container);
/* docker cp CONTAINER:PATH/. DIR */
int engine_copy_out(const struct engine *engine, const char *container, const char *path,
		    const char *host_dir) MUST_CHECK;
/*
 * Starts docker stop: SIGTERM or STOPSIGNAL, SIGKILL after the container's grace period. Its
 * pid, to be waited for: this may take long.
 */
pid_t engine_stop(const struct engine *engine, const char *container) MUST_CHECK;
/* Starts `ENGINE WORD...` as a child; words: NULL-ended. */
pid_t engine_start(const struct engine *engine, const char *const words[],
		   const struct process_io *io) MUST_CHECK;
/* Runs it and takes the first line it prints (the caller frees). what: for messages. */
int engine_ask(const struct engine *engine, const char *const words[], const char *what,
	       char **line) MUST_CHECK;
