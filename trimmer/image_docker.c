// SPDX-License-Identifier: Apache-2.0
/*
 * image_docker.c - manifest.json to config and layers
 *
 * In: what `docker save` (legacy, hybrid, containerd store), podman, skopeo or crane write.
 * Out: the one image that was asked for. Never lets index.json, if there is one, name
 * another image than manifest.json: engines differ in which of the two they read.
 *
 * Two known faults of Docker are let pass: an index without manifests (moby#47210) and a
 * manifest without layers (moby#47065).
 */
#include "image_parts.h"
#include "diag.h"
#include "digest.h"

#include <stdio.h>

static bool item_has_tag(const struct json *item, const char *ref)
{
	const struct json *tags = json_get(item, "RepoTags");

	for (size_t i = 0; i < json_count(tags); i++) {
		const char *tag = json_text(json_at(tags, i));

		if (tag &&
		    (strcmp(tag, ref) == 0 || (image_name_valid(tag) && image_name_valid(ref) &&
					       image_name_same(tag, ref))))
			return true;
	}
	return false;
}

/* "'a:b', 'c:d'" of all images; the caller frees. */
static char *list_items(const struct json *items)
{
	char *list = xstrdup("");

	for (size_t i = 0; i < json_count(items) && i < 20; i++) {
		const struct json *tags = json_get(json_at(items, i), "RepoTags");
		const char *tag = json_text(json_at(tags, 0));
		cleanup_free char *before = list;

		list = tag ? xasprintf("%s%s'%s'", before, i ? ", " : "", tag)
			   : xasprintf("%s%s'@%zu'", before, i ? ", " : "", i);
	}
	return list;
}

/* ref: a tag, "@N" (the N-th from 0, as skopeo has it), or NULL for the only one. */
static int choose(const struct image *image, const struct json *items, const char *ref,
		  const struct json **item)
{
	cleanup_free char *list = list_items(items);
	char *end;

	if (!json_count(items))
		return image_bad(image, "its manifest.json names no image");
	if (!ref) {
		*item = json_at(items, 0);
		if (json_count(items) == 1)
			return 0;
		return image_bad(image, "it holds several images; name one of them: %s", list);
	}
	if (*ref == '@') {
		size_t n = strtoul(ref + 1, &end, 10);

		*item = *end || !ref[1] ? NULL : json_at(items, n);
		if (*item)
			return 0;
	}
	for (size_t i = 0; i < json_count(items); i++) {
		*item = json_at(items, i);
		if (item_has_tag(*item, ref))
			return 0;
	}
	return image_bad(image, "there is no image '%s' in it, only %s", ref, list);
}

/* The digest that the config's name stands for, if it is one: engines do not verify it. */
static bool name_is_other_digest(const char *name, const char *digest)
{
	static const char *const prefixes[] = { "blobs/sha256/", "sha256:" };
	const char *hex = digest_hex(digest);
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			name += strlen(prefixes[i]);
	len = strspn(name, "0123456789abcdef");
	if (len != strlen(hex) || (name[len] && strcmp(name + len, ".json") != 0))
		return false;
	return strncmp(name, hex, len) != 0;
}

static int find_part(const struct image *image, const char *what, const char *name,
		     struct range *range)
{
	int r = name ? store_find(image->store, name, range) : -ENOENT;

	if (r < 0)
		return image_bad(image, "%s '%s': %s", what, name ? name : "", strerror(-r));
	return 0;
}

static int take_config(struct image *image, const char *name)
{
	struct range range;
	char *text;
	size_t len;
	int r = find_part(image, "config", name, &range);

	if (r == 0)
		r = image_read_text(image, "config", &range, LIMIT_CONFIG_SIZE, &text, &len);
	if (r == 0)
		r = image_take_config(image, text, len);
	if (r == 0 && name_is_other_digest(name, image->config_digest))
		return image_bad(image, "config '%s': its bytes have the digest %s", name,
				 image->config_digest);
	return r;
}

static int take_layers(struct image *image, const struct json *paths)
{
	if (json_count(paths) != image->n_layers)
		return image_bad(image, "manifest.json has %zu layers, the config %zu diff IDs",
				 json_count(paths), image->n_layers);
	for (size_t i = 0; i < image->n_layers; i++) {
		const char *path = json_text(json_at(paths, i));
		int r = find_part(image, "layer", path, &image->layers[i].blob);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- index.json must agree ------------------------------------------------------------------ */

static bool same_name(const struct image *image, const struct oci_leaf *leaf)
{
	return image->tag && leaf->full_name && image_name_valid(leaf->full_name) &&
	       image_name_valid(image->tag) && image_name_same(image->tag, leaf->full_name);
}

static int check_layers(struct image *image, const struct json *manifest)
{
	int r;

	if (!json_count(json_get(manifest, "layers")) && image->n_layers) {
		diag_debug("%s: its OCI manifest has no layers; manifest.json is used",
			   image->name);
		return 0;
	}
	r = oci_take_layers(image, manifest, false);
	for (size_t i = 0; i < image->n_layers && r == 0; i++) {
		struct image_layer *layer = &image->layers[i];
		struct range other;

		/* The name says which bytes; that they have the digest is seen when read. */
		if (image_find_blob(image, layer->digest, UINT64_MAX, &other) == 0 &&
		    (other.fd != layer->blob.fd || other.off != layer->blob.off))
			r = image_bad(image,
				      "layer %zu is '%s' in index.json, but other bytes in "
				      "manifest.json",
				      i + 1, layer->digest);
	}
	return r;
}

/* 1 if leaf is our image (its layers then agree), 0 if it is another or not in the store. */
static int check_leaf(struct image *image, const struct oci_leaf *leaf)
{
	struct json *manifest CLEANUP(json_freep) = NULL;
	const char *digest = json_get_text(leaf->descriptor, "digest");
	const char *config;
	struct range range;
	int r = image_find_blob(image, digest, UINT64_MAX, &range);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = image_read_blob_json(image, "manifest", leaf->descriptor, &manifest);
	if (r < 0)
		return r;
	config = json_get_text(json_get(manifest, "config"), "digest");
	if (!config || strcmp(config, image->config_digest) != 0)
		return 0;
	r = check_layers(image, manifest);
	if (r < 0)
		return r;
	image->docker_types = oci_is_docker_type(json_get_text(leaf->descriptor, "mediaType"));
	return 1;
}

static int check_index(struct image *image)
{
	struct oci_leaves leaves CLEANUP(oci_leaves_fini) = { 0 };
	bool agreed = false, named = false, named_agreed = false;
	int r = oci_leaves_collect(image, true, &leaves);

	if (r < 0 || !leaves.n_items)
		return r;
	for (size_t i = 0; i < leaves.n_items; i++) {
		const struct oci_leaf *leaf = &leaves.items[i];
		bool same = same_name(image, leaf);

		/* Layers are taken from the first that agrees. */
		r = agreed && !same ? 0 : check_leaf(image, leaf);
		if (r < 0)
			return r;
		agreed |= r > 0;
		named |= same;
		named_agreed |= same && r > 0;
	}
	if (!agreed || (named && !named_agreed))
		return image_bad(image,
				 "manifest.json and index.json name different images; which "
				 "one would run depends on the engine");
	return 0;
}

int image_read_docker(struct image *image, const char *ref)
{
	static const char *const keys[] = { "Config", "RepoTags", "Layers", NULL };
	struct json *items CLEANUP(json_freep) = NULL;
	const struct json *item = NULL;
	const char *tag;
	struct range range;
	int r = image_read_part(image, "manifest.json", LIMIT_MANIFEST_SIZE, &items);

	if (r == 0)
		r = choose(image, items, ref, &item);
	if (r == 0)
		r = image_check_keys(image, "manifest.json", item, keys);
	if (r == 0)
		r = take_config(image, json_get_text(item, "Config"));
	if (r == 0)
		r = take_layers(image, json_get(item, "Layers"));
	if (r < 0)
		return r;
	tag = ref && *ref != '@' ? ref : json_text(json_at(json_get(item, "RepoTags"), 0));
	image->tag = tag ? xstrdup(tag) : NULL;
	image->docker_types = true;
	return store_find(image->store, "index.json", &range) == 0 ? check_index(image) : 0;
}
