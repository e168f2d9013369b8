// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_layer.c - any bytes as the two layers of an image: read by both readers of tars, which
 * must agree; all kept, written, read again
 */
#include "digest.h"
#include "fuzz.h"
#include "layer.h"
#include "same_entries.h"
#include "spool.h"

#include <sys/mman.h>

static int read_layers(struct image *image, struct tree *tree)
{
	int r = layer_read_all(image, tree);

	tree_freeze(tree);
	for (struct node *n = tree_root(tree); n; n = tree_next(n))
		tree_mark(n, KEEP_LOG, NULL);
	return r;
}

static void write_and_read(struct image *image, const struct tree *tree)
{
	struct spool_sink sink = { .fd = memfd_create("out", 0) };
	struct image_layer layer = { 0 };
	struct image again = { .name = image->name, .layers = &layer, .n_layers = 1 };
	struct tree *copy;

	if (layer_write(image, tree, INT64_MAX, spool_write, &sink) == 0) {
		layer.tar = (struct range) { sink.fd, 0, sink.len };
		copy = tree_new();
		/* What we write we must be able to read. */
		if (read_layers(&again, copy) < 0)
			abort();
		tree_free(copy);
	}
	close(sink.fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("layer", 0);
	struct image_layer layers[2] = { { .tar = { fd, 0, size } },
					 { .tar = { fd, 0, size } } };
	char name[] = "fuzz";
	struct image image = { .name = name, .layers = layers, .n_layers = 2 };
	struct tree *tree = tree_new();

	if (size > 1 << 20 || write_all(fd, data, size) < 0)
		goto out;
	if (!same_entries(&layers[0].tar))
		abort();
	if (read_layers(&image, tree) == 0)
		write_and_read(&image, tree);
out:
	tree_free(tree);
	close(fd);
	return 0;
}
