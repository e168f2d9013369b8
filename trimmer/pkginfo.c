// SPDX-License-Identifier: Apache-2.0
/*
 * pkginfo.c - packages as dpkg and apk describe them
 *
 * In: the databases in the image. Out: a row a package. Not read: rpm's databases.
 */
#include "pkginfo.h"
#include "resolve.h"

#include <stdio.h>

static char *text_or_null(struct span value)
{
	return value.len ? xmemdup(value.data, value.len) : NULL;
}

static struct pkginfo *add(struct pkginfos *infos, const char *kind, struct span name,
			   struct span version)
{
	struct pkginfo *info;

	if (!name.len)
		return NULL;
	xgrow(&infos->items, &infos->cap, infos->n_items, sizeof(*infos->items));
	info = &infos->items[infos->n_items++];
	*info = (struct pkginfo) {
		.kind = kind,
		.name = xmemdup(name.data, name.len),
		.version = xmemdup(version.data, version.len),
	};
	return info;
}

/* "... partial (12 of 80 files)" or "... partial, 12 of 80 files)": what stands between. */
static char *partial_of(struct span text)
{
	const char *digit = text.data, *end = text.data + text.len;

	while (digit < end && !(*digit >= '0' && *digit <= '9'))
		digit++;
	while (end > digit && end[-1] == ')')
		end--;
	return end > digit ? xmemdup(digit, (size_t)(end - digit)) : NULL;
}

/* ---- licences ----------------------------------------------------------------------------- */

/* Adds one name, if it is new. */
static void put_licence(struct pathset *seen, FILE *out, struct span name)
{
	bool fresh;

	if (pathset_add(seen, name.data, name.len, &fresh) < 0)
		abort();
	if (fresh)
		fprintf(out, "%s%.*s", pathset_count(seen) > 1 ? " AND " : "", (int)name.len,
			name.data);
}

char *pkginfo_licences(struct pkgpaths *paths, const char *package)
{
	cleanup_free char *path = xasprintf("/usr/share/doc/%s/copyright", package);
	cleanup_free char *text = NULL, *found = NULL;
	struct pathset *seen;
	struct node *node;
	const char *at, *end;
	struct span block;
	size_t len, found_len;
	FILE *out;

	text = pkgpaths_text_at(paths, path, &node, &len);
	if (!text)
		return NULL;
	seen = pathset_new();
	out = open_memstream(&found, &found_len);
	if (!seen || !out)
		abort();
	end = text + len;
	at = text;
	/* Only the machine-readable form begins with a field Format. */
	if (pkgpaths_block(&at, end, &block) && pkgpaths_field(block, "Format:").len) {
		do {
			struct span name = pkgpaths_field(block, "License:");

			if (name.len)
				put_licence(seen, out, name);
		} while (pkgpaths_block(&at, end, &block));
	}
	if (fclose(out) != 0)
		abort();
	pathset_free(seen);
	return found_len ? steal_ptr(found) : NULL;
}

/* ---- databases ---------------------------------------------------------------------------- */

static bool is_installed(struct span status)
{
	static const char installed[] = " installed";
	size_t len = strlen(installed);

	return !status.len || /* distroless images have no such field */
	       (status.len > len &&
		memcmp(status.data + status.len - len, installed, len) == 0);
}

static void add_stanza(struct pkginfos *infos, struct pkgpaths *paths, struct span stanza)
{
	struct pkginfo *info;

	if (!is_installed(pkgpaths_field(stanza, "Status:")))
		return;
	info = add(infos, "deb", pkgpaths_field(stanza, "Package:"),
		   pkgpaths_field(stanza, "Version:"));
	if (!info)
		return;
	info->arch = text_or_null(pkgpaths_field(stanza, "Architecture:"));
	info->partial = partial_of(pkgpaths_field(stanza, PKGINFO_PARTIAL));
	info->licences = text_or_null(pkgpaths_field(stanza, PKGINFO_LICENCES));
	if (!info->licences)
		info->licences = pkginfo_licences(paths, info->name);
}

static void add_block(struct pkginfos *infos, struct pkgpaths *paths UNUSED, struct span block)
{
	struct span about = pkgpaths_field(block, "T:");
	struct pkginfo *info =
		add(infos, "apk", pkgpaths_field(block, "P:"), pkgpaths_field(block, "V:"));
	const char *note;

	if (!info)
		return;
	info->arch = text_or_null(pkgpaths_field(block, "A:"));
	info->licences = text_or_null(pkgpaths_field(block, "L:"));
	note = memmem(about.data, about.len, "(imagetrim: partial,", 20);
	if (note)
		info->partial = partial_of(
			(struct span) { note, (size_t)(about.data + about.len - note) });
}

static void read_blocks(struct pkginfos *infos, struct pkgpaths *paths, const struct node *node,
			void (*take)(struct pkginfos *infos, struct pkgpaths *paths,
				     struct span block))
{
	cleanup_free char *text = NULL;
	const char *at, *end;
	struct span block;
	size_t len;

	text = pkgpaths_text(paths, node, &len);
	if (!text)
		return;
	end = text + len;
	for (at = text; pkgpaths_block(&at, end, &block);)
		take(infos, paths, block);
}

void pkginfos_read(struct pkginfos *infos, struct image *image, struct tree *tree)
{
	struct pkgpaths *paths = pkgpaths_new(image, tree);
	struct node *node, *first = NULL;

	*infos = (struct pkginfos) { 0 };
	if (resolve_find(tree, NULL, PKGPATHS_DPKG_STATUS, true, &node) == 0)
		read_blocks(infos, paths, node, add_stanza);
	if (resolve_find(tree, NULL, PKGPATHS_STATUS_D, true, &node) == 0) {
		/* The lists beside the stanzas have no field Package. */
		tree_for_each_child (c, node)
			read_blocks(infos, paths, c, add_stanza);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pkgpaths_apk); i++) {
		if (resolve_find(tree, NULL, pkgpaths_apk[i], true, &node) < 0 || node == first)
			continue;
		first = node;
		read_blocks(infos, paths, node, add_block);
	}
	pkgpaths_free(paths);
}

void pkginfos_fini(struct pkginfos *infos)
{
	for (size_t i = 0; i < infos->n_items; i++) {
		struct pkginfo *info = &infos->items[i];

		free(info->name);
		free(info->version);
		free(info->arch);
		free(info->licences);
		free(info->partial);
	}
	free(infos->items);
	*infos = (struct pkginfos) { 0 };
}
