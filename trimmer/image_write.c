// SPDX-License-Identifier: Apache-2.0
/*
 * image_write.c - the new image to where the user wants it
 *
 * In: config and layers. Out: an image in an engine, a layout, an archive or a pipe. Never a
 * half-written file, and never an engine's "Loaded image" believed: it is inspected.
 */
#include "image_draft.h"
#include "diag.h"
#include "engine.h"
#include "layout.h"

/* ---- into an engine ----------------------------------------------------------------------------- */

static bool same_layers(const struct json *inspected, const struct json *config)
{
	const struct json *has = json_get(json_get(inspected, "RootFS"), "Layers");
	const struct json *want = json_get(json_get(config, "rootfs"), "diff_ids");

	if (json_count(has) != json_count(want))
		return false;
	for (size_t i = 0; i < json_count(want); i++) {
		const char *a = json_text(json_at(has, i)), *b = json_text(json_at(want, i));

		if (!a || !b || strcmp(a, b) != 0)
			return false;
	}
	return true;
}

static int check_loaded(const struct engine *engine, const struct image_pack *pack,
			const char *name)
{
	struct json *inspected CLEANUP(json_freep) = NULL;
	int r = engine_inspect(engine, "image", name, &inspected);

	if (r == -ENOENT)
		diag_error("%s: %s says it was loaded, but it is not there", name,
			   engine_name(engine));
	if (r < 0)
		return r;
	if (!same_layers(inspected, pack->config)) {
		diag_error("%s: %s has other layers under this name than were loaded", name,
			   engine_name(engine));
		return -EIO;
	}
	return 0;
}

static int write_archive(const struct image_draft *draft, const struct image_pack *pack,
			 bool docker, const char *dest)
{
	if (lseek(draft->fd, 0, SEEK_SET) < 0)
		return diag_fail(-errno, "%s cannot be written", dest);
	return image_pack_write(pack, docker, draft->fd, dest);
}

static int write_engine(struct image_draft *draft, const struct image_pack *pack)
{
	int r = write_archive(draft, pack, true, "the archive for the engine");

	if (r == 0)
		r = engine_load_end(steal_ptr(draft->load), draft->fd);
	return r < 0 ? r : check_loaded(draft->engine, pack, draft->dest->ref);
}

/* ---- elsewhere ---------------------------------------------------------------------------------- */

static int write_file(struct image_draft *draft, const struct image_pack *pack, bool docker)
{
	int r = write_archive(draft, pack, docker, draft->dest->path);

	return r < 0 ? r : outfile_commit(&draft->file);
}

static int write_pack(struct image_draft *draft, const struct image_pack *pack)
{
	switch (draft->dest->form) {
	case IMAGE_ENGINE:
		return write_engine(draft, pack);
	case IMAGE_OCI:
		return layout_write(draft->dest->path, pack, draft->dest->ref);
	case IMAGE_OCI_ARCHIVE:
		return write_file(draft, pack, false);
	case IMAGE_DOCKER_ARCHIVE:
		return write_file(draft, pack, true);
	case IMAGE_STDIO:
		return image_pack_write(pack, true, STDOUT_FILENO, "standard output");
	}
	return -EINVAL;
}

/* What is not in its place yet must still fit. */
static uint64_t size_left(const struct image_draft *draft, const struct image_pack *pack)
{
	uint64_t size = pack->out->config_len + pack->manifest_len;

	for (size_t i = 0; i < pack->out->n_layers; i++)
		if (pack->out->layers[i].blob.fd != draft->fd &&
		    !image_pack_is_repeated(pack, i))
			size += pack->out->layers[i].blob.len;
	return size;
}

int image_write(struct image_draft *draft, const struct image_out *out, char **id)
{
	struct image_out typed = *out;
	struct image_pack pack;
	int r;

	/* In a layout skopeo and umoci find no manifest of another type. */
	typed.oci_types =
		draft->dest->form == IMAGE_OCI || draft->dest->form == IMAGE_OCI_ARCHIVE;
	r = image_pack_init(&pack, &typed, &draft->names);
	if (r < 0)
		return r;
	if (draft->fd >= 0)
		r = image_draft_room(draft, size_left(draft, &pack));
	if (r == 0)
		r = write_pack(draft, &pack);
	if (r == 0)
		*id = xstrdup(pack.config_digest.text);
	image_pack_fini(&pack);
	return r;
}
