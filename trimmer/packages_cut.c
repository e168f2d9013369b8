// SPDX-License-Identifier: Apache-2.0
/*
 * packages_cut.c - package databases that say what is left
 *
 * In: the marked tree. Out: databases with new content, marked; of a package of which nothing
 * but directories is left, no word. Stanzas of dpkg get the names of licences, whose text is
 * seldom left. What is left of a part:
 *
 *	dpkg	a field "Imagetrim: partial (12 of 80 files)" in its stanza, shorter lists
 *	apk	the flag f (files broken), which apk writes itself, since it refuses fields it does
 *		not know; "(imagetrim: partial, 12 of 80 files)" behind the description
 *
 * A file counts as the package's if the database lists it, be it in the image or not. A second
 * trim counts from the number that the first one wrote.
 */
#include "packages_cut.h"
#include "resolve.h"

bool cut_is_kept(const struct cut *c, const struct node *database, const struct node *node)
{
	return node->reason || (c->keeper && c->keeper->keeps(c->keeper->arg, database, node));
}

FILE *cut_open(char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);

	if (!out)
		abort();
	return out;
}

void cut_put_line(FILE *out, struct span line)
{
	fwrite(line.data, 1, line.len, out);
	putc('\n', out);
}

void cut_put_lines(FILE *out, struct span text)
{
	const char *at = text.data, *end = text.data + text.len;
	struct span line;

	while (pkgpaths_line(&at, end, &line))
		cut_put_line(out, line);
}

void cut_replace(struct cut *c, struct node *node, const struct span *old, FILE *out,
		 char **text, const size_t *len)
{
	if (fclose(out) != 0)
		abort();
	tree_mark(node, KEEP_PACKAGES, NULL);
	if (*len != old->len || memcmp(*text, old->data, old->len) != 0)
		tree_replace(c->tree, node->inode, *text, *len);
}

size_t cut_earlier_total(struct span text)
{
	cleanup_free char *line = xmemdup(text.data, text.len);
	const char *of = strstr(line, " of ");

	return of ? strtoul(of + 4, NULL, 10) : 0;
}

void packages_cut(struct image *image, struct tree *tree, const struct packages_keeper *keeper,
		  struct packages *owners)
{
	struct cut c = { .image = image, .tree = tree, .keeper = keeper, .owners = owners };
	struct node *node, *first = NULL;
	c.paths = pkgpaths_new(image, tree);
	cut_dpkg(&c);
	for (size_t i = 0; i < ARRAY_SIZE(pkgpaths_apk); i++) {
		if (resolve_find(tree, NULL, pkgpaths_apk[i], true, &node) < 0 ||
		    node == first || !node_is(node, TAR_FILE))
			continue;
		first = node;
		if (resolve_mark(tree, NULL, pkgpaths_apk[i], true, KEEP_PACKAGES, NULL,
				 NULL) == 0)
			cut_apk(&c, node);
	}
	pkgpaths_free(c.paths);
	pathset_free(c.lists);
	free(c.tallies);
}
