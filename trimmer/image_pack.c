// SPDX-License-Identifier: Apache-2.0
/*
 * image_pack.c - manifests around layers, and the archive of all
 *
 * In: config text and ranges of layers. Out: the hybrid archive on an fd, which may be a pipe.
 * Never a clock; bodies are copied by the kernel where it can, or hashed on the way where
 * their file could have changed since it was verified.
 */
#include "image_pack.h"
#include "diag.h"
#include "imageconf.h"

#include <stdio.h>

#define COPY_SIZE (256u << 10)

static const char *const layer_types[2][5] = {
	{
		[TAR_PLAIN] = "application/vnd.oci.image.layer.v1.tar",
		[TAR_GZIP] = "application/vnd.oci.image.layer.v1.tar+gzip",
		[TAR_ZSTD] = "application/vnd.oci.image.layer.v1.tar+zstd",
		/* No type is registered for these; engines that read them look at the magic. */
		[TAR_XZ] = "application/vnd.oci.image.layer.v1.tar",
		[TAR_BZIP2] = "application/vnd.oci.image.layer.v1.tar",
	},
	{
		[TAR_PLAIN] = "application/vnd.docker.image.rootfs.diff.tar",
		[TAR_GZIP] = "application/vnd.docker.image.rootfs.diff.tar.gzip",
		[TAR_ZSTD] = "application/vnd.docker.image.rootfs.diff.tar.zstd",
		[TAR_XZ] = "application/vnd.docker.image.rootfs.diff.tar",
		[TAR_BZIP2] = "application/vnd.docker.image.rootfs.diff.tar",
	},
};

static const char *const manifest_types[2] = {
	"application/vnd.oci.image.manifest.v1+json",
	"application/vnd.docker.distribution.manifest.v2+json",
};

static const char *const config_types[2] = {
	"application/vnd.oci.image.config.v1+json",
	"application/vnd.docker.container.image.v1+json",
};

/* ---- the JSON parts -------------------------------------------------------------------------- */

static struct json *new_descriptor(const char *type, const char *digest, uint64_t size)
{
	struct json *d = json_new_object();

	json_set_text(d, "mediaType", type);
	json_set_text(d, "digest", digest);
	json_set(d, "size", json_new_size(size));
	return d;
}

static int layer_type(const struct image_out_layer *layer, bool docker, const char **type)
{
	enum tar_filter filter = TAR_PLAIN;
	int r = layer->media_type ? 0 : tar_filter_of(&layer->blob, &filter);

	*type = layer->media_type ? layer->media_type : layer_types[docker][filter];
	return r;
}

static int make_manifest(struct image_pack *p, bool docker)
{
	struct json *manifest CLEANUP(json_freep) = json_new_object();
	struct json *layers = json_new_array();

	json_set(manifest, "schemaVersion", json_new_size(2));
	json_set_text(manifest, "mediaType", manifest_types[docker]);
	json_set(manifest, "config",
		 new_descriptor(config_types[docker], p->config_digest.text,
				p->out->config_len));
	json_set(manifest, "layers", layers);
	for (size_t i = 0; i < p->out->n_layers; i++) {
		const struct image_out_layer *layer = &p->out->layers[i];
		const char *type;
		int r = layer_type(layer, docker, &type);

		if (r < 0)
			return diag_fail(r, "layer %zu cannot be read", i + 1);
		json_add(layers, new_descriptor(type, layer->digest, layer->blob.len));
	}
	p->manifest = json_write(manifest, &p->manifest_len);
	digest_of(p->manifest, p->manifest_len, &p->manifest_digest);
	return 0;
}

static void set_if(struct json *object, const char *key, const char *text)
{
	if (text)
		json_set_text(object, key, text);
}

static void make_descriptor(struct image_pack *p, const struct image_names *names, bool docker)
{
	struct json *d = new_descriptor(manifest_types[docker], p->manifest_digest.text,
					p->manifest_len);
	struct json *platform = json_new_object();

	if (names->full_name || names->ref_name) {
		struct json *notes = json_new_object();

		set_if(notes, "io.containerd.image.name", names->full_name);
		set_if(notes, "org.opencontainers.image.ref.name", names->ref_name);
		json_set(d, "annotations", notes);
	}
	set_if(platform, "architecture", json_get_text(p->config, "architecture"));
	set_if(platform, "os", json_get_text(p->config, "os"));
	set_if(platform, "variant", json_get_text(p->config, "variant"));
	json_set(d, "platform", platform);
	p->descriptor = d;
}

int image_pack_init(struct image_pack *pack, const struct image_out *out,
		    const struct image_names *names)
{
	struct image_pack p = { .out = out };
	cleanup_free char *reason = NULL;
	bool docker;
	int r = json_parse(out->config_text, out->config_len, out->config_len, &p.config,
			   &reason);

	if (r < 0) {
		diag_error("the new config is no good JSON: %s", reason);
		return r;
	}
	digest_of(out->config_text, out->config_len, &p.config_digest);
	docker = !out->oci_types &&
		 (out->docker_types || imageconf_needs_docker_types(p.config));
	r = make_manifest(&p, docker);
	if (r < 0) {
		image_pack_fini(&p);
		return r;
	}
	make_descriptor(&p, names, docker);
	p.repo_tag = names->repo_tag ? xstrdup(names->repo_tag) : NULL;
	*pack = p;
	return 0;
}

void image_pack_fini(struct image_pack *pack)
{
	json_free(pack->config);
	json_free(pack->descriptor);
	free(pack->manifest);
	free(pack->repo_tag);
}

char *image_pack_index(const struct image_pack *pack, size_t *len)
{
	struct json *index CLEANUP(json_freep) = json_new_object();
	struct json *entries = json_new_array();

	json_set(index, "schemaVersion", json_new_size(2));
	json_set_text(index, "mediaType", "application/vnd.oci.image.index.v1+json");
	json_set(index, "manifests", entries);
	json_add(entries, json_copy(pack->descriptor));
	return json_write(index, len);
}

static void blob_name(char out[96], const char *digest)
{
	snprintf(out, 96, "blobs/sha256/%s", digest_hex(digest));
}

static char *docker_manifest(const struct image_pack *p, size_t *len)
{
	struct json *items CLEANUP(json_freep) = json_new_array();
	struct json *item = json_new_object(), *layers = json_new_array();
	struct json *tags = p->repo_tag ? json_new_array() : json_new_null();
	char name[96];

	json_add(items, item);
	blob_name(name, p->config_digest.text);
	json_set_text(item, "Config", name);
	if (p->repo_tag)
		json_add_text(tags, p->repo_tag);
	json_set(item, "RepoTags", tags);
	json_set(item, "Layers", layers);
	for (size_t i = 0; i < p->out->n_layers; i++) {
		blob_name(name, p->out->layers[i].digest);
		json_add_text(layers, name);
	}
	return json_write(items, len);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* The kernel copies what it can; 0 with *done short of the length where it cannot. */
static int copy_by_kernel(const struct range *from, int fd, uint64_t *done)
{
	off_t off = (off_t)from->off;

	while (*done < from->len) {
		ssize_t n = copy_file_range(from->fd, &off, fd, NULL, from->len - *done, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 &&
		    (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EFBIG))
			return -errno;
		if (n <= 0)
			break;
		*done += (uint64_t)n;
	}
	return 0;
}

static int copy_by_hand(const struct range *from, int fd, uint64_t done, struct digest *digest)
{
	cleanup_free char *buf = xmalloc(COPY_SIZE);

	while (done < from->len) {
		size_t n = (size_t)MIN((uint64_t)COPY_SIZE, from->len - done);
		int r = pread_all(from->fd, buf, n, from->off + done);

		if (r == 0)
			r = write_all(fd, buf, n);
		if (r < 0)
			return r;
		if (digest)
			digest_update(digest, buf, n);
		done += n;
	}
	return 0;
}

int image_pack_copy_layer(const struct image_pack *pack, size_t i, int fd, const char *dest)
{
	const struct image_out_layer *layer = &pack->out->layers[i];
	struct digest_text found;
	struct digest digest;
	uint64_t done = 0;
	int r;

	if (layer->hashed) {
		r = copy_by_kernel(&layer->blob, fd, &done);
		if (r == 0)
			r = copy_by_hand(&layer->blob, fd, done, NULL);
		return r < 0 ? diag_fail(r, "%s cannot be written", dest) : 0;
	}
	digest_init(&digest);
	r = copy_by_hand(&layer->blob, fd, 0, &digest);
	digest_final(&digest, &found);
	if (r < 0)
		return diag_fail(r, "%s cannot be written", dest);
	if (strcmp(found.text, layer->digest) != 0) {
		diag_error(
			"layer %zu has the digest %s, not %s: its file was changed meanwhile",
			i + 1, found.text, layer->digest);
		return -EBADMSG;
	}
	return 0;
}

bool image_pack_is_repeated(const struct image_pack *pack, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(pack->out->layers[j].digest, pack->out->layers[i].digest) == 0)
			return true;
	return false;
}

/* ---- the archive ------------------------------------------------------------------------------ */

static int put_header(int fd, const char *name, bool is_dir, uint64_t size)
{
	char header[TAR_RECORD];

	tar_plain_header(name, is_dir, size, header);
	return write_all(fd, header, sizeof(header));
}

static int put_padding(int fd, uint64_t size)
{
	static const char zeros[TAR_RECORD];

	return write_all(fd, zeros, (TAR_RECORD - size % TAR_RECORD) % TAR_RECORD);
}

static int put_text(int fd, const char *name, const char *text, size_t len)
{
	int r = put_header(fd, name, false, len);

	if (r == 0)
		r = write_all(fd, text, len);
	return r < 0 ? r : put_padding(fd, len);
}

static int put_dirs(int fd)
{
	int r = put_header(fd, "blobs/", true, 0);

	return r < 0 ? r : put_header(fd, "blobs/sha256/", true, 0);
}

static int put_blobs(const struct image_pack *p, int fd)
{
	char name[96];
	int r;

	blob_name(name, p->config_digest.text);
	r = put_text(fd, name, p->out->config_text, p->out->config_len);
	blob_name(name, p->manifest_digest.text);
	return r < 0 ? r : put_text(fd, name, p->manifest, p->manifest_len);
}

static int put_lists(const struct image_pack *p, bool docker, int fd)
{
	size_t index_len, docker_len;
	cleanup_free char *index = image_pack_index(p, &index_len);
	cleanup_free char *manifest = docker_manifest(p, &docker_len);
	int r = put_text(fd, "oci-layout", PACK_LAYOUT_TEXT, strlen(PACK_LAYOUT_TEXT));

	if (r == 0)
		r = put_text(fd, "index.json", index, index_len);
	if (r == 0 && docker)
		r = put_text(fd, "manifest.json", manifest, docker_len);
	return r;
}

/* Its bytes are there; the file's end, and so the padding, comes with what follows. */
static int pass_over(const struct range *blob)
{
	uint64_t end = blob->off + blob->len;

	end += (TAR_RECORD - end % TAR_RECORD) % TAR_RECORD;
	return lseek(blob->fd, (off_t)end, SEEK_SET) < 0 ? -errno : 0;
}

static int put_layer(const struct image_pack *p, size_t i, int fd, const char *dest)
{
	const struct range *blob = &p->out->layers[i].blob;
	char name[96];
	int r;

	blob_name(name, p->out->layers[i].digest);
	r = put_header(fd, name, false, blob->len);
	if (r == 0 && blob->fd == fd)
		r = pass_over(blob);
	if (r < 0)
		return diag_fail(r, "%s cannot be written", dest);
	if (blob->fd == fd)
		return 0;
	r = image_pack_copy_layer(p, i, fd, dest);
	if (r < 0)
		return r;
	r = put_padding(fd, blob->len);
	return r < 0 ? diag_fail(r, "%s cannot be written", dest) : 0;
}

int image_pack_write(const struct image_pack *pack, bool docker, int fd, const char *dest)
{
	static const char end[2 * TAR_RECORD];
	int r = put_dirs(fd);

	if (r < 0)
		return diag_fail(r, "%s cannot be written", dest);
	for (size_t i = 0; i < pack->out->n_layers; i++) {
		if (image_pack_is_repeated(pack, i))
			continue;
		r = put_layer(pack, i, fd, dest);
		if (r < 0)
			return r;
	}
	r = put_blobs(pack, fd);
	if (r == 0)
		r = put_lists(pack, docker, fd);
	if (r == 0)
		r = write_all(fd, end, sizeof(end));
	return r < 0 ? diag_fail(r, "%s cannot be written", dest) : 0;
}
