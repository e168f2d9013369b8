// SPDX-License-Identifier: Apache-2.0
/*
 * test_process.c - statuses, output, time limits and words
 */
#include "imageconf.h"
#include "process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static char *const *words(const char *text)
{
	static char **argv;

	argv_free(argv);
	argv = NULL;
	assert_int_equal(process_split(text, &argv), 0);
	return argv;
}

static const struct process_io quiet = { PROCESS_NULL, PROCESS_NULL, PROCESS_NULL, false };

static void test_status(void **state UNUSED)
{
	assert_int_equal(process_run(words("true"), &quiet), 0);
	assert_int_equal(process_run(words("sh -c 'exit 77'"), &quiet), 77);
	assert_int_equal(process_run(words("sh -c 'kill -9 $$'"), &quiet), 137);
	assert_int_equal(process_run(words("/nonexistent/program"), &quiet), -ENOENT);
	assert_int_equal(process_run(words("no-such-program-here"), &quiet), -ENOENT);
	/* No fallback to a shell, and a directory is no program. */
	assert_int_equal(process_run(words("/tmp"), &quiet), -EACCES);
}

static void test_signals_are_reset(void **state UNUSED)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	assert_int_equal(process_run(words("sh -c 'kill -PIPE $$'"), &quiet), 128 + SIGPIPE);
	assert_int_equal(process_run(words("sh -c 'kill -TERM $$'"), &quiet), 128 + SIGTERM);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void test_poll(void **state UNUSED)
{
	const struct process_io io = { PROCESS_NULL, PROCESS_NULL, PROCESS_NULL, true };
	pid_t pid = process_start(words("sleep 30"), &io);
	int status = -1;

	assert_true(pid > 0);
	assert_int_equal(getpgid(pid), pid);
	assert_int_equal(process_poll(pid, &status), 0);
	assert_int_equal(status, -1);
	kill(pid, SIGKILL);
	assert_int_equal(process_wait(pid), 137);
	assert_int_equal(process_wait(pid), -ECHILD);
}

static void test_output(void **state UNUSED)
{
	char *out = NULL, *err = NULL;
	size_t len;

	assert_int_equal(process_output(words("sh -c 'printf out; printf err >&2; exit 3'"), 0,
					100, &out, &len, &err),
			 3);
	assert_string_equal(out, "out");
	assert_string_equal(err, "err");
	assert_int_equal(len, 3);
	free(out);
	free(err);
	/* More than a pipe holds, on both at once. */
	assert_int_equal(process_output(words("sh -c 'head -c 300000 /dev/zero; "
					      "head -c 300000 /dev/zero >&2'"),
					0, 300000, &out, &len, &err),
			 0);
	assert_int_equal(len, 300000);
	free(out);
	free(err);
}

static void test_output_limits(void **state UNUSED)
{
	char *out = NULL, *err = NULL;
	size_t len;

	assert_int_equal(process_output(words("yes"), 0, 1000, &out, &len, NULL), -EFBIG);
	assert_int_equal(process_output(words("sleep 30"), 1, 1000, &out, &len, &err),
			 -ETIMEDOUT);
	assert_int_equal(process_output(words("no-such-program-here"), 1, 9, &out, &len, &err),
			 -ENOENT);
	assert_null(out);
	assert_null(err);
}

static void test_exists(void **state UNUSED)
{
	assert_true(process_exists("sh"));
	assert_true(process_exists("/bin/sh"));
	assert_false(process_exists("no-such-program-here"));
	assert_false(process_exists("/etc/passwd"));
}

/* Joins the words of text with "|". */
static const char *joined(const char *text)
{
	static char out[256];
	char *const *argv = words(text);

	out[0] = '\0';
	for (size_t i = 0; argv[i]; i++) {
		if (i)
			strcat(out, "|");
		strcat(out, argv[i]);
	}
	return out;
}

static void test_split(void **state UNUSED)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "  a\t b\n", "a|b" },
		{ "redis-cli set k 'a b'", "redis-cli|set|k|a b" },
		{ "\"a b\"c'd e'", "a bcd e" },
		{ "a\\ b", "a b" },
		{ "'' x \"\"", "|x|" },
		{ "\"\\$x \\\" \\\\ \\n\"", "$x \" \\ \\n" },
		{ "'a\\b \"c'", "a\\b \"c" },
		{ "$HOME *.c ~ # `x`", "$HOME|*.c|~|#|`x`" },
		{ "a\\", "a\\" },
		{ "a\\\nb", "ab" },
	};
	char **argv = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(joined(cases[i].text), cases[i].want);
	assert_int_equal(process_split("a 'b c", &argv), -EINVAL);
	assert_int_equal(process_split("a \"b", &argv), -EINVAL);
	assert_null(argv);
	words("");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),	      cmocka_unit_test(test_signals_are_reset),
		cmocka_unit_test(test_poll),	      cmocka_unit_test(test_output),
		cmocka_unit_test(test_output_limits), cmocka_unit_test(test_exists),
		cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
