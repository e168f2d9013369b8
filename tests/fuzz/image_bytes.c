// SPDX-License-Identifier: Apache-2.0
/* image_bytes.c - in: any bytes. Out: nothing, or abort(). */
#include "image_bytes.h"
#include "imageconf.h"
#include "image_pack.h"
#include "limit.h"

#include <stdio.h>
#include <sys/mman.h>

void small_limits(void)
{
	static const char *const settings[] = { "archive-size=8MiB", "layer-size=8MiB",
						"total-size=16MiB", "decoder-memory=16MiB" };
	struct strlist list = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		strlist_add(&list, settings[i]);
	if (limit_set_all(&list) < 0)
		abort();
	strlist_fini(&list);
}

static int open_fd(int fd, struct image **image)
{
	char text[64], path[64];
	struct image_ref ref = { .form = IMAGE_DOCKER_ARCHIVE, .text = text, .path = path };

	snprintf(text, sizeof(text), "fuzz");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return image_open(&ref, NULL, image);
}

/* The config of one plain layer, the image's first: what we write we must be able to read. */
static void write_again(struct image *image, char *text, size_t len, const char *diff_id)
{
	struct image *again CLEANUP(image_freep) = NULL;
	struct image_out_layer layer = { .digest = diff_id };
	struct image_out out = { .config_text = text,
				 .config_len = len,
				 .docker_types = image->docker_types,
				 .layers = &layer,
				 .n_layers = 1 };
	struct image_names names = { 0 };
	cleanup_fd int fd = memfd_create("again", MFD_CLOEXEC);
	struct image_pack pack;

	if (image_layer_tar(image, 0, &layer.blob) < 0)
		return;
	if (image_pack_init(&pack, &out, &names) < 0 ||
	    image_pack_write(&pack, true, fd, "again") < 0 || open_fd(fd, &again) < 0 ||
	    strcmp(again->config_digest, pack.config_digest.text) != 0)
		abort();
	image_pack_fini(&pack);
}

static void renew_config(struct image *image)
{
	const char *diff_id = image->layers[0].diff_id;
	char *text;
	size_t len;

	if (imageconf_instrument(image, diff_id, &text, &len) == 0)
		free(text);
	if (imageconf_trim(image, diff_id, &text, &len) == 0) {
		write_again(image, text, len, diff_id);
		free(text);
	}
}

static void renew_layers(struct image *image)
{
	const char **ids = xcalloc(image->n_layers, sizeof(*ids));
	char *text;
	size_t len;

	for (size_t i = 0; i < image->n_layers; i += 2)
		ids[i] = image->layers[i].diff_id;
	if (imageconf_trim_layers(image, ids, &text, &len) == 0)
		free(text);
	free(ids);
}

void look_at_image(int fd)
{
	struct image *image CLEANUP(image_freep) = NULL;

	if (open_fd(fd, &image) < 0)
		return;
	for (size_t i = 0; i < MIN(image->n_layers, (size_t)8); i++)
		if (image_layer_check(image, i) < 0)
			break;
	if (!image->n_layers)
		return;
	renew_config(image);
	renew_layers(image);
}
