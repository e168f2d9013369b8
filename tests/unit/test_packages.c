// SPDX-License-Identifier: Apache-2.0
/* test_packages.c - who owns a file, from databases that are cut and from ones that are not */
#include "fixture.h"
#include "image_parts.h"
#include "layer.h"
#include "packages.h"

/* Directory links, a diversion, two architectures, files that are not there, a file of two. */
#define DPKG "var/lib/dpkg/"
static const char *const files[] = {
	"l bin usr/bin",
	"l lib usr/lib",
	"d usr",
	"d usr/bin",
	"f usr/bin/tool x",
	"f usr/bin/tool.old x",
	"d usr/lib",
	"f usr/lib/libtool.so x",
	"f usr/lib/alone x",
	"d usr/lib/tool",
	"f usr/lib/tool/data x",
	"f usr/lib/less x",
	"f usr/lib/small x",
	"f " DPKG "status Package: tool\n\nPackage: libtool\nArchitecture: amd64\n\n",
	"f " DPKG "diversions /bin/tool\n/usr/bin/tool.old\nlibtool\n",
	"f " DPKG "info/tool.list /.\n/bin\n/bin/tool\n/usr\n/usr/share\n/usr/share/doc\n"
	"/usr/share/doc/tool\n/usr/share/doc/tool/copyright\n/usr/lib\n/usr/lib/tool\n"
	"/usr/lib/tool/data\n/lib/small\n",
	"f " DPKG "info/tool.md5sums 00000000000000000000000000000000  usr/lib/tool/data\n",
	"f " DPKG "info/libtool:amd64.list /.\n/lib\n/lib/libtool.so\n/usr/lib/tool/data\n",
	"f " DPKG "status.d/less Package: less\n",
	"f " DPKG "status.d/less.md5sums 00000000000000000000000000000000  usr/lib/less\n",
	"f usr/lib/apk/db/installed P:dirs\nV:1\nF:lib\nF:usr\n\nP:small\nV:1\nF:usr/lib\nR:small\n"
	"R:gone\nR:alone\n\n",
	NULL,
};

static struct tree *read_tree(struct image *image)
{
	struct tree *tree = tree_new();

	assert_int_equal(layer_read_all(image, tree), 0);
	tree_freeze(tree);
	return tree;
}

static void assert_owner(const struct packages *p, const struct tree *tree, const char *path,
			 const char *owner)
{
	const char *found = packages_name(p, tree_find(tree, path));

	if (owner)
		assert_string_equal(found ? found : "nobody", owner);
	else
		assert_null(found);
}

static void owners(void **state UNUSED)
{
	struct image *image = image_of("p.tar", files, image_host_arch());
	struct tree *cut = read_tree(image), *whole = read_tree(image);
	struct packages noted = { 0 }, read;
	const struct node *a = tree_root(cut), *b = tree_root(whole);

	tree_mark(tree_find(cut, "usr/lib/small"), KEEP_RULE, NULL);
	packages_cut(image, cut, NULL, &noted);
	packages_read(&read, image, whole);
	assert_int_equal(noted.n_names, read.n_names);
	for (size_t i = 0; i < read.n_names; i++)
		assert_string_equal(noted.names[i], read.names[i]);
	for (; a && b; a = tree_next(a), b = tree_next(b))
		assert_int_equal(a->package, b->package);
	assert_true(!a && !b);
	assert_owner(&noted, cut, "usr/bin/tool", NULL);
	assert_owner(&noted, cut, "usr/bin/tool.old", "tool");
	assert_owner(&noted, cut, "usr/lib/libtool.so", "libtool");
	assert_owner(&noted, cut, "usr/lib/tool/data", "libtool");
	assert_owner(&noted, cut, "usr/lib/less", "less");
	assert_owner(&noted, cut, "usr/lib/small", "tool");
	assert_owner(&noted, cut, "usr/lib/alone", "small");
	assert_owner(&noted, cut, "lib", "libtool");
	packages_fini(&noted);
	packages_fini(&read);
	tree_free(cut);
	tree_free(whole);
	image_free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners),
	};

	return cmocka_run_group_tests(tests, box_setup, box_cleanup);
}
