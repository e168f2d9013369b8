// SPDX-License-Identifier: Apache-2.0
/*
 * image_parts.c - blobs and configs: found, measured, hashed, parsed
 *
 * In: names and digests out of hostile JSON. Out: bytes that have the digest. Never reads more
 * than the limit of what it reads.
 */
#include "image_parts.h"
#include "diag.h"
#include "digest.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>
#include <sys/utsname.h>

int image_bad(const struct image *image, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag_error("%s: %s", image->name, text);
	return -EBADMSG;
}

/* ---- parts ---------------------------------------------------------------------------------- */

int image_read_text(const struct image *image, const char *what, const struct range *range,
		    enum limit max, char **text, size_t *len)
{
	cleanup_free char *buf = NULL;
	int r;

	if (range->len > limit_get(max))
		return image_bad(image, "%s has %llu bytes, more than %llu" LIMIT_HINT, what,
				 (unsigned long long)range->len,
				 (unsigned long long)limit_get(max), limit_name(max));
	buf = xmalloc(range->len + 1);
	r = pread_all(range->fd, buf, range->len, range->off);
	if (r < 0)
		return diag_fail(r, "%s: %s cannot be read", image->name, what);
	buf[range->len] = '\0';
	*text = steal_ptr(buf);
	*len = range->len;
	return 0;
}

static int parse(const struct image *image, const char *what, const char *text, size_t len,
		 struct json **json)
{
	cleanup_free char *reason = NULL;

	if (json_parse(text, len, len, json, &reason) < 0)
		return image_bad(image, "%s is no good JSON: %s", what, reason);
	return 0;
}

int image_read_json(const struct image *image, const char *what, const struct range *range,
		    enum limit max, struct json **json)
{
	cleanup_free char *text = NULL;
	size_t len;
	int r = image_read_text(image, what, range, max, &text, &len);

	return r < 0 ? r : parse(image, what, text, len, json);
}

int image_read_part(const struct image *image, const char *name, enum limit max,
		    struct json **json)
{
	struct range range;
	int r = store_find(image->store, name, &range);

	if (r < 0)
		return image_bad(image, "%s: %s", name, strerror(-r));
	return image_read_json(image, name, &range, max, json);
}

int image_find_blob(const struct image *image, const char *digest, uint64_t size,
		    struct range *range)
{
	char name[sizeof("blobs/sha256/") + DIGEST_TEXT_LEN];
	int r;

	if (!digest_valid(digest))
		return image_bad(image, "'%s' is no sha256 digest (others are not supported)",
				 digest ? digest : "");
	snprintf(name, sizeof(name), "blobs/sha256/%s", digest_hex(digest));
	r = store_find(image->store, name, range);
	if (r == -ENOENT)
		return r;
	if (r < 0)
		return image_bad(image, "%s: %s", name, strerror(-r));
	if (size != UINT64_MAX && size != range->len)
		return image_bad(image, "blob %s has %llu bytes, not the %llu it should have",
				 digest, (unsigned long long)range->len,
				 (unsigned long long)size);
	return 0;
}

int image_read_blob(const struct image *image, const char *what, const struct json *descriptor,
		    enum limit max, char **text, size_t *len)
{
	const char *digest = json_get_text(descriptor, "digest");
	cleanup_free char *buf = NULL;
	struct digest_text found;
	struct range range;
	size_t n;
	int r = image_find_blob(image, digest, json_get_size(descriptor, "size", UINT64_MAX),
				&range);

	if (r == -ENOENT)
		return image_bad(image, "%s: blob %s is missing", what, digest);
	if (r == 0)
		r = image_read_text(image, what, &range, max, &buf, &n);
	if (r < 0)
		return r;
	digest_of(buf, n, &found);
	if (strcmp(found.text, digest) != 0)
		return image_bad(image, "%s: the bytes of blob %s do not have this digest",
				 what, digest);
	*text = steal_ptr(buf);
	*len = n;
	return 0;
}

int image_read_blob_json(const struct image *image, const char *what,
			 const struct json *descriptor, struct json **json)
{
	cleanup_free char *text = NULL;
	size_t len;
	int r = image_read_blob(image, what, descriptor, LIMIT_CONFIG_SIZE, &text, &len);

	return r < 0 ? r : parse(image, what, text, len, json);
}

int image_check_keys(const struct image *image, const char *what, const struct json *object,
		     const char *const keys[])
{
	for (size_t i = 0; i < json_members(object); i++) {
		const char *key = NULL;

		json_member(object, i, &key);
		for (const char *const *known = keys; *known; known++)
			if (strcasecmp(key, *known) == 0 && strcmp(key, *known) != 0)
				return image_bad(image, "%s: key '%s' should be spelt '%s'",
						 what, key, *known);
	}
	return 0;
}

/* ---- config --------------------------------------------------------------------------------- */

const char *image_host_arch(void)
{
	static const struct {
		const char *machine, *arch;
	} names[] = {
		{ "x86_64", "amd64" },	  { "aarch64", "arm64" },   { "i686", "386" },
		{ "armv7l", "arm" },	  { "ppc64le", "ppc64le" }, { "s390x", "s390x" },
		{ "riscv64", "riscv64" },
	};
	struct utsname u;

	if (uname(&u) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (strcmp(u.machine, names[i].machine) == 0)
				return names[i].arch;
	return "unknown";
}

static const char *text_or(const struct json *object, const char *key, const char *fallback)
{
	const char *text = json_get_text(object, key);

	return text && *text ? text : fallback;
}

static bool is_word(const char **p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*p, word, len) != 0 || ((*p)[len] && (*p)[len] != '/'))
		return false;
	*p += len + ((*p)[len] == '/');
	return true;
}

bool image_platform_fits(const struct json *object, const char *text)
{
	const char *arch = text_or(object, "architecture", "");
	const char *variant = text_or(object, "variant", "");

	if (!is_word(&text, text_or(object, "os", "linux")) || !is_word(&text, arch))
		return false;
	if (!*variant && strcmp(arch, "arm64") == 0)
		variant = "v8";
	if (!*variant && strcmp(arch, "arm") == 0)
		variant = "v7";
	return !*text || is_word(&text, variant);
}

static int check_config_keys(const struct image *image)
{
	static const char *const top[] = { "architecture", "os",      "variant", "config",
					   "rootfs",	   "history", "created", NULL };
	static const char *const inner[] = { "Entrypoint",  "Cmd",   "Env",	   "Labels",
					     "Healthcheck", "User",  "WorkingDir", "Volumes",
					     "OnBuild",	    "Shell", "StopSignal", NULL };
	static const char *const rootfs[] = { "type", "diff_ids", NULL };
	int r = image_check_keys(image, "config", image->config, top);

	if (r == 0)
		r = image_check_keys(image, "config", json_get(image->config, "config"), inner);
	if (r == 0)
		r = image_check_keys(image, "config", json_get(image->config, "rootfs"),
				     rootfs);
	return r;
}

static int make_layers(struct image *image)
{
	const struct json *rootfs = json_get(image->config, "rootfs");
	const struct json *ids = json_get(rootfs, "diff_ids");
	const char *type = text_or(rootfs, "type", "layers");
	size_t n = json_count(ids);

	if (!rootfs || strcmp(type, "layers") != 0)
		return image_bad(image, "the config has no rootfs of type 'layers'");
	if (n > limit_get(LIMIT_LAYERS))
		return image_bad(image, "it has %zu layers, more than %llu" LIMIT_HINT, n,
				 (unsigned long long)limit_get(LIMIT_LAYERS),
				 limit_name(LIMIT_LAYERS));
	image->layers = xcalloc(n, sizeof(*image->layers));
	for (size_t i = 0; i < n; i++) {
		const char *id = json_text(json_at(ids, i));

		if (!digest_valid(id))
			return image_bad(image, "diff ID %zu is no sha256 digest", i + 1);
		image->layers[i].diff_id = xstrdup(id);
		image->layers[i].blob.fd = image->layers[i].tar.fd = -1;
		image->n_layers = i + 1;
	}
	return 0;
}

int image_take_config(struct image *image, char *text, size_t len)
{
	struct digest_text digest;
	int r;

	image->config_text = text;
	image->config_len = len;
	digest_of(text, len, &digest);
	image->config_digest = xstrdup(digest.text);
	r = parse(image, "config", text, len, &image->config);
	if (r < 0)
		return r;
	if (json_type(image->config) != JSON_OBJECT)
		return image_bad(image, "the config is no JSON object");
	r = check_config_keys(image);
	if (r < 0)
		return r;
	image->os = xstrdup(text_or(image->config, "os", "linux"));
	image->arch = xstrdup(text_or(image->config, "architecture", image_host_arch()));
	image->variant = xstrdup(text_or(image->config, "variant", ""));
	if (strcmp(image->os, "linux") != 0)
		return image_bad(image,
				 "it is an image for '%s'; only Linux images can be handled",
				 image->os);
	return make_layers(image);
}
