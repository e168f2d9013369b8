// SPDX-License-Identifier: Apache-2.0
/*
 * instrument.c - the original image and one layer on top: the tracer
 *
 * In: an image and the tracer's program file. Out: an image that records. The original's
 * layers pass through as they are stored, byte for byte; the new layer is one new top-level
 * directory, because adding to a directory of the image resets its mode in some engines, and
 * going through a link of it replaces the link in all (formats.md 0.4).
 */
#include "instrument.h"
#include "diag.h"
#include "digest.h"
#include "elfinfo.h"
#include "image_draft.h"
#include "imageconf.h"
#include "layer.h"
#include "origin.h"
#include "spool.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#define COPY_SIZE (256u << 10)

/* ---- the tracer's program ---------------------------------------------------------------------- */

/* Beside our own executable: in the build tree, and as installed. */
static const char *const places[] = {
	"../tracer/imagetrim-tracer",
	"../libexec/imagetrim/imagetrim-tracer",
	"../lib/imagetrim/imagetrim-tracer",
};

static char *own_dir(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	if (n < 0)
		return xstrdup("/usr/bin");
	path[n] = '\0';
	slash = strrchr(path, '/');
	return slash ? xmemdup(path, (size_t)(slash - path)) : xstrdup("/usr/bin");
}

/* An fd and its name, or -errno after a message. */
static int open_tracer(char **name)
{
	const char *env = getenv("IMAGETRIM_TRACER");
	cleanup_free char *dir = own_dir();
	int fd;

	if (env && *env) {
		fd = open(env, O_RDONLY | O_CLOEXEC);
		*name = xstrdup(env);
		return fd < 0 ? diag_fail(-errno, "%s (from IMAGETRIM_TRACER)", env) : fd;
	}
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		cleanup_free char *path = xasprintf("%s/%s", dir, places[i]);

		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			*name = steal_ptr(path);
			return fd;
		}
	}
	diag_error(
		"imagetrim-tracer is neither in %s/../tracer nor in ../libexec/imagetrim; name "
		"it by IMAGETRIM_TRACER",
		dir);
	return -ENOENT;
}

/* It runs in images without any library, and on the image's kind of processor. */
static int check_tracer(int fd, const char *name, const struct image *image)
{
	struct elf_info info;
	const char *arch;
	int r = elf_read_fd(fd, &info);

	if (r < 0)
		return diag_refuse("%s is no program (not a sound ELF file)", name);
	arch = elf_machine_arch(info.machine);
	if (info.interp)
		r = diag_refuse(
			"%s needs the loader %s and would not run in every image; build it "
			"statically",
			name, info.interp);
	else if (!arch || strcmp(arch, image->arch) != 0)
		r = diag_refuse("%s is an image for %s, but the tracer %s is for %s",
				image->name, image->arch, name,
				arch ? arch : "another machine");
	elf_info_fini(&info);
	return r;
}

/* ---- what the tracer should know of the image ----------------------------------------------- */

/* Whose privilege no_new_privs would take away (choice.c of the tracer): that of ... */
enum set_id {
	SET_ID_NONE,
	SET_ID_ROOT, /* programs that are root's, or only change a group or capabilities */
	SET_ID_SOME, /* programs of another user, who they become even if root runs them */
};

static enum set_id set_id_of(const struct node *node)
{
	const struct inode *i = node->inode;
	bool group = (i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);

	if (!node_is(node, TAR_FILE))
		return SET_ID_NONE;
	if (i->mode & S_ISUID && i->uid)
		return SET_ID_SOME;
	return i->has_caps || i->mode & S_ISUID || group ? SET_ID_ROOT : SET_ID_NONE;
}

static int find_set_id(struct image *image, enum set_id *found)
{
	struct tree *tree CLEANUP(tree_freep) = tree_new();
	int r = layer_read_all(image, tree);

	*found = SET_ID_NONE;
	tree_freeze(tree);
	for (const struct node *n = tree_root(tree); n && r == 0; n = tree_next(n))
		*found = MAX(*found, set_id_of(n));
	return r;
}

/* ---- the layer ---------------------------------------------------------------------------------- */

static int put(struct tar_writer *tar, enum tar_type type, const char *path, uint32_t mode,
	       uint64_t size)
{
	const struct tar_entry e = {
		.path = path + 1, .type = type, .mode = mode, .size = size
	};

	return tar_put(tar, &e);
}

static int put_tracer(struct tar_writer *tar, int fd)
{
	cleanup_free char *buf = xmalloc(COPY_SIZE);
	struct stat st;
	uint64_t off = 0;
	int r;

	if (fstat(fd, &st) < 0)
		return -errno;
	r = put(tar, TAR_FILE, TRACER_PATH, 0755, (uint64_t)st.st_size);
	while (r == 0 && off < (uint64_t)st.st_size) {
		size_t n = (size_t)MIN((uint64_t)COPY_SIZE, (uint64_t)st.st_size - off);

		r = pread_all(fd, buf, n, off);
		if (r == 0)
			r = tar_write(tar, buf, n);
		off += n;
	}
	return r;
}

static int put_text(struct tar_writer *tar, const char *path, const char *text)
{
	int r = put(tar, TAR_FILE, path, 0644, strlen(text));

	return r == 0 ? tar_write(tar, text, strlen(text)) : r;
}

/*
 * One file says which image was recorded; the tracer puts it in the log's header. The other
 * whether set-id files must be reckoned with (choice.c of the tracer).
 */
static int put_all(struct tar_writer *tar, int tracer, const struct image *image,
		   enum set_id set_id)
{
	static const char *const words[] = { "none\n", "root\n", "some\n" };
	cleanup_free char *layers = origin_layers(image);
	cleanup_free char *text =
		xasprintf("%s\n%s\n", image->config_digest, layers ? layers : "");
	int r = put(tar, TAR_DIR, TRACER_DIR "/", 0755, 0);

	if (r == 0)
		r = put_text(tar, TRACER_DIR "/image", text);
	if (r == 0)
		r = put_text(tar, TRACER_DIR "/set-id", words[set_id]);
	if (r == 0)
		r = put_tracer(tar, tracer);
	if (r == 0)
		r = put(tar, TAR_DIR, TRACER_LOGS "/", 01777, 0);
	return r;
}

static int make_layer(struct image *image, int tracer, struct spool_sink *sink,
		      struct digest_text *diff_id)
{
	struct tar_writer *tar;
	struct digest digest;
	enum set_id set_id;
	int r = find_set_id(image, &set_id);

	if (r < 0)
		return r;
	sink->fd = spool_open(0);
	if (sink->fd < 0)
		return sink->fd;
	digest_init(&digest);
	sink->digest = &digest;
	r = tar_writer_new(spool_write, sink, &tar);
	if (r == 0) {
		r = put_all(tar, tracer, image, set_id);
		if (r == 0)
			r = tar_writer_finish(tar);
		else
			tar_writer_abort(tar);
	}
	digest_final(&digest, diff_id);
	return r < 0 ? diag_fail(r, "the tracer's layer cannot be written") : 0;
}

/* ---- the image ----------------------------------------------------------------------------------- */

static int write_image(const struct image *image, const struct spool_sink *layer,
		       const char *diff_id, struct image_draft *draft, char **id)
{
	cleanup_free struct image_out_layer *layers =
		xcalloc(image->n_layers + 1, sizeof(*layers));
	struct image_out out = { .docker_types = image->docker_types,
				 .layers = layers,
				 .n_layers = image->n_layers + 1 };
	cleanup_free char *text = NULL;
	int r = imageconf_instrument(image, diff_id, &text, &out.config_len);

	for (size_t i = 0; i < image->n_layers && r == 0; i++) {
		r = image_layer_check(image, i);
		layers[i].blob = image->layers[i].blob;
		layers[i].digest = image->layers[i].digest;
	}
	if (r < 0)
		return r;
	layers[image->n_layers] = (struct image_out_layer) {
		.blob = { layer->fd, 0, layer->len },
		.digest = diff_id,
		.hashed = true,
	};
	out.config_text = text;
	return image_write(draft, &out, id);
}

int instrument_image(struct image *image, const struct image_ref *dest,
		     const struct engine *engine, char **id)
{
	cleanup_free char *name = NULL;
	struct spool_sink layer = { .fd = -1 };
	struct image_draft draft;
	struct digest_text diff_id;
	cleanup_fd int tracer = open_tracer(&name);
	int r;

	if (tracer < 0)
		return tracer;
	r = image_draft_open(&draft, dest, engine);
	if (r == 0)
		r = check_tracer(tracer, name, image);
	if (r == 0)
		r = make_layer(image, tracer, &layer, &diff_id);
	if (r == 0)
		r = write_image(image, &layer, diff_id.text, &draft, id);
	if (layer.fd >= 0)
		close(layer.fd);
	image_draft_fini(&draft);
	return r;
}
