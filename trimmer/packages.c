// SPDX-License-Identifier: Apache-2.0
/*
 * packages.c - the package databases of dpkg and apk
 *
 * In: the image's own files. Out: package and node, one after another. Never marks a node.
 * Not followed: dpkg's diversions (a handful of files are then counted for the other package),
 * rpm's databases.
 */
#include "packages.h"
#include "layer.h"
#include "path.h"
#include "resolve.h"

/* Of all databases together: many names may lead to one large file. */
#define DATABASES_MAX (256u << 20)

struct scan {
	struct image *image;
	struct tree *tree;
	const char *name; /* only this one, or NULL */
	void (*each)(void *arg, const char *package, struct node *node);
	void *arg;
	size_t n_packages, left; /* bytes that may still be read */
	/* Lists go through one directory after another: the last one looked up. */
	char dir_path[PATH_ABS_MAX + 1];
	struct node *dir; /* NULL: the image has no such directory */
};

static void enter(struct scan *s, const char *dir, size_t len)
{
	if (strncmp(s->dir_path, dir, len) == 0 && !s->dir_path[len])
		return;
	memcpy(s->dir_path, dir, len);
	s->dir_path[len] = '\0';
	if (resolve_find(s->tree, NULL, s->dir_path, true, &s->dir) < 0 ||
	    !node_is(s->dir, TAR_DIR))
		s->dir = NULL;
}

static void found(struct scan *s, const char *package, const char *base, size_t len)
{
	struct node *node = s->dir && len ? tree_child(s->tree, s->dir, base, len) : NULL;

	if (node)
		s->each(s->arg, package, node);
}

/* A path with or without its first slash. */
static void list_path(struct scan *s, const char *package, const char *path, size_t len)
{
	size_t base = len;

	while (base && path[base - 1] != '/')
		base--;
	if (len > PATH_ABS_MAX)
		return;
	enter(s, path, base ? base - 1 : 0);
	found(s, package, path + base, len - base);
}

static char *read_node(struct scan *s, const struct node *node, size_t *len)
{
	char *text;

	if (!node_is(node, TAR_FILE) ||
	    layer_read_file(s->image, node->inode, s->left, &text, len) < 0)
		return NULL;
	s->left -= *len;
	return text;
}

/* ---- dpkg --------------------------------------------------------------------------------- */

/* One file a package: where they lie, what they end with, where the path begins in a line. */
static const struct {
	const char *dir, *suffix;
	size_t skip;
} dpkg_lists[] = {
	{ "/var/lib/dpkg/info", ".list", 0 },
	{ "/var/lib/dpkg/status.d", ".md5sums", 34 }, /* 32 digits, 2 blanks */
};

static bool is_named(const char *package, const char *name)
{
	size_t len = strlen(name);

	return strncmp(package, name, len) == 0 && (!package[len] || package[len] == ':');
}

static void read_list(struct scan *s, const char *package, const struct node *list, size_t skip)
{
	cleanup_free char *text = NULL;
	const char *line, *end;
	size_t len;

	text = read_node(s, list, &len);
	if (!text)
		return;
	s->n_packages++;
	for (line = text, end = text + len; line < end;) {
		const char *next = memchr(line, '\n', (size_t)(end - line));
		size_t n;

		next = next ? next : end;
		n = (size_t)(next - line);
		if (n > skip && !memchr(line, '\0', n))
			list_path(s, package, line + skip, n - skip);
		line = next + 1;
	}
}

static void scan_dpkg(struct scan *s, const char *dir, const char *suffix, size_t skip)
{
	size_t n_suffix = strlen(suffix);
	struct node *node;

	if (resolve_find(s->tree, NULL, dir, true, &node) < 0)
		return;
	tree_for_each_child (c, node) {
		cleanup_free char *package = NULL;

		if (c->name_len <= n_suffix ||
		    strcmp(c->name + c->name_len - n_suffix, suffix) != 0)
			continue;
		package = xmemdup(c->name, c->name_len - n_suffix);
		if (s->name && !is_named(package, s->name))
			continue;
		package[strcspn(package, ":")] = '\0'; /* libc6:amd64 */
		read_list(s, package, c, skip);
	}
}

/* ---- apk ---------------------------------------------------------------------------------- */

static const char *const apk_databases[] = { "/lib/apk/db/installed",
					     "/usr/lib/apk/db/installed" };

/* "P:" names a package, "F:" a directory of it, "R:" a file in that. */
static void apk_line(struct scan *s, const char **package, const char *line, size_t len)
{
	const char *value = line + 2;

	if (len < 2 || line[1] != ':' || len - 2 > PATH_ABS_MAX)
		return;
	if (line[0] == 'P') {
		*package = !s->name || strcmp(value, s->name) == 0 ? value : NULL;
		s->n_packages += *package ? 1 : 0;
	} else if (*package && line[0] == 'F') {
		list_path(s, *package, value, len - 2);
		enter(s, value, len - 2);
	} else if (*package && line[0] == 'R') {
		found(s, *package, value, len - 2);
	}
}

static void scan_apk(struct scan *s, const char *path)
{
	cleanup_free char *text = NULL;
	const char *package = NULL;
	struct node *node;
	size_t len;

	if (resolve_find(s->tree, NULL, path, true, &node) < 0)
		return;
	text = read_node(s, node, &len);
	if (!text)
		return;
	for (char *line = text, *end = text + len; line < end;) {
		char *next = memchr(line, '\n', (size_t)(end - line));

		next = next ? next : end;
		*next = '\0';
		apk_line(s, &package, line, strlen(line));
		line = next + 1;
	}
}

size_t packages_each(struct image *image, struct tree *tree, const char *name,
		     void (*each)(void *arg, const char *package, struct node *node), void *arg)
{
	cleanup_free struct scan *s = xcalloc(1, sizeof(*s));
	struct node *first = NULL;

	s->image = image;
	s->tree = tree;
	s->name = name;
	s->each = each;
	s->arg = arg;
	s->left = DATABASES_MAX;
	s->dir = tree_root(tree);
	for (size_t i = 0; i < ARRAY_SIZE(dpkg_lists); i++)
		scan_dpkg(s, dpkg_lists[i].dir, dpkg_lists[i].suffix, dpkg_lists[i].skip);
	for (size_t i = 0; i < ARRAY_SIZE(apk_databases); i++) {
		struct node *node;

		/* Where /lib is a link both names lead to one file. */
		if (resolve_find(tree, NULL, apk_databases[i], true, &node) < 0 ||
		    node == first)
			continue;
		first = node;
		scan_apk(s, apk_databases[i]);
	}
	return s->n_packages;
}

/* ---- owners ------------------------------------------------------------------------------- */

static void note_owner(void *arg, const char *package, struct node *node)
{
	struct packages *p = arg;
	const char *last = p->n_names ? p->names[p->n_names - 1] : "";

	if (strcmp(last, package) != 0) {
		xgrow(&p->names, &p->cap, p->n_names, sizeof(*p->names));
		p->names[p->n_names++] = xstrdup(package);
	}
	if (!node->package && !node_is(node, TAR_DIR))
		node->package = (uint32_t)p->n_names;
}

void packages_read(struct packages *packages, struct image *image, struct tree *tree)
{
	*packages = (struct packages) { 0 };
	packages_each(image, tree, NULL, note_owner, packages);
}

void packages_fini(struct packages *packages)
{
	for (size_t i = 0; i < packages->n_names; i++)
		free(packages->names[i]);
	free(packages->names);
	*packages = (struct packages) { 0 };
}

const char *packages_name(const struct packages *packages, const struct node *node)
{
	return node->package ? packages->names[node->package - 1] : NULL;
}
