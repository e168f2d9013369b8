// SPDX-License-Identifier: Apache-2.0
/*
 * image_draft.c - a destination's names and file
 *
 * In: where the user wants a new image. Out: what it will be called there, and an open file for
 * its archive. Never anything that others can see.
 */
#include "image_draft.h"
#include "diag.h"
#include "engine.h"
#include "spool.h"

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

/* ---- the file --------------------------------------------------------------------------------- */

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

static int open_file(struct image_draft *d)
{
	int r = check_file(d->dest->path);

	if (r == 0)
		r = outfile_open(&d->file, d->dest->path);
	d->fd = d->file.fd;
	return r;
}

static int open_archive(struct image_draft *d)
{
	switch (d->dest->form) {
	case IMAGE_OCI:
		return 0;
	case IMAGE_STDIO:
		if (isatty(STDOUT_FILENO))
			return diag_refuse(
				"an archive is not written to a terminal; redirect it");
		return 0;
	case IMAGE_OCI_ARCHIVE:
	case IMAGE_DOCKER_ARCHIVE:
		return open_file(d);
	case IMAGE_ENGINE:
		d->fd = spool_open(0);
		return d->fd < 0 ? d->fd : engine_load_begin(d->engine, &d->load);
	}
	return -EINVAL;
}

int image_draft_open(struct image_draft *draft, const struct image_ref *dest,
		     const struct engine *engine)
{
	int r = 0;

	*draft = (struct image_draft) { .dest = dest, .fd = -1, .file.fd = -1 };
	if (dest->form == IMAGE_ENGINE && !engine)
		r = engine_find(NULL, &engine);
	draft->engine = engine;
	if (r == 0)
		r = make_names(dest, engine, &draft->names);
	return r < 0 ? r : open_archive(draft);
}

int image_draft_check(struct image_draft *draft)
{
	int r;

	if (!draft->load || !engine_load_failed(draft->load))
		return 0;
	r = engine_load_end(steal_ptr(draft->load), draft->fd);
	return r < 0 ? r : diag_fail(-EIO, "%s reads no image", engine_name(draft->engine));
}

void image_draft_fini(struct image_draft *draft)
{
	names_fini(&draft->names);
	engine_load_cancel(steal_ptr(draft->load));
	if (draft->fd != draft->file.fd)
		close(draft->fd);
	outfile_fini(&draft->file);
	draft->fd = -1;
}

int image_draft_room(const struct image_draft *draft, uint64_t bytes)
{
	return draft->file.fd < 0 ? spool_room(bytes) : outfile_room(&draft->file, bytes);
}

int image_draft_place(const struct image_draft *draft, struct range *to)
{
	if (draft->fd < 0)
		return -EOPNOTSUPP;
	*to = (struct range) { draft->fd, PACK_FIRST_LAYER, 0 };
	return 0;
}
