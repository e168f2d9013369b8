// SPDX-License-Identifier: Apache-2.0
/* test_json.c - values keep their bytes; what must be refused is */
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static struct json *parse(const char *text)
{
	char *reason = NULL;
	struct json *v = NULL;

	if (json_parse(text, strlen(text), JSON_MAX_CONFIG, &v, &reason) < 0)
		fail_msg("%s: %s", text, reason);
	return v;
}

static void assert_text(const struct json *v, const char *want)
{
	size_t len;
	char *text = json_write(v, &len);

	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
	free(text);
}

static void unchanged_is_verbatim(void **state UNUSED)
{
	/* The white space around a document is not part of its value. */
	static const char *const texts[] = {
		"null",
		"true",
		"-0.10e+5",
		"\"\\u003c\\/\"",
		"[]",
		"{ }",
		"[ 1 ,\t2,\n[ 3 ] ]",
		"{\"a\" : { \"b\":[1.0 , {}] } }",
		"12345678901234567890123456789",
		"\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct json *v = parse(texts[i]);
		struct json *c = json_copy(v);

		assert_text(v, texts[i]);
		json_free(v);
		assert_text(c, texts[i]); /* the copy owns its bytes */
		json_free(c);
	}
}

static void reads(void **state UNUSED)
{
	struct json *v =
		parse(" {\"s\":\"a\\u00e9\\n\",\"n\":42,\"big\":99999999999999999999,"
		      "\"neg\":-1,\"f\":1.5,\"b\":true,\"z\":null,\"l\":[1,null,\"x\"]} ");
	const char *key;

	assert_string_equal(json_get_text(v, "s"), "a\xc3\xa9\n");
	assert_int_equal(json_get_size(v, "n", 7), 42);
	assert_int_equal(json_get_size(v, "big", 7), 7);
	assert_int_equal(json_get_size(v, "neg", 7), 7);
	assert_int_equal(json_get_size(v, "f", 7), 7);
	assert_int_equal(json_get_size(v, "s", 7), 7);
	assert_true(json_get_bool(v, "b", false));
	assert_true(json_get_bool(v, "none", true));
	assert_null(json_get(v, "z"));
	assert_null(json_get(v, "none"));
	assert_null(json_get(NULL, "none"));
	assert_int_equal(json_count(json_get(v, "l")), 3);
	assert_null(json_at(json_get(v, "l"), 1));
	assert_string_equal(json_text(json_at(json_get(v, "l"), 2)), "x");
	assert_null(json_at(json_get(v, "l"), 3));
	assert_int_equal(json_members(v), 8);
	assert_non_null(json_member(v, 1, &key));
	assert_string_equal(key, "n");
	json_free(v);
}

static void changes_stay_local(void **state UNUSED)
{
	struct json *v = parse(
		"{ \"a\" : [ 1.0 , {\"x\" :\"\\u003c\"} ], \"\\u0062\":{ \"c\": 2 }, \"d\": 3 }");

	json_set_text(json_get(v, "b"), "c", "new \"\\\x01");
	assert_text(
		v,
		"{\"a\":[ 1.0 , {\"x\" :\"\\u003c\"} ],\"\\u0062\":{\"c\":\"new \\\"\\\\\\u0001\"},"
		"\"d\":3}");
	json_add_text(json_get(v, "a"), "y");
	json_remove(v, "d");
	json_remove(v, "none");
	json_set(v, "e", json_new_size(18446744073709551615u));
	json_set(v, "f", json_new_bool(false));
	json_set(v, "g", json_new_null());
	assert_text(v, "{\"a\":[1.0,{\"x\" :\"\\u003c\"},\"y\"],\"\\u0062\":{\"c\":\"new "
		       "\\\"\\\\\\u0001\"},\"e\":18446744073709551615,\"f\":false,\"g\":null}");
	json_free(v);
}

/* A copy of a changed value keeps what was not changed, also after the document is gone. */
static void copies_of_changed(void **state UNUSED)
{
	struct json *v = parse("{\"a\":[ 1, {\"k\" : 2} ],\"b\":{\"\\u0063\":1,\"d\":[ ]}}");
	struct json *c;

	json_set_text(json_get(v, "b"), "e", "x");
	c = json_copy(v);
	json_free(v);
	assert_text(c, "{\"a\":[ 1, {\"k\" : 2} ],\"b\":{\"c\":1,\"d\":[ ],\"e\":\"x\"}}");
	json_free(c);
}

static void refuse(const char *text, size_t len, const char *words)
{
	struct json *v = NULL;
	char *reason = NULL;

	assert_int_equal(json_parse(text, len, 1000000, &v, &reason), -EBADMSG);
	assert_null(v);
	if (!strstr(reason, words))
		fail_msg("'%s' is not in '%s'", words, reason);
	free(reason);
}

static void refuses(void **state UNUSED)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "" },
		{ "  ", "" },
		{ "{\"a\":1,\"b\":2,\"a\":3}", "twice" },
		{ "{\"a\":1,\"\\u0061\":3}", "twice" },
		{ "[\"a\\u0000b\"]", "NUL" },
		{ "{\"a\\u0000b\":1}", "NUL" },
		{ "[1] 2", "garbage" },
		{ "[1]]", "garbage" },
		{ "[1,]", "" },
		{ "{\"a\"}", "" },
		{ "[\"a", "premature" },
		{ "[\"\xff\"]", "UTF-8" },
		{ "[\"\xc0\xaf\"]", "UTF-8" }, /* overlong */
		{ "[\"\xe0\x80\x80\"]", "UTF-8" },
		{ "[\"\xed\xa0\x80\"]", "UTF-8" },     /* a surrogate */
		{ "[\"\xf4\x90\x80\x80\"]", "UTF-8" }, /* above U+10FFFF */
		{ "[\"\xe2\x82", "UTF-8" },	       /* cut */
		{ "[/* c */1]", "" },
		{ "nul", "" },
		{ "[01]", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		refuse(cases[i].text, strlen(cases[i].text), cases[i].words);
	refuse("[1]\0", 4, "control"); /* no white space, though yajl thinks so */
	refuse("[\f1]", 4, "control");
}

static void limits(void **state UNUSED)
{
	char deep[200];
	char *many = xmalloc(900000);
	struct json *v;

	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	v = NULL;
	deep[128] = '\0';
	v = parse(deep);
	json_free(v);
	memset(deep, '[', 65);
	memset(deep + 65, ']', 65);
	refuse(deep, 130, "deep");
	memset(many, '[', 900000);
	refuse(many, 900000, "deep");
	many[0] = '[';
	for (size_t i = 1; i < 899999; i += 2)
		memcpy(many + i, "1,", 2);
	refuse(many, 900000, "more than 200000 values");
	refuse(many, 1000001, "more than the 1000000 allowed");
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unchanged_is_verbatim),
		cmocka_unit_test(reads),
		cmocka_unit_test(changes_stay_local),
		cmocka_unit_test(copies_of_changed),
		cmocka_unit_test(refuses),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
