// SPDX-License-Identifier: Apache-2.0
/*
 * imageconf.h - reading and renewing image configs
 *
 * Only the listed fields change; everything else comes out byte for byte (json.h).
 * Source: OCI image-spec config.md; formats.md 4.
 */
#pragma once

#include "image.h"

#define LABEL_PREFIX "imagetrim."
#define TRACER_DIR   "/.imagetrim"
#define TRACER_PATH  TRACER_DIR "/imagetrim-tracer"
#define TRACER_LOGS  TRACER_DIR "/log"

/* Entrypoint, Cmd and so on as arrays: null, [] and [""] count as none; a string as one word. */
/* NULL-terminated, the caller frees with argv_free(). Never NULL. */
char **imageconf_entrypoint(const struct json *config);
char **imageconf_cmd(const struct json *config);
/*
 * The healthcheck as a command to execute: CMD's words; CMD-SHELL as config.Shell (or /bin/sh
 * -c) and the string; empty when NONE or absent.
 */
char **imageconf_healthcheck(const struct json *config);
/* The value of NAME in config.Env, or NULL. */
const char *imageconf_env(const struct json *config, const char *name);
/* config.User, config.WorkingDir ("" if none). */
const char *imageconf_user(const struct json *config);
const char *imageconf_workdir(const struct json *config);
/* Keys of config.Volumes; NULL-terminated, argv_free(). */
char **imageconf_volumes(const struct json *config);
void argv_free(char **argv);
/* What the history says made layer i, or NULL. */
const char *imageconf_created_by(const struct json *config, size_t i);
/* True if something in it (Healthcheck, OnBuild, Shell) is lost under OCI media types. */
bool imageconf_needs_docker_types(const struct json *config);
/* True if its entrypoint is our tracer. */
bool imageconf_is_instrumented(const struct json *config);
/* The label that tells the original's config digest, or NULL. */
const char *imageconf_original(const struct json *config);
/*
 * SOURCE_DATE_EPOCH: 1 and *seconds if it is set, 0 if not, -EINVAL (printed) if it is
 * malformed. Layer times are to be clamped to it (formats.md 5).
 */
int imageconf_source_date(int64_t *seconds) MUST_CHECK;

/*
 * The config with the tracer before Entrypoint and Healthcheck, labels
 * imagetrim.{version,original.{digest,entrypoint,cmd,healthcheck}} (JSON text of the
 * original's), diff_id appended and one history entry appended. The caller frees.
 * -EEXIST when the image is instrumented already. Same input, same bytes.
 */
int imageconf_instrument(const struct image *image, const char *diff_id, char **text,
			 size_t *len) MUST_CHECK;
/*
 * The config for the trimmed image: rootfs with the one diff_id, one history entry (created
 * and created_by from the original's last), container_config, container, docker_version and
 * similar build leftovers dropped, labels imagetrim.{version,original.digest} added. An
 * instrumented original gets its own entrypoint, cmd and healthcheck back.
 */
int imageconf_trim(const struct image *image, const char *diff_id, char **text,
		   size_t *len) MUST_CHECK;
/*
 * The same for an image whose layers were filtered one by one: the history stays, and entries
 * of layers that are gone become those of empty layers. diff_ids: one for each layer of the
 * original, NULL where it is gone.
 */
int imageconf_trim_layers(const struct image *image, const char *const diff_ids[], char **text,
			  size_t *len) MUST_CHECK;
