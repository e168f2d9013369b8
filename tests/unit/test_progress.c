// SPDX-License-Identifier: Apache-2.0
/*
 * test_progress.c - sizes as people read them, and silence off a terminal
 */
#include "diag.h"
#include "progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void test_size(void **state UNUSED)
{
	static const struct {
		uint64_t bytes;
		const char *want;
	} cases[] = {
		{ 0, "0 B" },
		{ 999, "999 B" },
		{ 1000, "1.00 kB" },
		{ 1005, "1.00 kB" },
		{ 9994, "9.99 kB" },
		{ 9995, "10.0 kB" },
		{ 11800000, "11.8 MB" },
		{ 99949999, "99.9 MB" },
		{ 99950000, "100 MB" },
		{ 999499999, "999 MB" },
		{ 999500000, "1.00 GB" },
		{ 183723520, "184 MB" },
		{ UINT64_MAX, "18.4 EB" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char out[16];

		progress_size(cases[i].bytes, out);
		assert_string_equal(out, cases[i].want);
	}
}

static void test_counts(void **state UNUSED)
{
	struct progress p;

	progress_begin(&p, "x", 10);
	progress_add(&p, 4);
	progress_add(&p, 6);
	assert_int_equal(p.done, 10);
	progress_end(&p);
	assert_false(p.on);
}

static void test_quiet(void **state UNUSED)
{
	struct progress p;

	diag_set_level(DIAG_WARNING);
	progress_begin(&p, "x", 10);
	assert_false(p.on);
	progress_end(&p);
	diag_set_level(DIAG_NOTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
