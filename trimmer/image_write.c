// SPDX-License-Identifier: Apache-2.0
/*
 * image_write.c - the new image to where the user wants it
 *
 * In: config and layers. Out: an image in an engine, a layout, an archive or a pipe. Never a
 * half-written file, and never an engine's "Loaded image" believed: it is inspected.
 */
#include "image_pack.h"
#include "diag.h"
#include "engine.h"
#include "layout.h"
#include "outfile.h"
#include "spool.h"

#include <stdio.h>
#include <sys/stat.h>

/* ---- names ----------------------------------------------------------------------------------- */

static void names_fini(struct image_names *names)
{
	free(names->repo_tag);
	free(names->full_name);
	free(names->ref_name);
}

static int check_name(const struct image_ref *dest)
{
	if (!image_name_valid(dest->ref))
		return diag_refuse("%s: '%s' is no image name", dest->text, dest->ref);
	if (strchr(dest->ref, '@'))
		return diag_refuse("%s: a new image is named by a tag, not by a digest",
				   dest->text);
	return 0;
}

/* Names as docker and podman know them. */
static int docker_names(const struct image_ref *dest, const char *domain,
			struct image_names *names)
{
	int r = check_name(dest);

	if (r < 0)
		return r;
	names->full_name = image_name_full(dest->ref, domain);
	names->ref_name = xstrdup(image_name_tag(names->full_name));
	names->repo_tag = strcmp(domain, "docker.io") == 0 ? image_name_short(names->full_name)
							   : xstrdup(names->full_name);
	return 0;
}

/* A layout's ref is any word of these characters; a name with a tag is told to containerd. */
static int oci_names(const struct image_ref *dest, struct image_names *names)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._:@/+";

	if (strspn(dest->ref, allowed) != strlen(dest->ref))
		return diag_refuse("%s: '%s' may hold letters, digits and -._:@/+ only",
				   dest->text, dest->ref);
	names->ref_name = xstrdup(dest->ref);
	if (strpbrk(dest->ref, ":/") && image_name_valid(dest->ref) && !strchr(dest->ref, '@'))
		names->full_name = image_name_full(dest->ref, "docker.io");
	return 0;
}

static int make_names(const struct image_ref *dest, const struct engine *engine,
		      struct image_names *names)
{
	if (!dest->ref)
		return 0;
	if (dest->form == IMAGE_ENGINE)
		return docker_names(dest, engine_domain(engine), names);
	if (dest->form == IMAGE_DOCKER_ARCHIVE)
		return docker_names(dest, "docker.io", names);
	return oci_names(dest, names);
}

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

static uint64_t total_size(const struct image_pack *pack)
{
	uint64_t size = pack->out->config_len + 65536;

	for (size_t i = 0; i < pack->out->n_layers; i++)
		size += pack->out->layers[i].blob.len;
	return size;
}

static int write_engine(const struct image_ref *dest, const struct engine *engine,
			const struct image_pack *pack)
{
	cleanup_fd int fd = spool_open(total_size(pack));
	int r;

	if (fd < 0)
		return fd;
	r = image_pack_write(pack, true, fd, "the archive for the engine");
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = engine_load(engine, fd);
	return r < 0 ? r : check_loaded(engine, pack, dest->ref);
}

/* ---- into files --------------------------------------------------------------------------------- */

/* A rename would put a file in the place of a device, or of a link that leads elsewhere. */
static int check_file(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0 || S_ISREG(st.st_mode))
		return 0;
	if (S_ISLNK(st.st_mode))
		return diag_refuse("%s is a symbolic link; name the file itself", path);
	return diag_refuse("%s is no regular file (for a pipe, use '-')", path);
}

static int write_file(const char *path, const struct image_pack *pack, bool docker)
{
	struct outfile out CLEANUP(outfile_fini) = { .fd = -1 };
	int r = check_file(path);

	if (r == 0)
		r = outfile_open(&out, path);
	if (r == 0)
		r = image_pack_write(pack, docker, out.fd, path);
	return r < 0 ? r : outfile_commit(&out);
}

static int write_stdout(const struct image_pack *pack)
{
	if (isatty(STDOUT_FILENO))
		return diag_refuse("an archive is not written to a terminal; redirect it");
	return image_pack_write(pack, true, STDOUT_FILENO, "standard output");
}

static int write_pack(const struct image_ref *dest, const struct engine *engine,
		      const struct image_pack *pack)
{
	switch (dest->form) {
	case IMAGE_ENGINE:
		return write_engine(dest, engine, pack);
	case IMAGE_OCI:
		return layout_write(dest->path, pack, dest->ref);
	case IMAGE_OCI_ARCHIVE:
		return write_file(dest->path, pack, false);
	case IMAGE_DOCKER_ARCHIVE:
		return write_file(dest->path, pack, true);
	case IMAGE_STDIO:
		return write_stdout(pack);
	}
	return -EINVAL;
}

int image_write(const struct image_ref *dest, const struct engine *engine,
		const struct image_out *out, char **id)
{
	struct image_names names CLEANUP(names_fini) = { 0 };
	struct image_out typed = *out;
	struct image_pack pack;
	int r = 0;

	/* In a layout skopeo and umoci find no manifest of another type. */
	typed.oci_types = dest->form == IMAGE_OCI || dest->form == IMAGE_OCI_ARCHIVE;
	if (dest->form == IMAGE_ENGINE && !engine)
		r = engine_find(NULL, &engine);
	if (r == 0)
		r = make_names(dest, engine, &names);
	if (r == 0)
		r = image_pack_init(&pack, &typed, &names);
	if (r < 0)
		return r;
	r = write_pack(dest, engine, &pack);
	if (r == 0)
		*id = xstrdup(pack.config_digest.text);
	image_pack_fini(&pack);
	return r;
}
