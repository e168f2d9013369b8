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

/*
 * By name (whether it answers the next call tells), or (NULL) the first of the table that answers.
 * -ENOENT or -ENOTCONN.
 */
int engine_find(const char *name, const struct engine **engine) MUST_CHECK;
/* Words that docker itself was given and every call of it gets, too; NULL-ended, borrowed. */
void engine_hand_on(char *const words[]);
const char *engine_name(const struct engine *engine);
/* "docker.io" or "localhost": the domain a short name gets. */
const char *engine_domain(const struct engine *engine);

/*
 * Writes the archive of one image to fd, an empty temporary file (the form that keeps its config).
 * -ENOENT if there is no such image. The error is printed.
 */
int engine_save(const struct engine *engine, const char *image, int fd) MUST_CHECK;
/*
 * Loads an archive. What takes time before the engine reads one is done beside other work: begin
 * starts its program, which waits; end gives it the archive in fd, from its start, and frees load;
 * cancel ends it without, nothing was loaded. SIGPIPE is ignored by the caller.
 */
struct engine_load;
int engine_load_begin(const struct engine *engine, struct engine_load **load) MUST_CHECK;
int engine_load_end(struct engine_load *load, int fd) MUST_CHECK;
void engine_load_cancel(struct engine_load *load);
/* It has ended before it was given anything: the engine does not answer. */
bool engine_load_failed(const struct engine_load *load);
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
