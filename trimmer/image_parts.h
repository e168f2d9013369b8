// SPDX-License-Identifier: Apache-2.0
/*
 * image_parts.h - what image.c, image_docker.c and image_oci.c share
 *
 * All functions that can fail print the error, with the image's name.
 */
#pragma once

#include "digest.h"
#include "image.h"
#include "limit.h"
#include "store.h"

#include <stdatomic.h>

/* Prints "NAME: text" and returns -EBADMSG. */
int image_bad(const struct image *image, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The bytes of range (max: the limit they may have) with a NUL behind; what: the part's name, for messages. */
int image_read_text(const struct image *image, const char *what, const struct range *range,
		    enum limit max, char **text, size_t *len) MUST_CHECK;
/* The same, parsed. */
int image_read_json(const struct image *image, const char *what, const struct range *range,
		    enum limit max, struct json **json) MUST_CHECK;
/* A named part of the store. */
int image_read_part(const struct image *image, const char *name, enum limit max,
		    struct json **json) MUST_CHECK;
/* -ENOENT without a message if it is not there. size UINT64_MAX: not known. */
int image_find_blob(const struct image *image, const char *digest, uint64_t size,
		    struct range *range) MUST_CHECK;
/* A blob that a descriptor (digest, size) tells of: verified. *text may be NULL. */
int image_read_blob(const struct image *image, const char *what, const struct json *descriptor,
		    enum limit max, char **text, size_t *len) MUST_CHECK;
int image_read_blob_json(const struct image *image, const char *what,
			 const struct json *descriptor, struct json **json) MUST_CHECK;

/*
 * Go's parsers take a key in any case, so one that differs from a known key only in case
 * would mean something to an engine and nothing to us: refused. keys: NULL-ended.
 */
int image_check_keys(const struct image *image, const char *what, const struct json *object,
		     const char *const keys[]) MUST_CHECK;

/* Takes text (owned from now on): digest, platform, diff IDs; makes the layers. */
int image_take_config(struct image *image, char *text, size_t len) MUST_CHECK;

/*
 * True if object (a platform of an index, or a config) is of the platform text names:
 * OS/ARCH, any variant; or OS/ARCH/VARIANT, where arm64 is v8 and arm v7 if it says nothing.
 */
bool image_platform_fits(const struct json *object, const char *text);

/* OCI name of this machine's architecture. */
const char *image_host_arch(void);

/* ---- image_layer.c, for image_verify.c ---------------------------------------------------- */

/* count is told of every piece; ends with -ECANCELED when *stop is (stop may be NULL). */
int image_hash(const struct range *range, void (*count)(void *arg, size_t n), void *arg,
	       const atomic_bool *stop, struct digest_text *out) MUST_CHECK;
/* Whether a plain layer is right that image_hash() said r and found about. Prints the error. */
int image_judge(const struct image *image, size_t i, int r,
		const struct digest_text *found) MUST_CHECK;
bool image_same_blob(const struct image_layer *a, const struct image_layer *b);

/* image_docker.c: manifest.json (and index.json, which must agree). ref NULL: the only one. */
int image_read_docker(struct image *image, const char *ref) MUST_CHECK;

/* ---- image_oci.c ------------------------------------------------------------------------- */

/* One manifest that index.json leads to. */
struct oci_leaf {
	struct json *descriptor;
	char *ref_name, *full_name; /* of the entry in index.json, or NULL */
};

struct oci_leaves {
	struct oci_leaf *items;
	size_t n_items, cap;
	size_t n_seen; /* descriptors looked at, in all indexes */
};

/* All manifests of images (no attestations, no referrers) below index.json. */
/* lenient: nested indexes that are not in the store are passed over. */
int oci_leaves_collect(const struct image *image, bool lenient,
		       struct oci_leaves *leaves) MUST_CHECK;
void oci_leaves_fini(struct oci_leaves *leaves);
/* Sets digest, media type (and if blobs: the bytes) of the image's layers by a manifest. */
int oci_take_layers(struct image *image, const struct json *manifest, bool blobs) MUST_CHECK;
bool oci_is_docker_type(const char *media_type);
int image_read_oci(struct image *image, const char *ref) MUST_CHECK;
