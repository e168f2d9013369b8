// SPDX-License-Identifier: Apache-2.0
/*
 * image.c - an image out of an engine, a layout or an archive
 *
 * In: what the user wrote. Out: a config and ranges of layers, all verified. Never believes a
 * name: what an archive is, which filter a layer has, which bytes a digest stands for are
 * read from the bytes.
 *
 *	image.c		bytes into a store; manifest.json or index.json?
 *	image_docker.c	manifest.json leads to config and layers
 *	image_oci.c	index.json leads to a manifest, that to config and layers
 *	image_parts.c	reads and verifies blobs and the config for both
 *	image_layer.c	digest, decompression, diff ID: when a layer is needed
 *	image_verify.c	the same of plain layers, beside other work
 */
#include "image_parts.h"
#include "diag.h"
#include "engine.h"
#include "spool.h"

#include <fcntl.h>

void image_free(struct image *image)
{
	image_verify_stop(image);
	for (size_t i = 0; i < image->n_layers; i++) {
		free(image->layers[i].digest);
		free(image->layers[i].diff_id);
		free(image->layers[i].media_type);
	}
	free(image->layers);
	free(image->name);
	free(image->tag);
	free(image->config_text);
	free(image->config_digest);
	json_free(image->config);
	free(image->os);
	free(image->arch);
	free(image->variant);
	if (image->store)
		store_free(image->store);
	free(image);
}

/* The engine's archive in an unlinked file. */
static int open_engine(const struct image_ref *ref, const struct engine *engine,
		       struct follow_digests *known)
{
	struct follower *follower;
	cleanup_fd int fd = -1;
	int r = engine ? 0 : engine_find(NULL, &engine);

	if (r < 0)
		return r;
	fd = spool_open(0);
	if (fd < 0)
		return fd;
	follower = follow_begin(fd);
	r = engine_save(engine, ref->ref, fd);
	follow_end(follower, r == 0, known);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return steal_fd(&fd);
}

static int open_bytes(const struct image_ref *ref, const struct engine *engine,
		      const char *name, struct store **store)
{
	struct follow_digests known = { 0 };
	int fd;

	if (ref->form == IMAGE_OCI)
		return store_open_dir(ref->path, store);
	if (ref->form == IMAGE_ENGINE) {
		fd = open_engine(ref, engine, &known);
	} else if (ref->form == IMAGE_STDIO) {
		if (isatty(STDIN_FILENO))
			return diag_refuse(
				"an archive is not read from a terminal; redirect it");
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return diag_fail(-errno, "standard input");
	} else {
		fd = open(ref->path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return diag_fail(-errno, "%s", ref->path);
	}
	if (fd < 0) {
		follow_digests_fini(&known);
		return fd;
	}
	return store_open_archive(fd, name, ref->form == IMAGE_ENGINE ? &known : NULL, store);
}

static int read_image(struct image *image, const struct image_ref *ref)
{
	const char *name = ref->form == IMAGE_ENGINE ? NULL : ref->ref;
	struct range range;

	bool docker = store_find(image->store, "manifest.json", &range) == 0;
	bool oci = store_find(image->store, "index.json", &range) == 0;

	/* manifest.json cannot tell platforms apart. */
	if (docker && !(oci && image->platform))
		return image_read_docker(image, name);
	if (oci)
		return image_read_oci(image, name);
	return image_bad(image,
			 "it is no image: neither manifest.json nor index.json is in it");
}

static int check_platform(const struct image *image)
{
	if (!image->platform || image_platform_fits(image->config, image->platform))
		return 0;
	return image_bad(image, "it is for %s/%s%s%s, not for %s", image->os, image->arch,
			 *image->variant ? "/" : "", image->variant, image->platform);
}

int image_open(const struct image_ref *ref, const struct engine *engine, struct image **image)
{
	struct image *im CLEANUP(image_freep) = xcalloc(1, sizeof(*im));
	int r;

	im->name = xstrdup(ref->form == IMAGE_STDIO ? "standard input" : ref->text);
	im->platform = ref->platform;
	r = open_bytes(ref, engine, im->name, &im->store);
	if (r == 0)
		r = read_image(im, ref);
	if (r == 0)
		r = check_platform(im);
	im->platform = NULL;
	if (r == 0)
		*image = steal_ptr(im);
	return r;
}
