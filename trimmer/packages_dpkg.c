// SPDX-License-Identifier: Apache-2.0
/*
 * packages_dpkg.c - dpkg's status and lists, cut to what is left
 *
 * In: the marked tree. Out: shorter lists, and the stanzas of packages of which a file is left.
 */
#include "packages_cut.h"
#include "pkginfo.h"
#include "resolve.h"

#define FIELD PKGINFO_PARTIAL

/* ---- dpkg's lists ------------------------------------------------------------------------- */

/*
 * What other lines are below: directories to dpkg, for the image may have a link there (usr-merged:
 * /lib, in every library's list). dpkg-deb packs links last, so all lines are looked at.
 */
static struct pathset *parents_of(const char *text, const char *end, size_t skip)
{
	struct pathset *parents = pathset_new();
	struct span line;
	bool fresh;

	if (!parents)
		abort();
	while (pkgpaths_line(&text, end, &line)) {
		const char *slash = memrchr(line.data, '/', line.len);

		if (slash && (size_t)(slash - line.data) > skip &&
		    pathset_add(parents, line.data + skip, (size_t)(slash - line.data) - skip,
				&fresh) < 0)
			abort();
	}
	return parents;
}

/* A list while it is cut. */
struct list {
	const char *package;
	const char *text, *end;
	size_t skip;
	struct packages *owners; /* to note in, or NULL */
	struct pathset *parents; /* NULL: nobody has asked yet */
};

/* To dpkg. The usr-merge's links, too, if nothing is below them in a list. */
static bool is_directory(const struct cut *c, struct list *list, struct span path,
			 const struct node *node)
{
	if (node && (node_is(node, TAR_DIR) ||
		     (node_is(node, TAR_SYMLINK) && node->parent == tree_root(c->tree))))
		return true;
	if (node && !node_is(node, TAR_SYMLINK))
		return false;
	if (!list->parents)
		list->parents = parents_of(list->text, list->end, list->skip);
	return pathset_find(list->parents, path.data, path.len) >= 0;
}

static void cut_line(struct cut *c, struct node *node, struct list *list, struct span line,
		     struct tally *tally, FILE *out)
{
	struct span path = { line.data + list->skip, line.len - list->skip };
	struct node *listed = pkgpaths_find(c->paths, list->package, path.data, path.len);
	bool is_dir = is_directory(c, list, path, listed);
	bool kept = listed && cut_is_kept(c, node, listed);

	if (listed && list->owners)
		packages_note(list->owners, list->package, listed);
	tally->all += !is_dir;
	tally->kept += kept && !is_dir;
	if (kept)
		cut_put_line(out, line);
}

/* What is kept of one list. False if nothing but directories is, or it cannot be read. */
static bool cut_list(struct cut *c, struct node *node, struct list *list, struct tally *tally)
{
	cleanup_free char *text = NULL, *new = NULL;
	size_t len, new_len;
	struct span line;
	FILE *out;

	*tally = (struct tally) { 0 };
	text = pkgpaths_text(c->paths, node, &len);
	if (!text)
		return false;
	out = cut_open(&new, &new_len);
	list->text = text;
	list->end = text + len;
	for (const char *at = text; pkgpaths_line(&at, list->end, &line);)
		if (line.len > list->skip)
			cut_line(c, node, list, line, tally, out);
	pathset_free(list->parents);
	if (!tally->kept) {
		fclose(out);
		return false;
	}
	cut_replace(c, node, &(struct span) { text, len }, out, &new, &new_len);
	return true;
}

/* A package's name and its tally, by the name of its list. */
static void note_list(struct cut *c, const char *name, const struct tally *tally)
{
	bool fresh;
	int64_t n = pathset_add(c->lists, name, strlen(name), &fresh);

	if (n < 0)
		abort();
	xgrow(&c->tallies, &c->tallies_cap, (size_t)n, sizeof(*c->tallies));
	c->tallies[n] = *tally;
}

static struct node *child_named(struct cut *c, struct node *dir, const char *name,
				const char *suffix)
{
	cleanup_free char *full = xasprintf("%s%s", name, suffix);

	return tree_child(c->tree, dir, full, strlen(full));
}

/* A package's list; if anything of it is kept, in info/ its checksums, too. */
static void cut_package(struct cut *c, const struct pkgpaths_lists *lists, struct node *node,
			const char *name)
{
	cleanup_free char *package = xmemdup(name, strcspn(name, ":")); /* libc6:amd64 */
	struct list list = { .package = package, .skip = lists->skip, .owners = c->owners };
	struct list checksums = { .package = package, .skip = PKGPATHS_MD5_SKIP };
	struct tally tally, ignored;
	struct node *sums;

	if (cut_list(c, node, &list, &tally) && !lists->skip) {
		sums = child_named(c, node->parent, name, ".md5sums");
		if (sums && node_is(sums, TAR_FILE))
			cut_list(c, sums, &checksums, &ignored);
	}
	note_list(c, name, &tally);
}

static void cut_lists(struct cut *c, const struct pkgpaths_lists *lists, struct node *dir)
{
	size_t n_suffix = strlen(lists->suffix);

	tree_for_each_child (list, dir) {
		cleanup_free char *name = NULL;

		if (list->name_len <= n_suffix || !node_is(list, TAR_FILE) ||
		    strcmp(list->name + list->name_len - n_suffix, lists->suffix) != 0)
			continue;
		name = xmemdup(list->name, list->name_len - n_suffix);
		cut_package(c, lists, list, name);
	}
}

/* ---- dpkg's stanzas ----------------------------------------------------------------------- */

/* The tally of the stanza's package, or NULL if it has no list: nobody knows what is left. */
static const struct tally *stanza_tally(const struct cut *c, struct span stanza)
{
	struct span name = pkgpaths_field(stanza, "Package:"),
		    arch = pkgpaths_field(stanza, "Architecture:");
	cleanup_free char *both =
		xasprintf("%.*s:%.*s", (int)name.len, name.data, (int)arch.len, arch.data);
	int64_t n = pathset_find(c->lists, both, strlen(both));

	if (n < 0)
		n = pathset_find(c->lists, name.data, name.len);
	return n < 0 ? NULL : &c->tallies[n];
}

/* Known only now: the text it is taken from is seldom left. */
static void put_licences(struct cut *c, FILE *out, struct span stanza)
{
	struct span name = pkgpaths_field(stanza, "Package:");
	cleanup_free char *package = xmemdup(name.data, name.len), *licences = NULL;

	if (pkgpaths_field(stanza, PKGINFO_LICENCES).len)
		return;
	licences = pkginfo_licences(c->paths, package);
	if (licences)
		fprintf(out, PKGINFO_LICENCES " %s\n", licences);
}

static void put_stanza(struct cut *c, FILE *out, struct span stanza, const struct tally *tally)
{
	const char *at = stanza.data, *end = stanza.data + stanza.len;
	size_t all = MAX(tally->all, cut_earlier_total(pkgpaths_field(stanza, FIELD)));
	struct span line;

	while (pkgpaths_line(&at, end, &line))
		if (line.len && !pkgpaths_begins(line, FIELD))
			cut_put_line(out, line);
	put_licences(c, out, stanza);
	if (tally->kept < all)
		fprintf(out, FIELD " partial (%zu of %zu files)\n", tally->kept, all);
}

/* Of a file of many stanzas, or of one (a file in status.d). */
static void cut_stanzas(struct cut *c, struct node *node, const struct tally *known)
{
	cleanup_free char *text = NULL, *new = NULL;
	size_t len, new_len;
	const char *at, *end;
	struct span stanza;
	FILE *out;

	text = pkgpaths_text(c->paths, node, &len);
	if (!text)
		return;
	out = cut_open(&new, &new_len);
	end = text + len;
	for (at = text; pkgpaths_block(&at, end, &stanza);) {
		const struct tally *tally = known ? known : stanza_tally(c, stanza);

		if (!tally)
			cut_put_lines(out, stanza);
		else if (tally->kept)
			put_stanza(c, out, stanza, tally);
		if (!known && (!tally || tally->kept))
			putc('\n', out);
	}
	cut_replace(c, node, &(struct span) { text, len }, out, &new, &new_len);
}

/* Distroless images: a file a package, the list beside it (not in old ones). */
static void cut_status_d(struct cut *c, struct node *dir)
{
	tree_for_each_child (n, dir) {
		size_t len = strlen(".md5sums");
		int64_t k = pathset_find(c->lists, n->name, n->name_len);

		if (!node_is(n, TAR_FILE) ||
		    (n->name_len > len && strcmp(n->name + n->name_len - len, ".md5sums") == 0))
			continue;
		if (k < 0)
			tree_mark(n, KEEP_PACKAGES, NULL);
		else if (c->tallies[k].kept)
			cut_stanzas(c, n, &c->tallies[k]);
	}
}

void cut_dpkg(struct cut *c)
{
	struct node *dir, *status;

	for (size_t i = 0; i < ARRAY_SIZE(pkgpaths_dpkg); i++) {
		if (resolve_find(c->tree, NULL, pkgpaths_dpkg[i].dir, true, &dir) < 0)
			continue;
		pathset_free(c->lists);
		c->lists = pathset_new();
		if (!c->lists)
			abort();
		cut_lists(c, &pkgpaths_dpkg[i], dir);
		if (pkgpaths_dpkg[i].skip)
			cut_status_d(c, dir);
		else if (resolve_mark(c->tree, NULL, PKGPATHS_DPKG_STATUS, true, KEEP_PACKAGES,
				      NULL, &status) == 0)
			cut_stanzas(c, status, NULL);
	}
}
