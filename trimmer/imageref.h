// SPDX-License-Identifier: Apache-2.0
/*
 * imageref.h - what a person writes for an image
 *
 * NAME[:TAG][@DIGEST] in the engine, oci:DIR[:REF], oci-archive:FILE[:REF],
 * docker-archive:FILE[:REF] (containers-transports(5): a path ends at its first colon), and
 * "-" for an archive on standard input or output.
 */
#pragma once

#include "base.h"

enum image_form {
	IMAGE_ENGINE,
	IMAGE_OCI,
	IMAGE_OCI_ARCHIVE,
	IMAGE_DOCKER_ARCHIVE,
	IMAGE_STDIO,
};

struct image_ref {
	enum image_form form;
	char *text;	      /* as written, for messages */
	char *path;	      /* archive or layout; NULL for engine and stdio */
	char *ref;	      /* name or tag; NULL if none was given (engine: never) */
	const char *platform; /* of the image to be read: --platform, borrowed, or NULL */
};

/* -EINVAL after a printed error. Engine names must follow the reference grammar. */
int image_ref_parse(const char *text, struct image_ref *ref) MUST_CHECK;
void image_ref_fini(struct image_ref *ref);
/* Sets ref->platform. -EINVAL (printed) unless text is OS/ARCH[/VARIANT]; NULL is fine. */
int image_ref_set_platform(struct image_ref *ref, const char *text) MUST_CHECK;

/*
 * A name as registries write it: "redis" -> "docker.io/library/redis:latest" (domain
 * "docker.io") or "localhost/redis:latest" (domain "localhost", podman's for local images).
 * A name with a domain keeps it. The caller frees.
 */
char *image_name_full(const char *name, const char *domain);
/* The tag of a name, "latest" if it has none; points into a static or the name. */
const char *image_name_tag(const char *name);
/* The short form for RepoTags and people: without docker.io/ and library/. Caller frees. */
char *image_name_short(const char *full);
/* True if both mean one image, whatever domain short names get. */
bool image_name_same(const char *a, const char *b);
/* True if name follows the reference grammar. */
bool image_name_valid(const char *name);
