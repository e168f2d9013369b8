// SPDX-License-Identifier: Apache-2.0
/*
 * imageref.c - what a person writes for an image, taken apart
 *
 * In: text of the command line. Out: form, path and name. Never touches a file or an engine;
 * a name that an engine's command line could take for an option does not get past here.
 *
 * Grammar of names: distribution/reference, "reference.go".
 */
#include "imageref.h"
#include "diag.h"

#include <ctype.h>

#define NAME_MAX_LEN 255
#define TAG_MAX_LEN  128

static const struct {
	const char *prefix;
	enum image_form form;
} transports[] = {
	{ "oci:", IMAGE_OCI },
	{ "oci-archive:", IMAGE_OCI_ARCHIVE },
	{ "docker-archive:", IMAGE_DOCKER_ARCHIVE },
};

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* [a-z0-9]+ with single ".", "_", "__" or any number of "-" between. */
static bool component_valid(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len) {
		size_t start = i;

		while (i < len && is_lower_alnum(p[i]))
			i++;
		if (i == start)
			return false;
		if (i == len)
			return true;
		start = i;
		if (p[i] == '-') {
			while (i < len && p[i] == '-')
				i++;
		} else if (p[i] == '.' || p[i] == '_') {
			i += p[i] == '_' && i + 1 < len && p[i + 1] == '_' ? 2 : 1;
		}
		if (i == start)
			return false;
	}
	return false;
}

/* The first component is a registry when it could not be a folder of Docker Hub. */
static size_t domain_len(const char *name, size_t len)
{
	const char *slash = memchr(name, '/', len);
	size_t n = slash ? (size_t)(slash - name) : 0;

	if (!n)
		return 0;
	if (memchr(name, '.', n) || memchr(name, ':', n) ||
	    (n == 9 && memcmp(name, "localhost", n) == 0))
		return n;
	for (size_t i = 0; i < n; i++)
		if (isupper((unsigned char)name[i]))
			return n;
	return 0;
}

static bool domain_valid(const char *p, size_t len)
{
	if (!len || !isalnum((unsigned char)p[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)p[i]) && !strchr(".-:[]", p[i]))
			return false;
	return true;
}

/* The name in front of tag and digest. */
static size_t name_len(const char *text)
{
	size_t len = strcspn(text, "@");
	size_t at = len;

	while (at > 0 && text[at - 1] != ':' && text[at - 1] != '/')
		at--;
	return at > 0 && text[at - 1] == ':' ? at - 1 : len;
}

static const char *name_fault(const char *p, size_t len)
{
	size_t domain = domain_len(p, len);

	if (!len || len > NAME_MAX_LEN)
		return "a name has 1 to 255 characters";
	if (domain) {
		if (!domain_valid(p, domain))
			return "the part before the first '/' is no host name";
		p += domain + 1;
		len -= domain + 1;
	}
	for (size_t i = 0; i < len; i++)
		if (isupper((unsigned char)p[i]))
			return "a name must be in lower case";
	for (;;) {
		const char *slash = memchr(p, '/', len);
		size_t n = slash ? (size_t)(slash - p) : len;

		if (!component_valid(p, n))
			return "a name is made of a-z, 0-9 and single '.', '_', '-' between";
		if (!slash)
			return NULL;
		p += n + 1;
		len -= n + 1;
	}
}

static const char *tag_fault(const char *p, size_t len)
{
	if (!len || len > TAG_MAX_LEN || *p == '.' || *p == '-')
		return "a tag has 1 to 128 characters and begins with a letter, digit or '_'";
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)p[i]) && !strchr("_.-", p[i]))
			return "a tag is made of letters, digits, '_', '.' and '-'";
	return NULL;
}

static const char *digest_fault(const char *p)
{
	size_t algorithm = strcspn(p, ":");

	if (!algorithm || !p[algorithm] || strlen(p + algorithm + 1) < 32)
		return "a digest is an algorithm, ':' and at least 32 hex digits";
	if (strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789+._-") != algorithm ||
	    strspn(p + algorithm + 1, "0123456789abcdef") != strlen(p + algorithm + 1))
		return "the digest is malformed";
	return NULL;
}

/* What is wrong with a reference, or NULL. */
static const char *reference_fault(const char *text)
{
	size_t len = name_len(text);
	const char *why = name_fault(text, len);

	text += len;
	if (!why && *text == ':') {
		len = strcspn(++text, "@");
		why = tag_fault(text, len);
		text += len;
	}
	if (!why && *text == '@')
		why = digest_fault(text + 1);
	return why;
}

static int parse_path(const char *text, const char *rest, enum image_form form,
		      struct image_ref *ref)
{
	const char *colon = strchr(rest, ':');
	size_t len = colon ? (size_t)(colon - rest) : strlen(rest);

	if (!len)
		return diag_refuse("%s: no path between the first and the second ':'", text);
	*ref = (struct image_ref) {
		.form = form,
		.text = xstrdup(text),
		.path = xmemdup(rest, len),
		.ref = colon && colon[1] ? xstrdup(colon + 1) : NULL,
	};
	return 0;
}

int image_ref_parse(const char *text, struct image_ref *ref)
{
	struct image_ref parsed = { .form = IMAGE_ENGINE };
	const char *why;

	for (size_t i = 0; i < ARRAY_SIZE(transports); i++) {
		size_t len = strlen(transports[i].prefix);

		if (strncmp(text, transports[i].prefix, len) == 0)
			return parse_path(text, text + len, transports[i].form, ref);
	}
	if (strcmp(text, "-") == 0) {
		parsed.form = IMAGE_STDIO;
		parsed.text = xstrdup(text);
		*ref = parsed;
		return 0;
	}
	why = reference_fault(text);
	if (why)
		return diag_refuse("'%s' is no image name: %s", text, why);
	parsed.text = xstrdup(text);
	parsed.ref = xstrdup(text);
	*ref = parsed;
	return 0;
}

void image_ref_fini(struct image_ref *ref)
{
	free(ref->text);
	free(ref->path);
	free(ref->ref);
	*ref = (struct image_ref) { 0 };
}

int image_ref_set_platform(struct image_ref *ref, const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	const char *p = text;
	int n = 0;

	while (p && n < 4) {
		size_t len = strspn(p, allowed);

		if (!len)
			break;
		n++;
		p += len;
		if (*p != '/')
			break;
		p++;
	}
	if (text && (*p || n < 2 || n > 3 || p[-1] == '/'))
		return diag_refuse(
			"--platform wants OS/ARCH[/VARIANT], as linux/arm64, not '%s'", text);
	ref->platform = text;
	return 0;
}

char *image_name_full(const char *name, const char *domain)
{
	size_t len = strlen(name), host = domain_len(name, name_len(name));
	const char *tag = name[name_len(name)] ? "" : ":latest";
	const char *path = host ? name + host + 1 : name;
	bool hub = strcmp(domain, "docker.io") == 0;

	if (host == strlen("index.docker.io") && strncmp(name, "index.docker.io", host) == 0)
		host = 0;
	if (host == strlen("docker.io") && strncmp(name, "docker.io", host) == 0)
		host = 0;
	if (host)
		return xasprintf("%.*s%s", (int)len, name, tag);
	if (path != name) {
		domain = "docker.io";
		hub = true;
	}
	if (hub && !memchr(path, '/', name_len(path)))
		return xasprintf("%s/library/%s%s", domain, path, tag);
	return xasprintf("%s/%s%s", domain, path, tag);
}

const char *image_name_tag(const char *name)
{
	const char *rest = name + name_len(name);

	return *rest == ':' && !strchr(rest, '@') ? rest + 1 : "latest";
}

char *image_name_short(const char *full)
{
	if (strncmp(full, "docker.io/", 10) == 0)
		full += 10;
	else
		return xstrdup(full);
	return xstrdup(strncmp(full, "library/", 8) == 0 ? full + 8 : full);
}

bool image_name_same(const char *a, const char *b)
{
	static const char *const domains[] = { "docker.io", "localhost" };

	for (size_t i = 0; i < ARRAY_SIZE(domains); i++) {
		cleanup_free char *fa = image_name_full(a, domains[i]);
		cleanup_free char *fb = image_name_full(b, domains[i]);

		if (strcmp(fa, fb) == 0)
			return true;
	}
	return false;
}

bool image_name_valid(const char *name)
{
	return !reference_fault(name);
}
