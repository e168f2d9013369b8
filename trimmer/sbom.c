// SPDX-License-Identifier: Apache-2.0
/*
 * sbom.c - what an image consists of
 *
 * In: an open image. Out: its packages, and its files with their hashes and owners. The time is
 * SOURCE_DATE_EPOCH's or the image's own, so the same image gives the same text.
 */
#include "sbom.h"
#include "diag.h"
#include "imageconf.h"
#include "layer.h"
#include "resolve.h"

#include <stdio.h>
#include <time.h>

#define READ_SIZE (256u << 10)

/* ---- files -------------------------------------------------------------------------------- */

static int hash_file(struct image *image, const struct inode *inode, char *buf,
		     struct sbom_file *file)
{
	struct tar_reader *tar CLEANUP(tar_closep) = NULL;
	struct digest sha1, sha256;
	struct tar_entry e;
	ssize_t n;
	int r = layer_open_entry(image, inode, &tar, &e);

	if (r < 0)
		return r;
	digest_init_sha1(&sha1);
	digest_init(&sha256);
	while ((n = tar_read(tar, buf, READ_SIZE)) > 0) {
		digest_update(&sha1, buf, (size_t)n);
		digest_update(&sha256, buf, (size_t)n);
	}
	digest_final_hex(&sha1, file->sha1);
	digest_final_hex(&sha256, file->sha256);
	return n < 0 ? diag_fail((int)n, "%s: %s cannot be read", image->name, file->path) : 0;
}

/* The package of that name: of several architectures the first. */
static size_t find_package(const struct sbom *sbom, const char *name)
{
	for (size_t i = 0; name && i < sbom->infos.n_items; i++)
		if (strcmp(sbom->infos.items[i].name, name) == 0)
			return i;
	return SBOM_NO_PACKAGE;
}

static int add_file(struct sbom *sbom, struct image *image, const struct node *node,
		    const struct packages *owners, char *buf)
{
	char path[PATH_ABS_MAX + 1];
	struct sbom_file *file;

	tree_path(node, path, sizeof(path));
	xgrow(&sbom->files, &sbom->files_cap, sbom->n_files, sizeof(*sbom->files));
	file = &sbom->files[sbom->n_files++];
	*file = (struct sbom_file) {
		.path = xstrdup(path),
		.package = find_package(sbom, packages_name(owners, node)),
	};
	return hash_file(image, node->inode, buf, file);
}

static int read_files(struct sbom *sbom, struct image *image, struct tree *tree)
{
	cleanup_free char *buf = xmalloc(READ_SIZE);
	struct packages owners;
	int r = 0;

	packages_read(&owners, image, tree);
	for (const struct node *n = tree_root(tree); n && r == 0; n = tree_next(n))
		if (node_is(n, TAR_FILE))
			r = add_file(sbom, image, n, &owners, buf);
	packages_fini(&owners);
	return r;
}

/* ---- the system --------------------------------------------------------------------------- */

static void set_value(char **to, const char *line, const char *key)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len) != 0)
		return;
	line += len;
	line += *line == '"' || *line == '\'';
	free(*to);
	*to = xmemdup(line, strcspn(line, "\"'"));
}

static void read_os(struct sbom *sbom, struct image *image, struct tree *tree)
{
	static const char *const paths[] = { "/etc/os-release", "/usr/lib/os-release" };
	cleanup_free char *text = NULL;
	struct node *node;
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(paths) && !text; i++)
		if (resolve_find(tree, NULL, paths[i], true, &node) < 0 ||
		    !node_is(node, TAR_FILE) ||
		    layer_read_file(image, node->inode, 1u << 16, &text, &len) < 0)
			text = NULL;
	for (char *line = text, *next; line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		set_value(&sbom->os_id, line, "ID=");
		set_value(&sbom->os_version, line, "VERSION_ID=");
		set_value(&sbom->os_name, line, "PRETTY_NAME=");
	}
}

static int set_created(struct sbom *sbom)
{
	const char *text = json_get_text(sbom->image->config, "created");
	int64_t seconds;
	int r = imageconf_source_date(&seconds);
	struct tm tm;
	bool known;

	if (r < 0)
		return r;
	if (r == 0 && text && strptime(text, "%Y-%m-%dT%H:%M:%S", &tm))
		known = true;
	else
		known = gmtime_r(&(time_t) { r == 0 ? 0 : seconds }, &tm) != NULL;
	if (!known ||
	    !strftime(sbom->created, sizeof(sbom->created), "%04Y-%m-%dT%H:%M:%SZ", &tm))
		return diag_refuse("SOURCE_DATE_EPOCH is no year of four digits");
	return 0;
}

int sbom_read(struct sbom *sbom, struct image *image)
{
	struct tree *tree CLEANUP(tree_freep) = tree_new();
	struct node *node;
	int r;

	*sbom = (struct sbom) { .image = image };
	r = set_created(sbom);
	if (r == 0)
		r = layer_read_all(image, tree);
	if (r < 0)
		return r;
	tree_freeze(tree);
	for (size_t i = 0; i < packages_n_databases; i++)
		if (packages_is_opaque(packages_databases[i]) &&
		    resolve_find(tree, NULL, packages_databases[i], true, &node) == 0)
			diag_warning("%s: rpm's database %s is not read: its packages are "
				     "missing",
				     image->name, packages_databases[i]);
	read_os(sbom, image, tree);
	pkginfos_read(&sbom->infos, image, tree);
	return read_files(sbom, image, tree);
}

void sbom_fini(struct sbom *sbom)
{
	for (size_t i = 0; i < sbom->n_files; i++)
		free(sbom->files[i].path);
	free(sbom->files);
	pkginfos_fini(&sbom->infos);
	free(sbom->os_id);
	free(sbom->os_version);
	free(sbom->os_name);
}

/* ---- names -------------------------------------------------------------------------------- */

static void put_encoded(FILE *out, const char *text)
{
	for (; *text; text++) {
		bool plain = (*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') ||
			     (*text >= 'a' && *text <= 'z') || strchr("-._~", *text);

		fprintf(out, plain ? "%c" : "%%%02X", (unsigned char)*text);
	}
}

/* The namespace is the distribution, as os-release spells it. */
char *sbom_purl(const struct sbom *sbom, const struct pkginfo *info)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	fprintf(out, "pkg:%s/", info->kind);
	put_encoded(out, sbom->os_id ? sbom->os_id
				     : (strcmp(info->kind, "apk") == 0 ? "alpine" : "debian"));
	putc('/', out);
	put_encoded(out, info->name);
	if (info->version[0]) {
		putc('@', out);
		put_encoded(out, info->version);
	}
	if (info->arch) {
		fputs("?arch=", out);
		put_encoded(out, info->arch);
	}
	if (fclose(out) != 0)
		abort();
	return text;
}

/* Names of licences in Debian's copyright files and elsewhere; an identifier names itself. */
static const struct {
	const char *id;
	const char *names[4];
} licences[] = {
	{ "0BSD", { NULL } },
	{ "AGPL-3.0-only", { "AGPL-3" } },
	{ "AGPL-3.0-or-later", { "AGPL-3+" } },
	{ "Apache-2.0", { "Apache-2" } },
	{ "Artistic-1.0", { "Artistic-1" } },
	{ "Artistic-2.0", { "Artistic-2" } },
	{ "BSD-2-Clause", { "BSD-2-clause", "BSD-2" } },
	{ "BSD-3-Clause", { "BSD-3-clause", "BSD-3", "BSD-3-Clause-UCB" } },
	{ "BSD-4-Clause", { "BSD-4-clause" } },
	{ "BSL-1.0", { "Boost-1.0" } },
	{ "bzip2-1.0.6", { NULL } },
	{ "CC0-1.0", { "CC0" } },
	{ "CC-BY-4.0", { NULL } },
	{ "CC-BY-SA-4.0", { NULL } },
	{ "curl", { NULL } },
	{ "GFDL-1.2-or-later", { "GFDL-1.2+" } },
	{ "GFDL-1.3-only", { "GFDL-1.3" } },
	{ "GFDL-1.3-or-later", { "GFDL-1.3+" } },
	{ "GPL-1.0-or-later", { "GPL-1+", "GPL" } },
	{ "GPL-2.0-only", { "GPL-2", "GPL-2.0", "GPL-2-only" } },
	{ "GPL-2.0-or-later", { "GPL-2+", "GPL-2.0+" } },
	{ "GPL-3.0-only", { "GPL-3", "GPL-3.0" } },
	{ "GPL-3.0-or-later", { "GPL-3+", "GPL-3.0+" } },
	{ "ISC", { NULL } },
	{ "LGPL-2.0-only", { "LGPL-2" } },
	{ "LGPL-2.0-or-later", { "LGPL-2+", "LGPL-2.0+" } },
	{ "LGPL-2.1-only", { "LGPL-2.1" } },
	{ "LGPL-2.1-or-later", { "LGPL-2.1+" } },
	{ "LGPL-3.0-only", { "LGPL-3" } },
	{ "LGPL-3.0-or-later", { "LGPL-3+" } },
	{ "Libpng", { "libpng" } },
	{ "MIT", { "Expat", "expat" } },
	{ "MPL-1.1", { NULL } },
	{ "MPL-2.0", { NULL } },
	{ "OFL-1.1", { NULL } },
	{ "OpenSSL", { NULL } },
	{ "PostgreSQL", { NULL } },
	{ "PSF-2.0", { "PSF-2" } },
	{ "Python-2.0", { NULL } },
	{ "Unicode-DFS-2016", { NULL } },
	{ "Unlicense", { NULL } },
	{ "X11", { NULL } },
	{ "Zlib", { "zlib", "zlib/libpng" } },
};

const char *sbom_licence_id(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(licences); i++) {
		if (strcmp(licences[i].id, name) == 0)
			return licences[i].id;
		for (size_t k = 0; k < ARRAY_SIZE(licences[i].names) && licences[i].names[k];
		     k++)
			if (strcmp(licences[i].names[k], name) == 0)
				return licences[i].id;
	}
	return NULL;
}
