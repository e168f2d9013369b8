// SPDX-License-Identifier: Apache-2.0
/* test_digest.c - SHA-256 in the image specifications' form */
#include "digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define EMPTY "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC   "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void known_values(void **state UNUSED)
{
	struct digest_text out;
	struct digest d;

	digest_of("", 0, &out);
	assert_string_equal(out.text, EMPTY);
	digest_init(&d);
	digest_update(&d, "a", 1);
	digest_update(&d, "bc", 2);
	digest_final(&d, &out);
	assert_string_equal(out.text, ABC);
	assert_string_equal(digest_hex(out.text), &ABC[7]);
}

static void grammar(void **state UNUSED)
{
	static const char *const bad[] = {
		"",
		"sha256:",
		"sha256:../../x",
		"sha512:ba78",
		ABC "0",
		"sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a/",
		"Sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	};

	assert_true(digest_valid(ABC));
	assert_false(digest_valid(NULL));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(digest_valid(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(grammar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
