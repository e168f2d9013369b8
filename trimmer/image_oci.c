// SPDX-License-Identifier: Apache-2.0
/*
 * image_oci.c - index.json to manifest to config and layers
 *
 * In: an OCI layout (directory or archive). Out: the one image that was asked for. Never
 * guesses between two: lists them instead.
 *
 * An index may lead to further indexes; attestations (platform unknown/unknown) and referrers
 * stand beside images and are passed over. Source: OCI image-spec image-layout.md,
 * image-index.md, manifest.md; BuildKit attestation-storage.md.
 */
#include "image_parts.h"
#include "diag.h"

#include <stdio.h>

#define TYPE_OCI_INDEX	     "application/vnd.oci.image.index.v1+json"
#define TYPE_OCI_MANIFEST    "application/vnd.oci.image.manifest.v1+json"
#define TYPE_DOCKER_LIST     "application/vnd.docker.distribution.manifest.list.v2+json"
#define TYPE_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"

static bool text_is(const char *text, const char *other)
{
	return text && strcmp(text, other) == 0;
}

bool oci_is_docker_type(const char *media_type)
{
	return media_type && strncmp(media_type, "application/vnd.docker.", 23) == 0;
}

static bool is_index(const char *type)
{
	return text_is(type, TYPE_OCI_INDEX) || text_is(type, TYPE_DOCKER_LIST);
}

static bool is_manifest(const char *type)
{
	return text_is(type, TYPE_OCI_MANIFEST) || text_is(type, TYPE_DOCKER_MANIFEST);
}

/* Entries of an index that are no image. */
static bool is_beside(const struct json *descriptor)
{
	const struct json *notes = json_get(descriptor, "annotations");
	const struct json *platform = json_get(descriptor, "platform");

	return json_get(notes, "io.containerd.manifest.subject") ||
	       json_get(notes, "vnd.docker.reference.type") ||
	       json_get(descriptor, "artifactType") ||
	       (text_is(json_get_text(platform, "os"), "unknown") &&
		text_is(json_get_text(platform, "architecture"), "unknown"));
}

static const char *annotation(const struct json *descriptor, const char *key)
{
	return json_get_text(json_get(descriptor, "annotations"), key);
}

/* ---- collecting ----------------------------------------------------------------------------- */

static char *copy_text(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static void add_leaf(struct oci_leaves *leaves, const struct json *descriptor,
		     const struct json *top)
{
	xgrow(&leaves->items, &leaves->cap, leaves->n_items, sizeof(*leaves->items));
	leaves->items[leaves->n_items++] = (struct oci_leaf) {
		.descriptor = json_copy(descriptor),
		.ref_name = copy_text(annotation(top, "org.opencontainers.image.ref.name")),
		.full_name = copy_text(annotation(top, "io.containerd.image.name")),
	};
}

void oci_leaves_fini(struct oci_leaves *leaves)
{
	for (size_t i = 0; i < leaves->n_items; i++) {
		json_free(leaves->items[i].descriptor);
		free(leaves->items[i].ref_name);
		free(leaves->items[i].full_name);
	}
	free(leaves->items);
	*leaves = (struct oci_leaves) { 0 };
}

static int check_descriptor(const struct image *image, const struct json *descriptor)
{
	static const char *const keys[] = { "mediaType",   "digest",	   "size", "platform",
					    "annotations", "artifactType", NULL };

	if (!json_get_text(descriptor, "digest"))
		return image_bad(image, "an index has an entry without a digest");
	return image_check_keys(image, "index", descriptor, keys);
}

/* top: the entry of index.json that led here, NULL in index.json itself. */
static int collect(const struct image *image, const struct json *index, const struct json *top,
		   unsigned int depth, bool lenient, struct oci_leaves *leaves)
{
	static const char *const keys[] = { "manifests", NULL };
	const struct json *entries = json_get(index, "manifests");
	int r = image_check_keys(image, "index", index, keys);

	if (depth > limit_get(LIMIT_INDEX_DEPTH))
		return image_bad(image, "indexes are nested more than %llu deep" LIMIT_HINT,
				 (unsigned long long)limit_get(LIMIT_INDEX_DEPTH),
				 limit_name(LIMIT_INDEX_DEPTH));
	for (size_t i = 0; i < json_count(entries) && r == 0; i++) {
		const struct json *entry = json_at(entries, i);
		struct json *nested CLEANUP(json_freep) = NULL;
		const char *type = json_get_text(entry, "mediaType");
		struct range range;

		if (++leaves->n_seen > limit_get(LIMIT_INDEX_ENTRIES))
			return image_bad(image,
					 "more than %llu entries in its indexes" LIMIT_HINT,
					 (unsigned long long)limit_get(LIMIT_INDEX_ENTRIES),
					 limit_name(LIMIT_INDEX_ENTRIES));
		r = check_descriptor(image, entry);
		if (r < 0 || is_beside(entry))
			continue;
		if (is_manifest(type))
			add_leaf(leaves, entry, top ? top : entry);
		if (!is_index(type))
			continue;
		r = image_find_blob(image, json_get_text(entry, "digest"), UINT64_MAX, &range);
		if (r == -ENOENT && lenient) {
			r = 0;
			continue;
		}
		r = image_read_blob_json(image, "index", entry, &nested);
		if (r == 0)
			r = collect(image, nested, top ? top : entry, depth + 1, lenient,
				    leaves);
	}
	return r;
}

int oci_leaves_collect(const struct image *image, bool lenient, struct oci_leaves *leaves)
{
	struct json *index CLEANUP(json_freep) = NULL;
	int r = image_read_part(image, "index.json", LIMIT_CONFIG_SIZE, &index);

	return r < 0 ? r : collect(image, index, NULL, 1, lenient, leaves);
}

/* ---- choosing ------------------------------------------------------------------------------- */

static void drop_leaf(struct oci_leaves *leaves, size_t i)
{
	struct oci_leaf leaf = leaves->items[i];

	leaves->n_items--;
	memmove(&leaves->items[i], &leaves->items[i + 1],
		(leaves->n_items - i) * sizeof(*leaves->items));
	json_free(leaf.descriptor);
	free(leaf.ref_name);
	free(leaf.full_name);
}

static bool has_name(const struct oci_leaf *leaf, const char *ref)
{
	const char *names[] = { leaf->ref_name, leaf->full_name };

	if (text_is(json_get_text(leaf->descriptor, "digest"), ref))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *name = names[i];

		if (text_is(name, ref))
			return true;
		/* A bare word is a tag in one place and a name in the other: only as written. */
		if (name && strpbrk(name, ":/") && image_name_valid(name) &&
		    image_name_valid(ref) && image_name_same(name, ref))
			return true;
	}
	return false;
}

static const char *leaf_name(const struct oci_leaf *leaf)
{
	const char *name = leaf->full_name ? leaf->full_name : leaf->ref_name;

	return name ? name : json_get_text(leaf->descriptor, "digest");
}

/* "linux/amd64 'a:b', linux/arm64 'a:b'"; the caller frees. */
static char *list_leaves(const struct oci_leaves *leaves)
{
	char *list = xstrdup("");

	for (size_t i = 0; i < leaves->n_items && i < 20; i++) {
		const struct json *platform = json_get(leaves->items[i].descriptor, "platform");
		const char *os = json_get_text(platform, "os");
		const char *arch = json_get_text(platform, "architecture");
		const char *variant = json_get_text(platform, "variant");
		cleanup_free char *before = list;

		list = xasprintf("%s%s'%s'%s%s%s%s%s%s", before, i ? ", " : "",
				 leaf_name(&leaves->items[i]), os ? " for " : "", os ? os : "",
				 arch ? "/" : "", arch ? arch : "", variant ? "/" : "",
				 variant ? variant : "");
	}
	return list;
}

/*
 * 1 if the manifest is for the platform asked for, or (none) for this machine; 0 if not.
 * Without a platform its config tells.
 */
static int fits(const struct image *image, const struct oci_leaf *leaf)
{
	struct json *manifest CLEANUP(json_freep) = NULL;
	struct json *config CLEANUP(json_freep) = NULL;
	const struct json *platform = json_get(leaf->descriptor, "platform");
	int r = 0;

	if (!json_get_text(platform, "architecture")) {
		r = image_read_blob_json(image, "manifest", leaf->descriptor, &manifest);
		if (r == 0)
			r = image_read_blob_json(image, "config", json_get(manifest, "config"),
						 &config);
		platform = config;
	}
	if (r < 0)
		return r;
	if (image->platform)
		return image_platform_fits(platform, image->platform);
	return text_is(json_get_text(platform, "architecture"), image_host_arch());
}

/* One manifest under several tags is one image. */
static void drop_equal(struct oci_leaves *leaves)
{
	for (size_t i = 0; i < leaves->n_items; i++)
		for (size_t j = leaves->n_items; j-- > i + 1;)
			if (text_is(json_get_text(leaves->items[i].descriptor, "digest"),
				    json_get_text(leaves->items[j].descriptor, "digest")))
				drop_leaf(leaves, j);
}

/* Leaves exactly one, or says why not. */
static int choose(const struct image *image, const char *ref, struct oci_leaves *leaves)
{
	cleanup_free char *all = list_leaves(leaves);
	cleanup_free char *found = NULL;

	if (!leaves->n_items)
		return image_bad(image, "its index.json names no image");
	for (size_t i = leaves->n_items; ref && i-- > 0;)
		if (!has_name(&leaves->items[i], ref))
			drop_leaf(leaves, i);
	if (!leaves->n_items)
		return image_bad(image, "there is no image '%s' in it, only %s", ref, all);
	drop_equal(leaves);
	if (leaves->n_items == 1 && !image->platform)
		return 0;
	found = list_leaves(leaves);
	for (size_t i = leaves->n_items; i-- > 0;) {
		int r = fits(image, &leaves->items[i]);

		if (r < 0)
			return r;
		if (!r)
			drop_leaf(leaves, i);
	}
	if (leaves->n_items == 1)
		return 0;
	if (!leaves->n_items)
		return image_bad(image, "none of its images is for %s: %s",
				 image->platform ? image->platform : image_host_arch(), found);
	return image_bad(image, "it holds several images; name one of them: %s", found);
}

/* ---- reading -------------------------------------------------------------------------------- */

static int take_layer(struct image *image, size_t i, const struct json *descriptor, bool blobs)
{
	struct image_layer *layer = &image->layers[i];
	const char *type = json_get_text(descriptor, "mediaType");
	const char *digest = json_get_text(descriptor, "digest");
	int r;

	if (type && strstr(type, "+encrypted"))
		return image_bad(image, "layer %zu is encrypted", i + 1);
	layer->media_type = copy_text(type);
	if (!blobs) {
		layer->digest = copy_text(digest);
		return 0;
	}
	r = image_find_blob(image, digest, json_get_size(descriptor, "size", UINT64_MAX),
			    &layer->blob);
	if (r == -ENOENT)
		return image_bad(image, "layer %zu: blob %s is missing%s", i + 1, digest,
				 type && (strstr(type, "foreign") || strstr(type, "nondist"))
					 ? "; it is a foreign layer, pull it first"
					 : "");
	if (r == 0)
		layer->digest = xstrdup(digest);
	return r;
}

int oci_take_layers(struct image *image, const struct json *manifest, bool blobs)
{
	const struct json *layers = json_get(manifest, "layers");

	if (json_count(layers) != image->n_layers)
		return image_bad(image, "its manifest has %zu layers, its config %zu diff IDs",
				 json_count(layers), image->n_layers);
	for (size_t i = 0; i < image->n_layers; i++) {
		int r = take_layer(image, i, json_at(layers, i), blobs);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_manifest(struct image *image, const struct oci_leaf *leaf)
{
	static const char *const keys[] = { "config", "layers", "mediaType", NULL };
	struct json *manifest CLEANUP(json_freep) = NULL;
	char *text = NULL;
	size_t len;
	int r = image_read_blob_json(image, "manifest", leaf->descriptor, &manifest);

	if (r == 0)
		r = image_check_keys(image, "manifest", manifest, keys);
	if (r == 0)
		r = image_read_blob(image, "config", json_get(manifest, "config"),
				    LIMIT_CONFIG_SIZE, &text, &len);
	if (r == 0)
		r = image_take_config(image, text, len);
	if (r == 0)
		r = oci_take_layers(image, manifest, true);
	image->docker_types = oci_is_docker_type(json_get_text(leaf->descriptor, "mediaType"));
	return r;
}

static int check_layout(const struct image *image)
{
	struct json *layout CLEANUP(json_freep) = NULL;
	struct range range;
	int r;

	if (store_find(image->store, "oci-layout", &range) < 0)
		return image_bad(image, "it is no OCI layout: 'oci-layout' is missing");
	r = image_read_json(image, "oci-layout", &range, LIMIT_CONFIG_SIZE, &layout);
	if (r == 0 && !text_is(json_get_text(layout, "imageLayoutVersion"), "1.0.0"))
		return image_bad(image, "its OCI layout is not of version 1.0.0");
	return r;
}

int image_read_oci(struct image *image, const char *ref)
{
	struct oci_leaves leaves CLEANUP(oci_leaves_fini) = { 0 };
	int r = check_layout(image);

	if (r == 0)
		r = oci_leaves_collect(image, false, &leaves);
	if (r == 0)
		r = choose(image, ref, &leaves);
	if (r == 0)
		r = read_manifest(image, &leaves.items[0]);
	if (r == 0)
		image->tag = copy_text(leaves.items[0].full_name ? leaves.items[0].full_name
								 : leaves.items[0].ref_name);
	return r;
}
