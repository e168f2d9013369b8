// SPDX-License-Identifier: Apache-2.0
/*
 * image_pack.h - the parts an image is written as, and the archive of them
 *
 * The hybrid of formats.md 0: oci-layout, index.json, blobs/ and manifest.json, which every
 * engine can load. Same image, same bytes.
 */
#pragma once

#include "digest.h"
#include "image.h"

/* How the image is called; all NULL: untagged. */
struct image_names {
	char *repo_tag;	 /* in manifest.json */
	char *full_name; /* io.containerd.image.name */
	char *ref_name;	 /* org.opencontainers.image.ref.name */
};

struct image_pack {
	const struct image_out *out; /* borrowed */
	struct json *config;	     /* parsed */
	struct digest_text config_digest, manifest_digest;
	char *manifest;
	size_t manifest_len;
	struct json *descriptor; /* entry for index.json */
	char *repo_tag;
};

#define PACK_LAYOUT_TEXT "{\"imageLayoutVersion\":\"1.0.0\"}"

/* -EBADMSG (printed) if out's config is none. */
int image_pack_init(struct image_pack *pack, const struct image_out *out,
		    const struct image_names *names) MUST_CHECK;
void image_pack_fini(struct image_pack *pack);
/* An index.json that holds just this image. The caller frees. */
char *image_pack_index(const struct image_pack *pack, size_t *len);
/* Where the bytes of the first layer stand in the archive. */
#define PACK_FIRST_LAYER ((uint64_t)3 * TAR_RECORD)
/*
 * Writes the archive to fd, with manifest.json if docker: layers first, then what names them, so
 * a layer may have been written into its place before. A first layer
 * whose blob lies there in fd is in place; fd then stands at its start. Prints the error.
 */
int image_pack_write(const struct image_pack *pack, bool docker, int fd,
		     const char *dest) MUST_CHECK;
/* Copies layer i to fd; what is not hashed yet must have its digest. Prints the error. */
int image_pack_copy_layer(const struct image_pack *pack, size_t i, int fd,
			  const char *dest) MUST_CHECK;
/* True if layer i was there before under a smaller number. */
bool image_pack_is_repeated(const struct image_pack *pack, size_t i);
