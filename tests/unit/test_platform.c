// SPDX-License-Identifier: Apache-2.0
/* test_platform.c - --platform: its text, and which image of an index it means */
#include "fixture.h"
#include "image_parts.h"

static char *index_path;

struct kind {
	const char *arch, *variant;
};

static const struct kind kinds[] = {
	{ "amd64", NULL }, { "arm64", NULL }, { "arm", "v6" },
	{ "arm", "v7" },   { "mips", NULL },
};

/* A layout with an image for each kind; the last one's platform stands in its config only. */
static int make_layout(void **state)
{
	struct bytes layer;
	struct box box;
	char *list = NULL;

	if (box_setup(state) < 0)
		return -1;
	layer = make_layer("a");
	box_open(&box);
	box_text(&box, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
	box_blob(&box, layer);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct bytes config = make_config(
			kinds[i].arch, (const char *[]) { digest_of_bytes(layer), NULL });
		struct bytes manifest;
		char *more;

		if (kinds[i].variant)
			config = bytes_of(xasprintf("{\"variant\":\"%s\",%s", kinds[i].variant,
						    config.data + 1));
		manifest = make_manifest(config, layer, "layer.v1.tar");
		more = i + 1 == ARRAY_SIZE(kinds)
			       ? xstrdup("")
			       : xasprintf(",\"platform\":{\"os\":\"linux\","
					   "\"architecture\":\"%s\"%s%s%s}",
					   kinds[i].arch,
					   kinds[i].variant ? ",\"variant\":\"" : "",
					   kinds[i].variant ? kinds[i].variant : "",
					   kinds[i].variant ? "\"" : "");
		box_blob(&box, config);
		box_blob(&box, manifest);
		list = xasprintf("%s%s%s", list ? list : "", list ? "," : "",
				 descriptor("manifest.v1+json", manifest, more));
	}
	box_put(&box, "index.json", make_index(list));
	index_path = xasprintf("oci-archive:%s", box_close(&box));
	return 0;
}

static int open_platform(const char *text, const char *platform, struct image **image)
{
	struct image_ref ref;
	struct listen l;
	int r;

	assert_int_equal(image_ref_parse(text, &ref), 0);
	assert_null(ref.platform);
	listen_begin(&l);
	r = image_ref_set_platform(&ref, platform);
	if (r == 0)
		r = image_open(&ref, NULL, image);
	listen_end(&l);
	image_ref_fini(&ref);
	return r;
}

static void assert_chosen(const char *platform, const char *arch, const char *variant)
{
	struct image *image = NULL;

	if (open_platform(index_path, platform, &image) < 0)
		fail_msg("%s is refused: %s", platform, said);
	assert_string_equal(image->arch, arch);
	assert_string_equal(image->variant, variant);
	assert_null(image->platform);
	image_free(image);
}

static void assert_refused(const char *text, const char *platform, const char *words)
{
	struct image *image = NULL;

	assert_true(open_platform(text, platform, &image) < 0);
	assert_null(image);
	assert_said(words);
}

static void chooses(void **state UNUSED)
{
	assert_chosen("linux/amd64", "amd64", "");
	assert_chosen("linux/arm64", "arm64", "");
	assert_chosen("linux/arm64/v8", "arm64", "");
	assert_chosen("linux/arm/v6", "arm", "v6");
	assert_chosen("linux/arm/v7", "arm", "v7");
	assert_chosen("linux/mips", "mips", "");
	assert_chosen(NULL, image_host_arch(), "");
}

static void says_what_there_is(void **state UNUSED)
{
	assert_refused(index_path, "linux/s390x", "none of its images is for linux/s390x: '");
	assert_refused(index_path, "linux/s390x", "for linux/arm/v6, '");
	assert_refused(index_path, "linux/arm64/v9", "none of its images is for");
	assert_refused(index_path, "windows/amd64", "none of its images is for");
	assert_refused(index_path, "linux/arm", "it holds several images; name one of them");
}

/* manifest.json knows no platforms: the config is asked. */
static void one_image(void **state UNUSED)
{
	struct bytes layer = make_layer("a");
	struct image *image = NULL;
	struct box box;
	char *text;

	box_open(&box);
	box_put(&box, "c.json",
		make_config("arm64", (const char *[]) { digest_of_bytes(layer), NULL }));
	box_put(&box, "l.tar", layer);
	box_manifest(&box, "c.json", "x:1", "\"l.tar\"");
	assert_int_equal(tar_writer_finish(box.tar), 0);
	text = xasprintf("docker-archive:%s", write_file("docker.tar", box.bytes));
	assert_int_equal(open_platform(text, "linux/arm64", &image), 0);
	image_free(image);
	assert_refused(text, "linux/amd64", "it is for linux/arm64, not for linux/amd64");
}

static void refuses_text(void **state UNUSED)
{
	static const char *const bad[] = {
		"",
		"linux",
		"linux/",
		"/amd64",
		"linux//v7",
		"linux/arm/v7/",
		"linux/arm/v7/x",
		"Linux/amd64",
		"linux/amd64 ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_refused(index_path, bad[i], "--platform wants OS/ARCH[/VARIANT]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses),
		cmocka_unit_test(says_what_there_is),
		cmocka_unit_test(one_image),
		cmocka_unit_test(refuses_text),
	};

	return cmocka_run_group_tests(tests, make_layout, box_cleanup);
}
