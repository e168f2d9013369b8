// SPDX-License-Identifier: Apache-2.0
/* test_imageconf.c - what configs say; instrument and trim change the listed fields only */
#include "fixture.h"
#include "imageconf.h"

#define ID	"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define NEW	"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ROOTFS	"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" ID "\"]}"
#define TRACER	"\"/.imagetrim/imagetrim-tracer\",\"--\""
#define VERSION "\"imagetrim.version\":\"" IMAGETRIM_VERSION "\""

static void set_image(struct image *image, const char *text)
{
	struct digest_text digest;
	char *reason = NULL;

	digest_of(text, strlen(text), &digest);
	*image = (struct image) { .name = xstrdup("x"), .config_digest = xstrdup(digest.text) };
	if (json_parse(text, strlen(text), JSON_MAX_CONFIG, &image->config, &reason) < 0)
		fail_msg("%s: %s", text, reason);
}

static void drop_image(struct image *image)
{
	free(image->name);
	free(image->config_digest);
	json_free(image->config);
}

/* "a|b|c" of a list, which is freed */
static char *joined(char **words)
{
	static char out[512];

	out[0] = '\0';
	for (size_t i = 0; words[i]; i++) {
		strcat(out, i ? "|" : "");
		strcat(out, words[i]);
	}
	argv_free(words);
	return out;
}

static void commands(void **state UNUSED)
{
	static const struct {
		const char *text, *entrypoint, *cmd;
	} cases[] = {
		{ "{}", "", "" },
		{ "{\"config\":null}", "", "" },
		{ "{\"config\":{\"Entrypoint\":null,\"Cmd\":[]}}", "", "" },
		{ "{\"config\":{\"Entrypoint\":[\"\"],\"Cmd\":[\"a\",\"\"]}}", "", "a|" },
		{ "{\"config\":{\"Entrypoint\":\"run me\",\"Cmd\":\"\"}}", "run me", "" },
		{ "{\"config\":{\"Entrypoint\":[\"a\",\"b c\"],\"Cmd\":[\"\",\"x\"]}}", "a|b c",
		  "|x" },
	};
	struct image im;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_image(&im, cases[i].text);
		assert_string_equal(joined(imageconf_entrypoint(im.config)),
				    cases[i].entrypoint);
		assert_string_equal(joined(imageconf_cmd(im.config)), cases[i].cmd);
		drop_image(&im);
	}
}

static void healthchecks(void **state UNUSED)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "{\"config\":{\"Healthcheck\":null}}", "" },
		{ "{\"config\":{\"Healthcheck\":{\"Test\":[]}}}", "" },
		{ "{\"config\":{\"Healthcheck\":{\"Test\":[\"NONE\"]}}}", "" },
		{ "{\"config\":{\"Healthcheck\":{\"Test\":[\"CMD\",\"a\",\"b\"]}}}", "a|b" },
		{ "{\"config\":{\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"a b\"]}}}",
		  "/bin/sh|-c|a b" },
		{ "{\"config\":{\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"a\"]},\"Shell\":[\"bash\","
		  "\"-ec\"]}}",
		  "bash|-ec|a" },
	};
	struct image im;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set_image(&im, cases[i].text);
		assert_string_equal(joined(imageconf_healthcheck(im.config)), cases[i].want);
		drop_image(&im);
	}
}

static void fields(void **state UNUSED)
{
	struct image im;

	set_image(
		&im,
		"{\"config\":{\"Env\":[\"A=1\",\"PATHS=no\",\"PATH=/a:/b\",\"E=\",\"A=2\"],"
		"\"User\":\"app\",\"WorkingDir\":\"/w\",\"Volumes\":{\"/v\":{},\"/u\":null}}}");
	assert_string_equal(imageconf_env(im.config, "PATH"), "/a:/b");
	assert_string_equal(imageconf_env(im.config, "A"), "2");
	assert_string_equal(imageconf_env(im.config, "E"), "");
	assert_null(imageconf_env(im.config, "B"));
	assert_string_equal(imageconf_user(im.config), "app");
	assert_string_equal(imageconf_workdir(im.config), "/w");
	assert_string_equal(joined(imageconf_volumes(im.config)), "/v|/u");
	assert_false(imageconf_needs_docker_types(im.config));
	drop_image(&im);
	set_image(&im, "{\"config\":{\"OnBuild\":[\"RUN x\"]}}");
	assert_true(imageconf_needs_docker_types(im.config));
	assert_string_equal(imageconf_user(im.config), "");
	drop_image(&im);
}

typedef int (*edit_fn)(const struct image *image, const char *diff_id, char **text,
		       size_t *len);

/* Edits text; "@DIGEST@" in want stands for the digest of text. */
static void assert_edit(edit_fn edit, const char *text, const char *want)
{
	struct image im;
	char *got, *mark, *expected = xstrdup(want);
	size_t len;

	set_image(&im, text);
	assert_int_equal(edit(&im, NEW, &got, &len), 0);
	assert_int_equal(strlen(got), len);
	mark = strstr(expected, "@DIGEST@");
	if (mark)
		expected = xasprintf("%.*s%s%s", (int)(mark - expected), expected,
				     im.config_digest, mark + 8);
	assert_string_equal(got, expected);
	drop_image(&im);
	free(got);
}

static void instruments(void **state UNUSED)
{
	/* White space, unknown members, escapes and numbers survive. */
	assert_edit(
		imageconf_instrument,
		"{ \"x\" : [1.50e3, \"\\u003c\"] ,\"config\":{\"Cmd\" : [ \"a\" ],\"Env\":[ \"P=\\u003e\" ],"
		"\"Labels\":null},\"created\":\"2024-01-02T03:04:05.6Z\",\"history\":[{ \"a\":1 }]," ROOTFS
		"}",
		"{\"x\":[1.50e3, \"\\u003c\"],\"config\":{\"Cmd\":[ \"a\" ],\"Env\":[ \"P=\\u003e\" ],"
		"\"Labels\":{\"imagetrim.original.cmd\":\"[ \\\"a\\\" ]\","
		"\"imagetrim.original.digest\":\"@DIGEST@\"," VERSION
		"},\"Entrypoint\":[" TRACER
		"]},\"created\":\"2024-01-02T03:04:05.6Z\",\"history\":[{ \"a\":1 },{\"created\":"
		"\"2024-01-02T03:04:05.6Z\",\"created_by\":\"imagetrim instrument\"}],"
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" ID "\",\"" NEW "\"]}}");
	/* No config at all; no created: none is made up. */
	assert_edit(imageconf_instrument, "{" ROOTFS "}",
		    "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" ID "\",\"" NEW
		    "\"]},\"config\":{"
		    "\"Labels\":{\"imagetrim.original.digest\":\"@DIGEST@\"," VERSION
		    "},\"Entrypoint\":[" TRACER
		    "]},\"history\":[{\"created_by\":\"imagetrim instrument\"}]}");
	/* Healthcheck and Entrypoint. */
	assert_edit(
		imageconf_instrument,
		"{\"config\":{\"Entrypoint\":\"run\",\"Healthcheck\":{\"Interval\":5,\"Test\":[\"CMD-SHELL\","
		"\"a b\"]},\"Labels\":{\"k\":\"v\"}}," ROOTFS "}",
		"{\"config\":{\"Entrypoint\":[" TRACER
		",\"run\"],\"Healthcheck\":{\"Interval\":5,\"Test\":["
		"\"CMD\"," TRACER ",\"/bin/sh\",\"-c\",\"a b\"]},\"Labels\":{\"k\":\"v\","
		"\"imagetrim.original.entrypoint\":\"\\\"run\\\"\",\"imagetrim.original.healthcheck\":"
		"\"{\\\"Interval\\\":5,\\\"Test\\\":[\\\"CMD-SHELL\\\",\\\"a b\\\"]}\","
		"\"imagetrim.original.digest\":\"@DIGEST@\"," VERSION
		"}},\"rootfs\":{\"type\":\"layers\","
		"\"diff_ids\":[\"" ID "\",\"" NEW
		"\"]},\"history\":[{\"created_by\":\"imagetrim instrument\"}]}");
}

static void trims(void **state UNUSED)
{
	assert_edit(
		imageconf_trim,
		"{\"container\":\"c\",\"container_config\":{},\"docker_version\":\"20\",\"config\":{\"Cmd\":[ 1 ]},"
		"\"created\":\"T0\",\"author\":\"me\",\"history\":[{\"created_by\":\"one\"},{\"created\":\"T1\","
		"\"created_by\":\"two\",\"empty_layer\":true}],\"z\":{ }," ROOTFS "}",
		"{\"config\":{\"Cmd\":[ 1 ],\"Labels\":{\"imagetrim.original.digest\":\"@DIGEST@\"," VERSION
		"}},\"created\":\"T0\",\"author\":\"me\",\"history\":[{\"created\":\"T1\",\"created_by\":\"two\","
		"\"comment\":\"imagetrim trim\"}],\"z\":{ },\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" NEW
		"\"]}}");
}

/* Instrumented and then trimmed is the same as trimmed, to the byte. */
static void trim_undoes(void **state UNUSED)
{
	static const char *const texts[] = {
		"{\"config\":{\"Cmd\":[\"a\"],\"Labels\":{\"k\":\"v\"}},\"history\":[{\"created_by\":\"x\"}]," ROOTFS
		"}",
		"{\"config\":{\"Entrypoint\":\"run \\u003c\",\"Labels\":{},\"Healthcheck\":{ \"Test\":[\"CMD\" ,"
		"\"h\"],\"Retries\":3 }},\"history\":[{\"created_by\":\"x\"}]," ROOTFS "}",
		"{\"config\":{\"Entrypoint\":null,\"Cmd\":null,\"Labels\":{}},\"history\":[]," ROOTFS
		"}",
		"{\"config\":{\"Entrypoint\":[\"\"],\"Labels\":{},\"Healthcheck\":{\"Test\":[\"NONE\"]}},"
		"\"created\":\"T\",\"history\":[{\"created\":\"T\"},null]," ROOTFS "}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct image im, instrumented;
		char *text, *direct, *round;
		size_t len;

		set_image(&im, texts[i]);
		assert_int_equal(imageconf_trim(&im, NEW, &direct, &len), 0);
		assert_int_equal(imageconf_instrument(&im, NEW, &text, &len), 0);
		set_image(&instrumented, text);
		assert_true(imageconf_is_instrumented(instrumented.config));
		assert_int_equal(imageconf_trim(&instrumented, NEW, &round, &len), 0);
		assert_string_equal(round, direct);
		drop_image(&im);
		drop_image(&instrumented);
		free(text);
		free(direct);
		free(round);
	}
}

static void refuses_shapes(void **state UNUSED)
{
	static const char *const texts[] = {
		"{\"config\":[]," ROOTFS "}",
		"{\"config\":{\"Labels\":[]}," ROOTFS "}",
		"{\"config\":{\"Healthcheck\":\"x\"}," ROOTFS "}",
		"{\"history\":{}," ROOTFS "}",
		"{\"config\":{\"Entrypoint\":[" TRACER
		"],\"Labels\":{\"imagetrim.original.entrypoint\":\"[\"}}," ROOTFS "}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct listen l;
		struct image im;
		char *text = NULL;
		size_t len;

		set_image(&im, texts[i]);
		listen_begin(&l);
		assert_true(imageconf_trim(&im, NEW, &text, &len) < 0);
		listen_end(&l);
		assert_said("x: ");
		listen_begin(&l);
		assert_true(imageconf_instrument(&im, NEW, &text, &len) < 0);
		listen_end(&l);
		assert_null(text);
		drop_image(&im);
	}
}

static void twice(void **state UNUSED)
{
	struct listen l;
	struct image im;
	char *text;
	size_t len;

	set_image(&im, "{\"config\":{\"Entrypoint\":[" TRACER ",\"a\"]}," ROOTFS "}");
	listen_begin(&l);
	assert_int_equal(imageconf_instrument(&im, NEW, &text, &len), -EEXIST);
	listen_end(&l);
	assert_said("instrumented already");
	drop_image(&im);
}

static void source_date(void **state UNUSED)
{
	static const char *const bad[] = { "x",	   "-1", "1.5",
					   "0x10", " 1", "999999999999999999999" };
	struct listen l;
	int64_t seconds = 7;

	unsetenv("SOURCE_DATE_EPOCH");
	assert_int_equal(imageconf_source_date(&seconds), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		setenv("SOURCE_DATE_EPOCH", bad[i], 1);
		listen_begin(&l);
		assert_int_equal(imageconf_source_date(&seconds), -EINVAL);
		listen_end(&l);
		assert_said("SOURCE_DATE_EPOCH");
	}
	setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
	assert_int_equal(imageconf_source_date(&seconds), 1);
	assert_int_equal(seconds, 1700000000);
	assert_edit(
		imageconf_trim, "{\"created\":\"T\"," ROOTFS ",\"config\":{\"Labels\":{}}}",
		"{\"created\":\"2023-11-14T22:13:20Z\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" NEW
		"\"]},\"config\":{\"Labels\":{\"imagetrim.original.digest\":\"@DIGEST@\"," VERSION
		"}},\"history\":[{\"created\":\"2023-11-14T22:13:20Z\",\"created_by\":\"imagetrim trim\","
		"\"comment\":\"imagetrim trim\"}]}");
	unsetenv("SOURCE_DATE_EPOCH");
}

/* The history lines up: entries of layers that are gone, and of none, are of empty ones. */
static void trims_layers(void **state UNUSED)
{
	static const char *const ids[] = { NULL, NEW, NULL };
	static const char config[] =
		"{\"created\":\"T\",\"history\":[{\"created_by\":\"a\"},{\"created_by\":\"e\","
		"\"empty_layer\":true},{\"created_by\":\"b\"},{\"created_by\":\"c\","
		"\"empty_layer\":false},{\"created_by\":\"surplus\"}],\"config\":{\"Labels\":{}},"
		"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"1\",\"2\",\"3\"]}}";
	struct json *json CLEANUP(json_freep) = NULL;
	const struct json *history;
	struct image im;
	char *text, *reason;
	size_t len;

	set_image(&im, config);
	im.n_layers = 3;
	assert_int_equal(imageconf_trim_layers(&im, ids, &text, &len), 0);
	drop_image(&im);
	assert_int_equal(json_parse(text, len, JSON_MAX_CONFIG, &json, &reason), 0);
	free(text);
	history = json_get(json, "history");
	assert_int_equal(json_count(history), 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(json_get_bool(json_at(history, i), "empty_layer", false),
				 i != 2);
	history = json_get(json_get(json, "rootfs"), "diff_ids");
	assert_int_equal(json_count(history), 1);
	assert_string_equal(json_text(json_at(history, 0)), NEW);
	assert_string_equal(json_get_text(json, "created"), "T");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),	  cmocka_unit_test(healthchecks),
		cmocka_unit_test(fields),	  cmocka_unit_test(instruments),
		cmocka_unit_test(trims),	  cmocka_unit_test(trim_undoes),
		cmocka_unit_test(refuses_shapes), cmocka_unit_test(twice),
		cmocka_unit_test(source_date),	  cmocka_unit_test(trims_layers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
