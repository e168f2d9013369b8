// SPDX-License-Identifier: Apache-2.0
/*
 * layout.c - blobs first, index.json last
 *
 * In: the parts of an image. Out: files of a layout directory. Never writes through a link
 * that was put there, never into a directory that is something else than a layout.
 */
#include "layout.h"
#include "diag.h"
#include "limit.h"
#include "outfile.h"
#include "spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define REF_NAME "org.opencontainers.image.ref.name"

/* What was made, to be taken back on failure in reverse order. */
struct layout {
	const char *dir;
	char **made;
	size_t n_made, cap;
};

static void remember(struct layout *l, char *path)
{
	xgrow(&l->made, &l->cap, l->n_made, sizeof(*l->made));
	l->made[l->n_made++] = path;
}

static void layout_fini(struct layout *l, bool undo)
{
	while (l->n_made) {
		char *path = l->made[--l->n_made];

		if (undo)
			remove(path);
		free(path);
	}
	free(l->made);
}

/* sub: "" or "/blobs" ...; the directory itself may be a link, what is in it may not. */
static int make_dir(struct layout *l, const char *sub)
{
	cleanup_free char *path = xasprintf("%s%s", l->dir, sub);
	struct stat st;

	if (mkdir(path, 0755) == 0) {
		remember(l, steal_ptr(path));
		return 0;
	}
	if (errno != EEXIST)
		return diag_fail(-errno, "%s cannot be made", path);
	if ((*sub ? lstat(path, &st) : stat(path, &st)) < 0)
		return diag_fail(-errno, "%s", path);
	return S_ISDIR(st.st_mode) ? 0 : diag_refuse("%s is no directory", path);
}

static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n <= 2;
}

static bool is_there(const struct layout *l, const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", l->dir, name);
	struct stat st;

	return lstat(path, &st) == 0;
}

static int make_dirs(struct layout *l)
{
	int r = make_dir(l, "");

	if (r == 0 && !is_there(l, "index.json") && !is_there(l, "oci-layout") &&
	    !is_empty(l->dir))
		return diag_refuse("%s is not empty and no OCI layout", l->dir);
	if (r == 0)
		r = make_dir(l, "/blobs");
	return r < 0 ? r : make_dir(l, "/blobs/sha256");
}

/* ---- blobs ----------------------------------------------------------------------------------- */

/* True if the blob is there with the right bytes; a broken one is written anew. */
static bool has_blob(const char *path, const char *digest, uint64_t len)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char buf[65536];
	struct digest_text found;
	struct digest d;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size != len)
		return false;
	digest_init(&d);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		digest_update(&d, buf, (size_t)n);
	digest_final(&d, &found);
	return n == 0 && strcmp(found.text, digest) == 0;
}

/* Bytes of a blob: layer i of the pack, or text. */
struct blob {
	const char *digest;
	const char *text;
	uint64_t len;
	size_t i;
};

static int write_blob(struct layout *l, const struct image_pack *pack, const struct blob *blob)
{
	cleanup_free char *path =
		xasprintf("%s/blobs/sha256/%s", l->dir, digest_hex(blob->digest));
	struct outfile out CLEANUP(outfile_fini) = { .fd = -1 };
	int r;

	if (has_blob(path, blob->digest, blob->len))
		return 0;
	r = outfile_open(&out, path);
	if (r < 0)
		return r;
	if (blob->text) {
		r = write_all(out.fd, blob->text, blob->len);
		if (r < 0)
			return diag_fail(r, "%s cannot be written", path);
	} else {
		r = image_pack_copy_layer(pack, blob->i, out.fd, path);
	}
	if (r == 0)
		r = outfile_commit(&out);
	if (r == 0)
		remember(l, steal_ptr(path));
	return r;
}

static int write_blobs(struct layout *l, const struct image_pack *p)
{
	const struct blob config = { p->config_digest.text, p->out->config_text,
				     p->out->config_len, 0 };
	const struct blob manifest = { p->manifest_digest.text, p->manifest, p->manifest_len,
				       0 };
	int r = 0;

	for (size_t i = 0; i < p->out->n_layers && r == 0; i++) {
		const struct blob layer = { p->out->layers[i].digest, NULL,
					    p->out->layers[i].blob.len, i };

		r = write_blob(l, p, &layer);
	}
	if (r == 0)
		r = write_blob(l, p, &config);
	return r < 0 ? r : write_blob(l, p, &manifest);
}

/* Before the first byte: whether the blobs that are not there will fit. */
static int check_room(const struct layout *l, const struct image_pack *p)
{
	cleanup_fd int fd = open(l->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t want = 0;

	for (size_t i = 0; i < p->out->n_layers; i++) {
		const struct image_out_layer *layer = &p->out->layers[i];
		cleanup_free char *name =
			xasprintf("blobs/sha256/%s", digest_hex(layer->digest));

		if (!image_pack_is_repeated(p, i) && !is_there(l, name))
			want += layer->blob.len;
	}
	return fd < 0 ? 0 : spool_check(fd, l->dir, want);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static int write_list(struct layout *l, const char *name, const char *text, size_t len)
{
	cleanup_free char *path = xasprintf("%s/%s", l->dir, name);
	struct outfile out CLEANUP(outfile_fini) = { .fd = -1 };
	bool fresh = !is_there(l, name);
	int r = outfile_open(&out, path);

	if (r < 0)
		return r;
	r = write_all(out.fd, text, len);
	if (r < 0)
		return diag_fail(r, "%s cannot be written", path);
	r = outfile_commit(&out);
	if (r == 0 && fresh)
		remember(l, steal_ptr(path));
	return r;
}

static int read_index(const struct layout *l, struct json **index)
{
	cleanup_free char *path = xasprintf("%s/index.json", l->dir);
	cleanup_free char *text = NULL, *reason = NULL;
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len;
	int r = fd < 0 ? -errno : read_whole(fd, limit_get(LIMIT_CONFIG_SIZE), &text, &len);

	if (r == -EFBIG)
		return limit_exceeded(path, LIMIT_CONFIG_SIZE);
	if (r < 0)
		return diag_fail(r, "%s", path);
	r = json_parse(text, len, len, index, &reason);
	if (r < 0)
		diag_error("%s is no good JSON: %s", path, reason);
	else if (json_type(*index) != JSON_OBJECT)
		return diag_refuse("%s is no JSON object", path);
	return r;
}

static bool same_ref(const struct json *entry, const char *ref)
{
	const char *has = json_get_text(json_get(entry, "annotations"), REF_NAME);

	return has && ref ? strcmp(has, ref) == 0 : !has && !ref;
}

/* The index that is there with our entry in it. */
static int renew_index(const struct layout *l, const struct image_pack *pack, const char *ref,
		       char **text, size_t *len)
{
	struct json *index CLEANUP(json_freep) = NULL;
	struct json *entries;
	const struct json *old;
	int r = read_index(l, &index);

	if (r < 0)
		return r;
	entries = json_new_array();
	old = json_get(index, "manifests");
	for (size_t i = 0; i < json_count(old); i++)
		if (json_at(old, i) && !same_ref(json_at(old, i), ref))
			json_add(entries, json_copy(json_at(old, i)));
	json_add(entries, json_copy(pack->descriptor));
	json_set(index, "manifests", entries);
	*text = json_write(index, len);
	return 0;
}

static int write_all_parts(struct layout *l, const struct image_pack *pack, const char *ref)
{
	cleanup_free char *index = NULL;
	size_t len;
	int r = make_dirs(l);

	if (r == 0 && is_there(l, "index.json"))
		r = renew_index(l, pack, ref, &index, &len);
	else if (r == 0)
		index = image_pack_index(pack, &len);
	if (r == 0)
		r = check_room(l, pack);
	if (r == 0)
		r = write_blobs(l, pack);
	if (r == 0 && !is_there(l, "oci-layout"))
		r = write_list(l, "oci-layout", PACK_LAYOUT_TEXT, strlen(PACK_LAYOUT_TEXT));
	return r < 0 ? r : write_list(l, "index.json", index, len);
}

int layout_write(const char *dir, const struct image_pack *pack, const char *ref)
{
	struct layout l = { .dir = dir };
	int r = write_all_parts(&l, pack, ref);

	layout_fini(&l, r < 0);
	return r;
}
