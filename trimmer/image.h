// SPDX-License-Identifier: Apache-2.0
/*
 * image.h - an image: its config, and where the bytes of its layers are
 *
 * Reading chooses by content, not by name; every size and digest of what is read is verified;
 * manifest.json and index.json of one archive must agree (formats.md 1.3). Layers are handled
 * by position: the same layer may occur twice.
 */
#pragma once

#include "imageref.h"
#include "json.h"
#include "tar.h"

struct engine;

struct image_layer {
	struct range blob; /* as stored: plain or compressed */
	char *digest;	   /* of the blob, or NULL where the source names none */
	char *diff_id;	   /* of the uncompressed tar, from the config */
	char *media_type;  /* or NULL */
	struct range tar;  /* plain tar once image_layer_tar() was called; fd -1 before */
};

struct image {
	char *name;	      /* as the user wrote it, for messages */
	char *tag;	      /* full name in the source, or NULL */
	const char *platform; /* that was asked for, while it is opened; else NULL */
	char *config_text;    /* bytes as they are hashed */
	size_t config_len;
	char *config_digest;
	struct json *config;	   /* parsed; for reading only */
	char *os, *arch, *variant; /* variant "" if none */
	bool docker_types;	   /* Docker media types rather than OCI */
	struct image_layer *layers;
	size_t n_layers;
	struct store *store; /* keeps the bytes of blobs reachable */
	/*
	 * Set once the image is open, to read no more of plain layers than headers and what is
	 * kept. What is read as a whole, a compressed layer for one, is verified all the same.
	 */
	bool no_verify;
	struct image_verifier *verifier; /* image_verify_later() was called */
};

/*
 * Opens an image. engine: for IMAGE_ENGINE (NULL: the first that answers is looked for). An
 * engine's image and a pipe are spooled once to an unlinked file in TMPDIR. Prints the error
 * and returns -errno.
 */
int image_open(const struct image_ref *ref, const struct engine *engine,
	       struct image **image) MUST_CHECK;
void image_free(struct image *image);
static inline void image_freep(struct image **i)
{
	if (*i)
		image_free(*i);
}

/*
 * The plain tar of layer i: verified against blob digest and diff ID, decompressed to an
 * unlinked file when it is compressed. Prints the error and returns -errno.
 */
int image_layer_tar(struct image *image, size_t i, struct range *tar) MUST_CHECK;
/*
 * Lets threads hash the plain layers from now on, so that image_layer_tar() need not. Nothing
 * made of the image may be shown to anyone before image_verify() says that they are right.
 */
void image_verify_later(struct image *image);
/* Waits for the threads. Prints the error. 0 at once if there are none. */
int image_verify(struct image *image) MUST_CHECK;
void image_verify_stop(struct image *image);
/* Verifies the same without keeping the plain tar; layers[i].digest is set afterwards. */
int image_layer_check(const struct image *image, size_t i) MUST_CHECK;

/* ---- writing: image_write.c ------------------------------------------------------------- */

struct image_draft; /* image_draft.h: where it goes, already open */

struct image_out_layer {
	struct range blob;
	const char *digest;	/* of the blob */
	const char *media_type; /* NULL: by its compression and the image's kind */
	bool hashed; /* in a file that only we can write, hashed then: not hashed again */
};

struct image_out {
	const char *config_text;
	size_t config_len;
	bool docker_types; /* needed where Healthcheck, OnBuild or Shell must survive podman */
	const struct image_out_layer *layers;
	size_t n_layers;
	bool oci_types; /* in spite of docker_types: image_write() sets it for OCI layouts */
};

/*
 * Writes to the draft's dest: into the engine (hybrid archive of formats.md 0, then checked by inspect),
 * an OCI layout directory, oci-archive or docker-archive file (docker-archive: the hybrid,
 * readable by all; oci-archive: without manifest.json), "-": the hybrid on stdout. Files
 * appear whole or not at all (temporary file and rename, O_EXCL, never through a symlink);
 * an existing file is replaced; in an OCI layout the entry of the same ref is replaced.
 * *id: config digest (image ID where the engine uses it), the caller frees.
 */
int image_write(struct image_draft *draft, const struct image_out *out, char **id) MUST_CHECK;
