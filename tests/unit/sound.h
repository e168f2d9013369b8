// SPDX-License-Identifier: Apache-2.0
/*
 * sound.h - two small images to be read as they are, or with one thing wrong
 */
#pragma once

#include "fixture.h"
#include "image_parts.h"

#define LAYOUT	   "{\"imageLayoutVersion\":\"1.0.0\"}"
#define LAYER_JSON "\"l.tar\""

static struct bytes layer_a, layer_b, config_a, config_b;
static char *id_a, *id_b;

static inline int sound_setup(void **state)
{
	layer_a = make_layer("a");
	layer_b = make_layer("b");
	id_a = digest_of_bytes(layer_a);
	id_b = digest_of_bytes(layer_b);
	config_a = make_config(image_host_arch(), (const char *[]) { id_a, NULL });
	config_b = make_config(image_host_arch(), (const char *[]) { id_b, NULL });
	return box_setup(state);
}

static inline void refuse_box(struct box *box, const char *words)
{
	refuse(xasprintf("docker-archive:%s", box_close(box)), words);
}

/* A sound docker-archive but for one more entry. */
static inline void put_sound(struct box *box)
{
	box_open(box);
	box_put(box, "c.json", config_a);
	box_put(box, "l.tar", layer_a);
	box_manifest(box, "c.json", "x:1", LAYER_JSON);
}

/* config and layer as given, under the names of a sound one. */
static inline void refuse_docker(struct bytes config, struct bytes layer, const char *words)
{
	struct box box;

	box_open(&box);
	box_put(&box, "c.json", config);
	box_put(&box, "l.tar", layer);
	box_manifest(&box, "c.json", "x:1", LAYER_JSON);
	refuse_box(&box, words);
}

/* An OCI archive with the top index, and blobs: manifest, config, layer. */
static inline void refuse_oci(const char *index, struct bytes manifest, struct bytes config,
			      struct bytes layer, const char *words)
{
	struct box box;

	box_open(&box);
	box_text(&box, "oci-layout", LAYOUT);
	box_text(&box, "index.json", index);
	box_blob(&box, manifest);
	box_blob(&box, config);
	box_blob(&box, layer);
	refuse(xasprintf("oci-archive:%s", box_close(&box)), words);
}
