// SPDX-License-Identifier: Apache-2.0
/* test_path.c - joining, stepping, escaping; the set of paths */
#include "path.h"
#include "pathset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void joins(void **state UNUSED)
{
	static const struct {
		const char *base, *raw, *want;
	} cases[] = {
		{ "/", "a", "/a" },
		{ "/a", "b", "/a/b" },
		{ "/a/", "./b//c/.", "/a/b/c" },
		{ "/a", ".b/..c/.", "/a/.b/..c" },
		{ "/a", "./", "/a" },
		{ "/a", "//.//b/./", "/b" },
		{ "/a", "/b", "/b" },
		{ "/a", "", "/a" },
		{ "/", "/", "/" },
		{ "/a", "../b", "/a/../b" }, /* never folded as text */
		{ "/x", "a\nb\xff", "/x/a\nb\xff" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char out[64];
		int n = path_join(out, sizeof(out), cases[i].base, cases[i].raw);

		assert_string_equal(out, cases[i].want);
		assert_int_equal(n, strlen(cases[i].want));
	}
}

static void join_refuses(void **state UNUSED)
{
	char out[8];

	assert_int_equal(path_join(out, sizeof(out), "rel", "a"), -EINVAL);
	assert_int_equal(path_join(out, sizeof(out), "/1234", "567"), -ENAMETOOLONG);
	assert_int_equal(path_join(out, sizeof(out), "/123", "567"), -ENAMETOOLONG);
	assert_int_equal(path_join(out, sizeof(out), "/12", "456"), 7);
}

static void below(void **state UNUSED)
{
	assert_true(path_below("/a/b", "/a"));
	assert_true(path_below("/a", "/a"));
	assert_true(path_below("/a", "/"));
	assert_false(path_below("/ab", "/a"));
	assert_false(path_below("/a", "/a/b"));
	assert_true(path_has_dotdot("/a/.."));
	assert_true(path_has_dotdot("/../a"));
	assert_false(path_has_dotdot("/a/..b/...c"));
}

static void escapes(void **state UNUSED)
{
	char out[64];

	path_escape(out, sizeof(out), "a\n\\\x7f\xc3\xa9", 6);
	assert_string_equal(out, "a\\x0a\\x5c\\x7f\xc3\xa9");
	assert_int_equal(path_unescape(out), 0);
	assert_string_equal(out, "a\n\\\x7f\xc3\xa9");
	strcpy(out, "a\\x0");
	assert_int_equal(path_unescape(out), -EINVAL);
	strcpy(out, "a\\x00");
	assert_int_equal(path_unescape(out), -EINVAL);
}

static void set_numbers_paths(void **state UNUSED)
{
	struct pathset *set = pathset_new();
	char text[32];
	bool fresh;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5000; i++) {
			int len = snprintf(text, sizeof(text), "/dir%d/file%d", i % 7, i);

			assert_int_equal(pathset_add(set, text, (size_t)len, &fresh), i);
			assert_int_equal(fresh, round == 0);
		}
	}
	assert_int_equal(pathset_count(set), 5000);
	assert_int_equal(pathset_find(set, "/dir1/file1", 11), 1);
	assert_int_equal(pathset_find(set, "/dir1/file1x", 12), -ENOENT);
	assert_string_equal(pathset_get(set, 4999, NULL), "/dir1/file4999");
	pathset_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins),
		cmocka_unit_test(join_refuses),
		cmocka_unit_test(below),
		cmocka_unit_test(escapes),
		cmocka_unit_test(set_numbers_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
