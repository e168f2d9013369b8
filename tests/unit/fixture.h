// SPDX-License-Identifier: Apache-2.0
/*
 * fixture.h - small images for the unit tests: layers, configs, archives, and what was said
 *
 * All texts made here live until the program ends, where LeakSanitizer still sees them.
 */
#pragma once

#include "digest.h"
#include "image.h"
#include "spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

static inline void *keep(void *p)
{
	static void *kept[100000];
	static size_t n_kept;

	kept[n_kept++ % ARRAY_SIZE(kept)] = p;
	return p;
}

#define xasprintf(...) keep(xasprintf(__VA_ARGS__))
#define xstrdup(s)     keep(xstrdup(s))
#define xmalloc(n)     keep(xmalloc(n))
#define xmemdup(p, n)  keep(xmemdup(p, n))
#define xrealloc(p, n) keep(xrealloc(p, n))

struct bytes {
	char *data;
	size_t len;
};

static inline int bytes_sink(void *arg, const void *data, size_t len)
{
	struct bytes *b = arg;

	b->data = xrealloc(b->data, b->len + len);
	memcpy(b->data + b->len, data, len);
	b->len += len;
	return 0;
}

static inline struct bytes bytes_of(const char *text)
{
	return (struct bytes) { xstrdup(text), strlen(text) };
}

static inline char *digest_of_bytes(struct bytes b)
{
	struct digest_text d;

	digest_of(b.data, b.len, &d);
	return xstrdup(d.text);
}

static inline char *blob_path(const char *digest)
{
	return xasprintf("blobs/sha256/%s", digest_hex(digest));
}

/* A layer with one file of this name. */
static inline struct bytes make_layer(const char *name)
{
	const struct tar_entry e = {
		.path = name, .type = TAR_FILE, .mode = 0644, .size = strlen(name)
	};
	struct bytes b = { 0 };
	struct tar_writer *w;

	assert_int_equal(tar_writer_new(bytes_sink, &b, &w), 0);
	assert_int_equal(tar_put(w, &e), 0);
	assert_int_equal(tar_write(w, name, strlen(name)), 0);
	assert_int_equal(tar_writer_finish(w), 0);
	return b;
}

/* One of entries: "d NAME", "f NAME DATA", "l NAME TARGET", "h NAME TARGET"; a mode may stand first. */
static inline void put_entry(struct tar_writer *w, const char *line)
{
	struct tar_entry e = { .mode = 0755, .link = "" };
	const char *data = "";
	char *word, *copy = xstrdup(line);

	if (line[0] == '0')
		e.mode = (uint32_t)strtoul(strsep(&copy, " "), NULL, 8);
	word = strsep(&copy, " ");
	e.path = strsep(&copy, " ");
	e.type = *word == 'd'	? TAR_DIR
		 : *word == 'f' ? TAR_FILE
		 : *word == 'l' ? TAR_SYMLINK
				: TAR_HARDLINK;
	if (copy && e.type == TAR_FILE)
		data = copy;
	else if (copy)
		e.link = copy;
	e.size = strlen(data);
	assert_int_equal(tar_put(w, &e), 0);
	assert_int_equal(tar_write(w, data, strlen(data)), 0);
}

/* A layer of such entries; NULL ends them. */
static inline struct bytes make_entries(const char *const lines[])
{
	struct bytes b = { 0 };
	struct tar_writer *w;

	assert_int_equal(tar_writer_new(bytes_sink, &b, &w), 0);
	for (size_t i = 0; lines[i]; i++)
		put_entry(w, lines[i]);
	assert_int_equal(tar_writer_finish(w), 0);
	return b;
}

static inline struct bytes gzip(struct bytes plain)
{
	z_stream z = { 0 };
	struct bytes b = { xmalloc(plain.len + 100), plain.len + 100 };

	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)plain.data;
	z.avail_in = (uInt)plain.len;
	z.next_out = (Bytef *)b.data;
	z.avail_out = (uInt)b.len;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	b.len = z.total_out;
	deflateEnd(&z);
	return b;
}

/* diff_ids: NULL-ended. arch: "amd64" ... */
static inline struct bytes make_config(const char *arch, const char *const diff_ids[])
{
	char *ids = xstrdup("");

	for (size_t i = 0; diff_ids[i]; i++)
		ids = xasprintf("%s%s\"%s\"", ids, i ? "," : "", diff_ids[i]);
	return bytes_of(
		xasprintf("{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":{\"Cmd\":"
			  "[\"/a\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}",
			  arch, ids));
}

/* A descriptor with more members behind ("" or ",...") */
static inline char *descriptor(const char *type, struct bytes blob, const char *more)
{
	return xasprintf(
		"{\"mediaType\":\"application/vnd.oci.image.%s\",\"digest\":\"%s\",\"size\":"
		"%zu%s}",
		type, digest_of_bytes(blob), blob.len, more);
}

static inline struct bytes make_manifest(struct bytes config, struct bytes layer,
					 const char *layer_type)
{
	return bytes_of(xasprintf(
		"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image."
		"manifest.v1+json\",\"config\":%s,\"layers\":[%s]}",
		descriptor("config.v1+json", config, ""), descriptor(layer_type, layer, "")));
}

static inline struct bytes make_index(const char *descriptors)
{
	return bytes_of(xasprintf("{\"schemaVersion\":2,\"manifests\":[%s]}", descriptors));
}

/* ---- archives -------------------------------------------------------------------------------- */

/* A directory of the test program's own; removed by box_cleanup(). */
static char box_dir[64];

static inline int box_setup(void **state UNUSED)
{
	strcpy(box_dir, "/tmp/imagetrim-unit-XXXXXX");
	return mkdtemp(box_dir) ? 0 : -1;
}

static inline int box_cleanup(void **state UNUSED)
{
	char *command = xasprintf("rm -rf %s", box_dir);
	int r = system(command);

	free(command);
	return r;
}

static inline char *box_path(const char *name)
{
	return xasprintf("%s/%s", box_dir, name);
}

struct box {
	struct tar_writer *tar;
	struct bytes bytes;
};

static inline void box_open(struct box *box)
{
	box->bytes = (struct bytes) { 0 };
	assert_int_equal(tar_writer_new(bytes_sink, &box->bytes, &box->tar), 0);
}

static inline void box_put(struct box *box, const char *name, struct bytes data)
{
	const struct tar_entry e = {
		.path = name, .type = TAR_FILE, .mode = 0644, .size = data.len
	};

	assert_int_equal(tar_put(box->tar, &e), 0);
	assert_int_equal(tar_write(box->tar, data.data, data.len), 0);
}

static inline void box_text(struct box *box, const char *name, const char *text)
{
	box_put(box, name, bytes_of(text));
}

static inline void box_blob(struct box *box, struct bytes data)
{
	box_put(box, blob_path(digest_of_bytes(data)), data);
}

static inline void box_link(struct box *box, enum tar_type type, const char *name,
			    const char *target)
{
	const struct tar_entry e = { .path = name, .link = target, .type = type, .mode = 0777 };

	assert_int_equal(tar_put(box->tar, &e), 0);
}

static inline char *write_file(const char *name, struct bytes data)
{
	char *path = box_path(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, data.data, data.len), 0);
	close(fd);
	return path;
}

/* Ends the archive; its host path. */
static inline char *box_close(struct box *box)
{
	assert_int_equal(tar_writer_finish(box->tar), 0);
	return write_file("archive.tar", box->bytes);
}

/* manifest.json of one image */
static inline void box_manifest(struct box *box, const char *config, const char *tag,
				const char *layers)
{
	box_text(box, "manifest.json",
		 xasprintf("[{\"Config\":\"%s\",\"RepoTags\":[\"%s\"],\"Layers\":[%s]}]",
			   config, tag, layers));
}

/* ---- what was said ---------------------------------------------------------------------------- */

static char said[16384];

struct listen {
	int saved, memory;
};

static inline void listen_begin(struct listen *l)
{
	l->saved = dup(STDERR_FILENO);
	l->memory = memfd_create("stderr", MFD_CLOEXEC);
	assert_true(dup2(l->memory, STDERR_FILENO) >= 0);
}

static inline void listen_end(struct listen *l)
{
	ssize_t n = pread(l->memory, said, sizeof(said) - 1, 0);

	said[n > 0 ? n : 0] = '\0';
	assert_true(dup2(l->saved, STDERR_FILENO) >= 0);
	close(l->saved);
	close(l->memory);
}

/* One line came, with these words in it. */
static inline void assert_said(const char *words)
{
	const char *newline = strchr(said, '\n');

	if (!strstr(said, words))
		fail_msg("'%s' is not in '%s'", words, said);
	if (!newline || newline[1])
		fail_msg("not one line: '%s'", said);
}

/* ---- opening ---------------------------------------------------------------------------------- */

static inline int open_text(const char *text, struct image **image)
{
	struct image_ref ref;
	struct listen l;
	int r;

	assert_int_equal(image_ref_parse(text, &ref), 0);
	listen_begin(&l);
	r = image_open(&ref, NULL, image);
	listen_end(&l);
	image_ref_fini(&ref);
	return r;
}

/* All layers verified; the first refusal. */
static inline int check_layers(struct image *image)
{
	struct listen l;
	int r = 0;

	listen_begin(&l);
	for (size_t i = 0; i < image->n_layers && r == 0; i++) {
		struct range range;

		r = image_layer_tar(image, i, &range);
	}
	listen_end(&l);
	return r;
}

/* Opens and verifies; fails the test with what was said. */
static inline struct image *accept(const char *text)
{
	struct image *image = NULL;

	if (open_text(text, &image) < 0 || check_layers(image) < 0)
		fail_msg("%s is refused: %s", text, said);
	return image;
}

/* Refused, at the latest when its layers are read, in these words. */
static inline void refuse(const char *text, const char *words)
{
	struct image *image = NULL;
	int r = open_text(text, &image);

	if (r == 0) {
		r = check_layers(image);
		image_free(image);
	}
	if (r == 0)
		fail_msg("%s is accepted, but '%s' was expected", text, words);
	assert_said(words);
}

/* An image of one layer, in an archive of that name. */
static inline struct image *image_of(const char *name, const char *const lines[],
				     const char *arch)
{
	struct bytes layer = make_entries(lines), config;
	struct box box;

	config = make_config(arch, (const char *[]) { digest_of_bytes(layer), NULL });
	box_open(&box);
	box_put(&box, "c.json", config);
	box_put(&box, "l.tar", layer);
	box_manifest(&box, "c.json", "x:1", "\"l.tar\"");
	assert_int_equal(tar_writer_finish(box.tar), 0);
	return accept(xasprintf("docker-archive:%s", write_file(name, box.bytes)));
}

static inline void assert_tar(struct image *image, size_t i, struct bytes want)
{
	struct range range;
	char *got = xmalloc(want.len + 1);

	assert_int_equal(image_layer_tar(image, i, &range), 0);
	assert_int_equal(range.len, want.len);
	assert_int_equal(pread_all(range.fd, got, range.len, range.off), 0);
	assert_memory_equal(got, want.data, want.len);
	free(got);
}
