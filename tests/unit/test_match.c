// SPDX-License-Identifier: Apache-2.0
/* test_match.c - globs over a small tree: links on the way, "*" and "**", what is marked */
#include "match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void put(struct tree *tree, const char *path, enum tar_type type, const char *link)
{
	struct node *node = tree_put(tree, path, 0, type == TAR_DIR);

	node->inode->type = (uint8_t)type;
	if (link)
		node->inode->link = tree_text(tree, link, strlen(link));
}

static int make(void **state)
{
	struct tree *tree = tree_new();

	put(tree, "bin", TAR_SYMLINK, "usr/bin");
	put(tree, "usr/bin/sh", TAR_SYMLINK, "dash");
	put(tree, "usr/bin/dash", TAR_FILE, NULL);
	put(tree, "usr/share/a.conf", TAR_FILE, NULL);
	put(tree, "usr/share/deep/b.conf", TAR_FILE, NULL);
	put(tree, "usr/share/deep/c", TAR_FILE, NULL);
	put(tree, "usr/share/empty", TAR_DIR, NULL);
	put(tree, "usr-local/x", TAR_FILE, NULL);
	put(tree, "odd[1]*/y", TAR_FILE, NULL);
	put(tree, "odd1/y", TAR_FILE, NULL);
	put(tree, "lodd", TAR_SYMLINK, "odd[1]*");
	put(tree, "loop", TAR_SYMLINK, "loop");
	tree_freeze(tree);
	*state = tree;
	return 0;
}

static int unmake(void **state)
{
	tree_free(*state);
	return 0;
}

static char found[1024];

static void note(void *arg UNUSED, struct node *node, bool below)
{
	char path[256];
	size_t n = strlen(found);

	tree_path(node, path, sizeof(path));
	snprintf(found + n, sizeof(found) - n, "%s%s%s", n ? " " : "", below ? "+" : "", path);
}

static void finds(struct tree *tree, const char *glob, const char *want)
{
	size_t n, n_want = 0;

	found[0] = '\0';
	n = match_each(tree, glob, false, note, NULL);
	assert_string_equal(found, want);
	for (const char *p = want; *p; p++)
		n_want += *p == '/' && (p == want || p[-1] == ' ');
	assert_int_equal(n, n_want);
}

static void fixed_names(void **state)
{
	struct tree *tree = *state;

	finds(tree, "/usr/bin/dash", "/usr/bin/dash");
	finds(tree, "usr/bin/dash", "/usr/bin/dash");
	finds(tree, "//usr//bin/./dash/", "/usr/bin/dash");
	finds(tree, "/usr/share/deep",
	      "/usr/share/deep +/usr/share/deep/b.conf +/usr/share/deep/c");
	finds(tree, "/usr/share/none", "");
	finds(tree, "/none/none", "");
	finds(tree, "/loop/x", "");
	finds(tree, "/usr/bin/dash/x", "");
	finds(tree, "",
	      "/ +/bin +/lodd +/loop +/odd1 +/odd1/y +/odd[1]* +/odd[1]*/y +/usr "
	      "+/usr/bin +/usr/bin/dash +/usr/bin/sh +/usr/share +/usr/share/a.conf "
	      "+/usr/share/deep +/usr/share/deep/b.conf +/usr/share/deep/c "
	      "+/usr/share/empty +/usr-local +/usr-local/x");
}

static void stars(void **state)
{
	struct tree *tree = *state;

	finds(tree, "/usr/share/*.conf", "/usr/share/a.conf");
	finds(tree, "/usr/share/**.conf", "/usr/share/a.conf /usr/share/deep/b.conf");
	finds(tree, "**/b.conf", "/usr/share/deep/b.conf");
	finds(tree, "/u*/b*", "/usr/bin +/usr/bin/dash +/usr/bin/sh");
	finds(tree, "/usr/share/e*", "/usr/share/empty");
	finds(tree, "/odd[1]/y", "/odd1/y");
	finds(tree, "/odd\\[1]\\*/y", "/odd[1]*/y");
	finds(tree, "/usr*",
	      "/usr +/usr/bin +/usr/bin/dash +/usr/bin/sh +/usr/share "
	      "+/usr/share/a.conf +/usr/share/deep +/usr/share/deep/b.conf "
	      "+/usr/share/deep/c +/usr/share/empty /usr-local +/usr-local/x");
}

static void links_on_the_way(void **state)
{
	struct tree *tree = *state;

	finds(tree, "/bin/dash", "/usr/bin/dash");
	finds(tree, "/bin/sh", "/usr/bin/sh"); /* the last one is not followed */
	finds(tree, "/bin", "/bin");
	finds(tree, "/bin/*", "/usr/bin/dash /usr/bin/sh");
	finds(tree, "/lodd/*", "/odd[1]*/y"); /* what it leads to is no glob */
	finds(tree, "/bin/../share/a*", "/usr/share/a.conf");
}

static void marks_only_the_links(void **state)
{
	struct tree *tree = *state;

	match_each(tree, "/bin/none*", true, note, NULL);
	assert_int_equal(tree_find(tree, "bin")->reason, KEEP_NO);
	match_each(tree, "/bin/d*", true, note, NULL);
	assert_int_equal(tree_find(tree, "bin")->reason, KEEP_LINK);
	assert_int_equal(tree_find(tree, "usr/bin")->reason, KEEP_PARENT);
	assert_int_equal(tree_find(tree, "usr/bin/dash")->reason, KEEP_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(fixed_names, make, unmake),
		cmocka_unit_test_setup_teardown(stars, make, unmake),
		cmocka_unit_test_setup_teardown(links_on_the_way, make, unmake),
		cmocka_unit_test_setup_teardown(marks_only_the_links, make, unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
