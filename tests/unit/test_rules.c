// SPDX-License-Identifier: Apache-2.0
/* test_rules.c - lines of a rules file to rules; sizes of options; presets are all there */
#include "fixture.h"
#include "rules.h"

/* The rules as "kind:value@line", or "refused". */
static const char *parse(const char *text, size_t len)
{
	static char out[1024];
	struct rules rules = { 0 };
	struct listen listen;
	char *copy = calloc(1, len + 1); /* the fixture would keep what rules_parse() frees */
	size_t n = 0;
	int r;

	memcpy(copy, text, len);
	listen_begin(&listen);
	r = rules_parse(&rules, "FILE", copy, len);
	listen_end(&listen);
	out[0] = '\0';
	for (size_t i = 0; i < rules.n_items && r == 0; i++)
		n += (size_t)sprintf(out + n, "%s%u:%s@%u", i ? " " : "", rules.items[i].kind,
				     rules.items[i].value, rules.items[i].line);
	rules_fini(&rules);
	return r == 0 ? out : "refused";
}

static void accepts(const char *text, const char *want)
{
	assert_string_equal(parse(text, strlen(text)), want);
	assert_string_equal(said, "");
}

static void refuses(const char *text, size_t len, const char *words)
{
	assert_string_equal(parse(text, len), "refused");
	assert_said(words);
}

static void reads_every_kind(void **state UNUSED)
{
	accepts("keep /a\ndrop /b\nkeep-dir /c\nkeep-cmd d -e\nkeep-package f\npreset nss",
		"0:/a@1 1:/b@2 2:/c@3 3:d -e@4 4:f@5 5:nss@6");
}

static void skips_blanks_and_comments(void **state UNUSED)
{
	accepts("", "");
	accepts("\n\n#x\n  \t# y\r\n", "");
	accepts("  keep\t /a b \t # c\r\n\tkeep \v/b\r\n", "0:/a b@1 0:/b@2");
}

static void keeps_signs_within_words(void **state UNUSED)
{
	accepts("keep /a#b\nkeep /c d\n", "0:/a#b@1 0:/c d@2");
	accepts("keep-cmd sh -c 'a b'  #x", "3:sh -c 'a b'@1");
	accepts("keep /\xff\xfe", "0:/\xff\xfe@1");
}

static void names_the_line(void **state UNUSED)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "\n\nKeep /a", "FILE:3: there is no rule 'Keep'; there are keep, drop, " },
		{ "keep", "FILE:1: 'keep' stands alone; write: keep GLOB" },
		{ "keep #/a", "FILE:1: 'keep' stands alone" },
		{ "keep-cmd a 'b", "FILE:1: the command has an open quote: a 'b" },
		{ "keep-package a b", "FILE:1: keep-package wants one name" },
		{ "keep-package a/b", "FILE:1: keep-package wants one name" },
		{ "#\npreset x", "FILE:2: there is no preset 'x'; there are ca-certs, " },
		{ "preset nss shell", "there is no preset 'nss shell'" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		refuses(rows[i].text, strlen(rows[i].text), rows[i].words);
	refuses("#a\0b\nkeep /c", 12, "FILE:1: there is a NUL byte in it");
	refuses("keep /c\n\0", 9, "FILE:2: there is a NUL byte in it");
}

static void presets_are_named(void **state UNUSED)
{
	cleanup_free char *names = strdup(rules_preset_names());
	size_t n = 0;
	char *save = NULL;

	for (char *name = strtok_r(names, ", ", &save); name;
	     name = strtok_r(NULL, ", ", &save)) {
		enum rule_kind kind;
		const char *value;

		if (strcmp(name, "and") == 0)
			continue;
		n++;
		assert_true(rules_preset_row(name, 0, &kind, &value));
		for (size_t i = 0; rules_preset_row(name, i, &kind, &value); i++)
			assert_true(kind == RULE_KEEP ? value[0] == '/'
						      : kind == RULE_KEEP_CMD);
	}
	assert_int_equal(n, 5);
}

static void sizes_are_read(void **state UNUSED)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {
		{ "1", 1 },	      { "20000000", 20000000 },
		{ "20M", 20000000 },  { "20MB", 20000000 },
		{ "20mb", 20000000 }, { "20MiB", 20 << 20 },
		{ "1.5k", 1500 },     { "0.5KiB", 512 },
		{ "3G", 3000000000 }, { "2TiB", 2ull << 40 },
		{ "7B", 7 },
	};
	static const char *const wrong[] = { "",    "0",     "-1",  "M",	  "1X",	 "1MM",
					     "1e3", "0x1",   "inf", "nan",	  "1 M", "1iB",
					     "1Bi", "9.9.9", ".",   "9999999999T" };
	uint64_t bytes;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bytes = 0;
		assert_true(options_size(rows[i].text, &bytes));
		assert_int_equal(bytes, rows[i].bytes);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (options_size(wrong[i], &bytes))
			fail_msg("'%s' is taken", wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_kind),
		cmocka_unit_test(skips_blanks_and_comments),
		cmocka_unit_test(keeps_signs_within_words),
		cmocka_unit_test(names_the_line),
		cmocka_unit_test(presets_are_named),
		cmocka_unit_test(sizes_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
