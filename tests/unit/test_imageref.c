// SPDX-License-Identifier: Apache-2.0
/* test_imageref.c - what a person writes for an image */
#include "imageref.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>

static void assert_text_or_null(const char *a, const char *b)
{
	if (a && b)
		assert_string_equal(a, b);
	else
		assert_true(a == b);
}

static void parses(void **state UNUSED)
{
	static const struct {
		const char *text;
		enum image_form form;
		const char *path, *ref;
	} cases[] = {
		{ "redis", IMAGE_ENGINE, NULL, "redis" },
		{ "redis:7.0_x-1", IMAGE_ENGINE, NULL, "redis:7.0_x-1" },
		{ "localhost:5000/a/b__c--d.e:t", IMAGE_ENGINE, NULL,
		  "localhost:5000/a/b__c--d.e:t" },
		{ "8d2d2a7438d4", IMAGE_ENGINE, NULL, "8d2d2a7438d4" },
		{ "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		  IMAGE_ENGINE, NULL,
		  "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "a@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		  IMAGE_ENGINE, NULL,
		  "a@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "oci:dir", IMAGE_OCI, "dir", NULL },
		{ "oci:/d/e:", IMAGE_OCI, "/d/e", NULL },
		{ "oci-archive:f.tar:x", IMAGE_OCI_ARCHIVE, "f.tar", "x" },
		{ "docker-archive:f.tar:name:tag", IMAGE_DOCKER_ARCHIVE, "f.tar", "name:tag" },
		{ "docker-archive:f.tar:@1", IMAGE_DOCKER_ARCHIVE, "f.tar", "@1" },
		{ "-", IMAGE_STDIO, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct image_ref ref = { 0 };

		assert_int_equal(image_ref_parse(cases[i].text, &ref), 0);
		assert_int_equal(ref.form, cases[i].form);
		assert_string_equal(ref.text, cases[i].text);
		assert_text_or_null(ref.path, cases[i].path);
		assert_text_or_null(ref.ref, cases[i].ref);
		image_ref_fini(&ref);
	}
}

static void refuses(void **state UNUSED)
{
	static const char *const bad[] = {
		"",
		"-x",
		"--help",
		"-rf:tag",
		"Redis",
		"a b",
		"a/",
		"/a",
		"a//b",
		"a:",
		"a:-b",
		"a:b c",
		"a..b",
		"a_.b",
		"a___b",
		"-a/b",
		"a@sha256:xyz",
		"a@sha256:ba78",
		"a;b",
		"a\nb",
		"oci:",
		"oci::x",
		"docker-archive:",
		"oci-archive::r",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct image_ref ref = { 0 };

		assert_int_equal(image_ref_parse(bad[i], &ref), -EINVAL);
		assert_null(ref.text);
	}
}

static void names(void **state UNUSED)
{
	static const struct {
		const char *name, *domain, *full, *tag, *shorter;
	} cases[] = {
		{ "redis", "docker.io", "docker.io/library/redis:latest", "latest",
		  "redis:latest" },
		{ "redis:7", "docker.io", "docker.io/library/redis:7", "7", "redis:7" },
		{ "me/redis:7", "docker.io", "docker.io/me/redis:7", "7", "me/redis:7" },
		{ "redis:7", "localhost", "localhost/redis:7", "7", "localhost/redis:7" },
		{ "me/redis", "localhost", "localhost/me/redis:latest", "latest",
		  "localhost/me/redis:latest" },
		{ "localhost/redis:7", "docker.io", "localhost/redis:7", "7",
		  "localhost/redis:7" },
		{ "host:5000/a", "docker.io", "host:5000/a:latest", "latest",
		  "host:5000/a:latest" },
		{ "quay.io/a/b:c", "localhost", "quay.io/a/b:c", "c", "quay.io/a/b:c" },
		{ "docker.io/redis", "localhost", "docker.io/library/redis:latest", "latest",
		  "redis:latest" },
		{ "index.docker.io/library/redis:1", "docker.io", "docker.io/library/redis:1",
		  "1", "redis:1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *full = image_name_full(cases[i].name, cases[i].domain);
		char *shorter = image_name_short(full);

		assert_string_equal(full, cases[i].full);
		assert_string_equal(image_name_tag(cases[i].name), cases[i].tag);
		assert_string_equal(shorter, cases[i].shorter);
		free(full);
		free(shorter);
	}
	assert_true(image_name_same("redis", "docker.io/library/redis:latest"));
	assert_true(image_name_same("redis:1", "localhost/redis:1"));
	assert_false(image_name_same("redis:1", "redis:2"));
	assert_false(image_name_same("quay.io/redis:1", "redis:1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
