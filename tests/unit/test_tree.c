// SPDX-License-Identifier: Apache-2.0
/* test_tree.c - merging names, whiteouts, hard links; walking paths with links; marks */
#include "resolve.h"
#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void put(struct tree *tree, const char *path, uint32_t layer, enum tar_type type,
		const char *link)
{
	struct node *node = tree_put(tree, path, layer, type == TAR_DIR);

	node->inode->type = (uint8_t)type;
	node->inode->layer = layer;
	if (link)
		node->inode->link = tree_text(tree, link, strlen(link));
}

/* "a a/b c": all paths in order; with marked only those that are kept. */
static const char *list(const struct tree *tree, bool marked)
{
	static char out[4096];
	char path[512];
	size_t n = 0;

	out[0] = '\0';
	for (const struct node *node = tree_next(tree_root(tree)); node;
	     node = tree_next(node)) {
		if (marked && !node->reason)
			continue;
		tree_path(node, path, sizeof(path));
		n += (size_t)sprintf(out + n, "%s%s", n ? " " : "", path);
	}
	return out;
}

static void order_is_bytewise(void **state UNUSED)
{
	struct tree *tree = tree_new();

	put(tree, "b", 0, TAR_FILE, NULL);
	put(tree, "a/z", 0, TAR_FILE, NULL);
	put(tree, "a/B", 0, TAR_FILE, NULL);
	put(tree, "a/a/x", 0, TAR_FILE, NULL);
	tree_freeze(tree);
	assert_string_equal(list(tree, false), "/a /a/B /a/a /a/a/x /a/z /b");
	assert_int_equal(tree_find(tree, "a/a")->inode->layer, LAYER_NONE);
	tree_free(tree);
}

static void upper_layers_replace(void **state UNUSED)
{
	struct tree *tree = tree_new();

	put(tree, "d/x", 0, TAR_FILE, NULL);
	put(tree, "d", 1, TAR_DIR, NULL); /* directory over directory: merged */
	put(tree, "l", 0, TAR_SYMLINK, "d");
	put(tree, "l/y", 1, TAR_FILE, NULL); /* through a link: the link is replaced */
	put(tree, "e/f", 0, TAR_FILE, NULL);
	put(tree, "e", 1, TAR_FILE, NULL); /* file over directory: all below is hidden */
	tree_freeze(tree);
	assert_string_equal(list(tree, false), "/d /d/x /e /l /l/y");
	assert_int_equal(tree_find(tree, "d")->inode->layer, 1);
	assert_true(node_is(tree_find(tree, "l"), TAR_DIR));
	tree_free(tree);
}

/* What is below the directory put last begins there; not when that is gone or another. */
static void paths_after_their_directory(void **state UNUSED)
{
	struct tree *tree = tree_new();

	put(tree, "a/b", 0, TAR_DIR, NULL);
	put(tree, "a/b/c", 0, TAR_FILE, NULL);
	put(tree, "a/bc", 0, TAR_FILE, NULL);
	put(tree, "a//b/./d", 0, TAR_FILE, NULL);
	tree_freeze(tree);
	assert_string_equal(list(tree, false), "/a /a/b /a/b/c /a/b/d /a/bc");
	tree_free(tree);
	tree = tree_new();
	put(tree, "a/b", 0, TAR_DIR, NULL);
	put(tree, "a", 0, TAR_FILE, NULL);
	put(tree, "a/b/c", 0, TAR_FILE, NULL);
	put(tree, "d//e/.", 0, TAR_DIR, NULL);
	put(tree, "d//e/./f", 0, TAR_FILE, NULL);
	put(tree, "g", 0, TAR_DIR, NULL);
	put(tree, "g", 0, TAR_SYMLINK, "d");
	put(tree, "g/x", 0, TAR_FILE, NULL);
	tree_freeze(tree);
	assert_string_equal(list(tree, false), "/a /a/b /a/b/c /d /d/e /d/e/f /g /g/x");
	assert_true(node_is(tree_find(tree, "a"), TAR_DIR));
	assert_true(node_is(tree_find(tree, "g"), TAR_DIR));
	tree_free(tree);
}

static void whiteouts_spare_their_layer(void **state UNUSED)
{
	struct tree *tree = tree_new();

	put(tree, "d/low", 0, TAR_FILE, NULL);
	put(tree, "d/sub/low", 0, TAR_FILE, NULL);
	put(tree, "d/new", 1, TAR_FILE, NULL);
	put(tree, "d/sub/new", 1, TAR_FILE, NULL);
	tree_clear(tree, tree_find(tree, "d"), 1);
	put(tree, "w", 0, TAR_FILE, NULL);
	tree_remove(tree, tree_find(tree, "w"), 1);
	assert_null(tree_find(tree, "w"));
	put(tree, "w", 1, TAR_SYMLINK, "d");	    /* made anew after its whiteout */
	tree_remove(tree, tree_find(tree, "w"), 1); /* same layer: the file wins */
	tree_freeze(tree);
	assert_string_equal(list(tree, false), "/d /d/new /d/sub /d/sub/new /w");
	/* d/sub itself was hidden: what stands there now is a directory made for d/sub/new. */
	assert_int_equal(tree_find(tree, "d/sub")->inode->layer, LAYER_NONE);
	tree_free(tree);
}

static void names_share_an_inode(void **state UNUSED)
{
	struct tree *tree = tree_new();
	struct node *a, *b;

	put(tree, "a", 0, TAR_FILE, NULL);
	a = tree_find(tree, "a");
	b = tree_put(tree, "b", 0, false);
	tree_link(tree, b, a->inode);
	assert_int_equal(a->inode->n_names, 2);
	put(tree, "a", 1, TAR_FILE, NULL); /* a copy-up parts them */
	assert_ptr_not_equal(a->inode, b->inode);
	assert_int_equal(b->inode->n_names, 1);
	tree_free(tree);
}

static struct tree *merged_usr(void)
{
	struct tree *tree = tree_new();

	put(tree, "lib", 0, TAR_SYMLINK, "usr/lib");
	put(tree, "lib64", 0, TAR_SYMLINK, "/usr/lib64");
	put(tree, "usr/lib64/ld.so", 0, TAR_SYMLINK, "/lib/x86/ld.so");
	put(tree, "usr/lib/x86/ld.so", 0, TAR_FILE, NULL);
	put(tree, "usr/lib/other", 0, TAR_FILE, NULL);
	put(tree, "loop", 0, TAR_SYMLINK, "loop2");
	put(tree, "loop2", 0, TAR_SYMLINK, "./loop");
	put(tree, "out", 0, TAR_SYMLINK, "../../../usr");
	put(tree, "dangling", 0, TAR_SYMLINK, "usr/lib/none");
	tree_freeze(tree);
	return tree;
}

/* The seed's redis could not start for want of this (formats.md, the issue). */
static void loader_through_three_links(void **state UNUSED)
{
	struct tree *tree = merged_usr();
	struct node *end;

	assert_int_equal(resolve_mark(tree, NULL, "/lib64/ld.so", true, KEEP_LOG, NULL, &end),
			 0);
	assert_string_equal(end->name, "ld.so");
	assert_int_equal(end->reason, KEEP_LOG);
	assert_int_equal(tree_find(tree, "lib")->reason, KEEP_LINK);
	assert_string_equal(list(tree, true), "/lib /lib64 /usr /usr/lib /usr/lib/x86 "
					      "/usr/lib/x86/ld.so /usr/lib64 /usr/lib64/ld.so");
	tree_free(tree);
}

static void nofollow_keeps_the_link_alone(void **state UNUSED)
{
	struct tree *tree = merged_usr();

	assert_int_equal(resolve_mark(tree, NULL, "/lib", false, KEEP_LOG, NULL, NULL), 0);
	assert_string_equal(list(tree, true), "/lib");
	/* A slash behind it follows all the same. */
	assert_int_equal(resolve_mark(tree, NULL, "/lib/", false, KEEP_LOG, NULL, NULL), 0);
	assert_string_equal(list(tree, true), "/lib /usr /usr/lib");
	tree_free(tree);
}

static void dots_walk_the_tree(void **state UNUSED)
{
	struct tree *tree = merged_usr();
	struct node *end;

	/* lib is a link: lib/.. is /usr, not /. */
	assert_int_equal(resolve_find(tree, NULL, "/lib/../lib64/ld.so", true, &end), 0);
	assert_int_equal(resolve_find(tree, NULL, "/lib/../lib", true, &end), 0);
	assert_ptr_equal(end, tree_find(tree, "usr/lib"));
	assert_int_equal(resolve_find(tree, NULL, "/../../out/lib", true, &end), 0);
	assert_ptr_equal(end, tree_find(tree, "usr/lib"));
	assert_int_equal(resolve_find(tree, tree_find(tree, "usr"), "lib/./other", true, &end),
			 0);
	tree_free(tree);
}

static void walks_that_fail(void **state UNUSED)
{
	struct tree *tree = merged_usr();
	struct node *end = NULL;

	assert_int_equal(resolve_find(tree, NULL, "/loop", true, &end), -ELOOP);
	assert_int_equal(resolve_find(tree, NULL, "/loop", false, &end), 0);
	assert_int_equal(resolve_find(tree, NULL, "/usr/lib/other/x", true, &end), -ENOTDIR);
	assert_int_equal(resolve_find(tree, NULL, "/none/x", true, &end), -ENOENT);
	assert_string_equal(list(tree, true), "");
	/* The way to a file made at run time is kept: the program needs the directory. */
	assert_int_equal(resolve_mark(tree, NULL, "/dangling", true, KEEP_LOG, NULL, &end),
			 -ENOENT);
	assert_string_equal(list(tree, true), "/dangling /usr /usr/lib");
	tree_free(tree);
}

static void excluded_is_never_marked(void **state UNUSED)
{
	struct tree *tree = merged_usr();
	struct node *node = tree_find(tree, "usr/lib/other");

	node->excluded = true;
	assert_false(tree_mark(node, KEEP_LOG, NULL));
	assert_string_equal(list(tree, true), "");
	tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_bytewise),
		cmocka_unit_test(upper_layers_replace),
		cmocka_unit_test(paths_after_their_directory),
		cmocka_unit_test(whiteouts_spare_their_layer),
		cmocka_unit_test(names_share_an_inode),
		cmocka_unit_test(loader_through_three_links),
		cmocka_unit_test(nofollow_keeps_the_link_alone),
		cmocka_unit_test(dots_walk_the_tree),
		cmocka_unit_test(walks_that_fail),
		cmocka_unit_test(excluded_is_never_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
