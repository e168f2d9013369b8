// SPDX-License-Identifier: Apache-2.0
/*
 * engine.h - container engines, driven through their own command lines
 *
 * So contexts, credentials and remote daemons work as the user has set them up. One table row
 * an engine says how it differs. Nothing the engine prints is believed without an inspect.
 */
#pragma once

#include "base.h"
#include "json.h"

#include <sys/types.h>

struct engine; /* a row of the table, static */

/* By name, or (NULL) the first of the table that answers `info`. Prints the error. */
int engine_find(const char *name, const struct engine **engine) MUST_CHECK;
const char *engine_name(const struct engine *engine);
/* "docker.io" or "localhost": the domain a short name gets. */
const char *engine_domain(const struct engine *engine);

/* Writes the archive of one image to fd (whatever form suits its config best). */
int engine_save(const struct engine *engine, const char *image, int fd) MUST_CHECK;
/* Loads the archive in fd (from its start). The engine's own words come on failure. */
int engine_load(const struct engine *engine, int fd) MUST_CHECK;
/* The inspect object of an image or container (-ENOENT without a message if there is none). */
int engine_inspect(const struct engine *engine, const char *kind, const char *name,
		   struct json **object) MUST_CHECK;
/* Quiet and forgiving: for cleaning up. */
int engine_remove_image(const struct engine *engine, const char *image);
int engine_remove_container(const struct engine *engine, const char *container);
/* docker cp CONTAINER:PATH/. DIR */
int engine_copy_out(const struct engine *engine, const char *container, const char *path,
		    const char *host_dir) MUST_CHECK;
/* docker stop: SIGTERM or STOPSIGNAL, SIGKILL after its grace period. */
int engine_stop(const struct engine *engine, const char *container) MUST_CHECK;
/*
 * Starts `ENGINE WORD...` as a child with inherited stdin, stdout, stderr; words: NULL-ended.
 */
pid_t engine_start(const struct engine *engine, char *const words[]) MUST_CHECK;
