// SPDX-License-Identifier: Apache-2.0
/*
 * pkgpaths.c - from a package database's line to a node
 *
 * In: the image's own databases, which may say anything. Out: nodes. Never marks one.
 */
#include "pkgpaths.h"
#include "layer.h"
#include "resolve.h"

/* Of all databases together: many names may lead to one large file. */
#define DATABASES_MAX (256u << 20)
#define DIVERSIONS    "/var/lib/dpkg/diversions"

const struct pkgpaths_lists pkgpaths_dpkg[2] = {
	{ PKGPATHS_DPKG_INFO, ".list", 0 },
	{ PKGPATHS_STATUS_D, ".md5sums", PKGPATHS_MD5_SKIP },
};
const char *const pkgpaths_apk[2] = { "/lib/apk/db/installed", "/usr/lib/apk/db/installed" };

/* ---- texts -------------------------------------------------------------------------------- */

char *pkgpaths_text(struct pkgpaths *p, const struct node *node, size_t *len)
{
	char *text;

	if (!node_is(node, TAR_FILE) ||
	    layer_read_file(p->image, node->inode, p->left, &text, len) < 0)
		return NULL;
	p->left -= *len;
	return text;
}

char *pkgpaths_text_at(struct pkgpaths *p, const char *path, struct node **node, size_t *len)
{
	return resolve_find(p->tree, NULL, path, true, node) < 0 ? NULL
								 : pkgpaths_text(p, *node, len);
}

bool pkgpaths_line(const char **text, const char *end, struct span *line)
{
	const char *newline;

	if (*text >= end)
		return false;
	newline = memchr(*text, '\n', (size_t)(end - *text));
	*line = (struct span) { *text, (size_t)((newline ? newline : end) - *text) };
	*text += line->len + 1;
	return true;
}

bool pkgpaths_begins(struct span line, const char *with)
{
	return line.len >= strlen(with) && memcmp(line.data, with, strlen(with)) == 0;
}

bool pkgpaths_block(const char **at, const char *end, struct span *block)
{
	struct span line;

	while (*at < end && **at == '\n')
		++*at;
	*block = (struct span) { *at, 0 };
	while (pkgpaths_line(at, end, &line) && line.len)
		block->len = (size_t)(MIN(*at, end) - block->data);
	return block->len > 0;
}

struct span pkgpaths_field(struct span block, const char *name)
{
	const char *at = block.data, *end = block.data + block.len;
	struct span line;

	while (pkgpaths_line(&at, end, &line)) {
		if (!pkgpaths_begins(line, name))
			continue;
		line.data += strlen(name);
		line.len -= strlen(name);
		while (line.len && *line.data == ' ')
			line = (struct span) { line.data + 1, line.len - 1 };
		return line;
	}
	return (struct span) { "", 0 };
}

/* ---- diversions --------------------------------------------------------------------------- */

/* Three lines each: the path, where others' files are instead, the package that has the path. */
static void read_diversions(struct pkgpaths *p)
{
	struct span path, to, package;
	const char *at, *end;
	struct node *node;
	size_t len;

	p->diversions_text = pkgpaths_text_at(p, DIVERSIONS, &node, &len);
	if (!p->diversions_text)
		return;
	end = p->diversions_text + len;
	for (at = p->diversions_text; pkgpaths_line(&at, end, &path) &&
				      pkgpaths_line(&at, end, &to) &&
				      pkgpaths_line(&at, end, &package);) {
		bool fresh;
		int64_t n = pathset_add(p->diverted, path.data, path.len, &fresh);

		if (n < 0)
			abort();
		p->diversions_text[to.data + to.len - p->diversions_text] = '\0';
		p->diversions_text[package.data + package.len - p->diversions_text] = '\0';
		xgrow(&p->diversions, &p->diversions_cap, (size_t)n, sizeof(*p->diversions));
		p->diversions[n] = (struct pkgpaths_diversion) { to.data, package.data };
	}
}

/* Where the package's file really is. */
static struct span undivert(const struct pkgpaths *p, const char *package, struct span path)
{
	const struct pkgpaths_diversion *d;
	int64_t n = pathset_find(p->diverted, path.data, path.len);
	size_t len = strcspn(package, ":");

	if (n < 0)
		return path;
	d = &p->diversions[n];
	if (strncmp(d->package, package, len) == 0 && !d->package[len])
		return path;
	return (struct span) { d->to, strlen(d->to) };
}

struct pkgpaths *pkgpaths_new(struct image *image, struct tree *tree)
{
	struct pkgpaths *p = xcalloc(1, sizeof(*p));

	p->image = image;
	p->tree = tree;
	p->left = DATABASES_MAX;
	p->dir = tree_root(tree);
	p->diverted = pathset_new();
	if (!p->diverted)
		abort();
	read_diversions(p);
	return p;
}

void pkgpaths_free(struct pkgpaths *p)
{
	pathset_free(p->diverted);
	free(p->diversions);
	free(p->diversions_text);
	free(p);
}

/* ---- nodes -------------------------------------------------------------------------------- */

/* Whether dir is the directory that was found last. */
static bool is_last(const struct pkgpaths *p, const char *dir, size_t len)
{
	const struct node *last = p->last;
	size_t above = p->dir_len;

	return last && node_is(last, TAR_DIR) && len == above + 1 + last->name_len &&
	       memcmp(dir, p->dir_path, above) == 0 && dir[above] == '/' &&
	       memcmp(dir + above + 1, last->name, last->name_len) == 0;
}

void pkgpaths_enter(struct pkgpaths *p, const char *dir, size_t len)
{
	struct node *below;

	if (len > PATH_ABS_MAX || memchr(dir, '\0', len)) {
		p->dir_len = SIZE_MAX; /* of no path */
		p->dir = p->last = NULL;
		return;
	}
	if (len == p->dir_len && memcmp(p->dir_path, dir, len) == 0)
		return;
	below = is_last(p, dir, len) ? p->last : NULL;
	memcpy(p->dir_path, dir, len);
	p->dir_path[len] = '\0';
	p->dir_len = len;
	p->last = NULL;
	if (below)
		p->dir = below;
	else if (resolve_find(p->tree, NULL, p->dir_path, true, &p->dir) < 0 ||
		 !node_is(p->dir, TAR_DIR))
		p->dir = NULL;
}

struct node *pkgpaths_in_dir(struct pkgpaths *p, const char *base, size_t len)
{
	struct node *next;

	if (!p->dir || !len)
		return NULL;
	if (len == 1 && *base == '.')
		return p->dir; /* dpkg's "/." */
	/* Sorted, as the tree is: mostly the one behind the last, which costs no look-up. */
	next = p->last ? p->last->next : p->dir->child;
	if (next && next->name_len == len && memcmp(next->name, base, len) == 0)
		p->last = next;
	else
		p->last = tree_child(p->tree, p->dir, base, len);
	return p->last;
}

struct node *pkgpaths_find(struct pkgpaths *p, const char *package, const char *path,
			   size_t len)
{
	struct span at = undivert(p, package, (struct span) { path, len });
	size_t base = at.len;

	while (base && at.data[base - 1] != '/')
		base--;
	pkgpaths_enter(p, at.data, base ? base - 1 : 0);
	return pkgpaths_in_dir(p, at.data + base, at.len - base);
}
