// SPDX-License-Identifier: Apache-2.0
/*
 * test_waiter.c - children, signals and time, whichever comes first
 */
#include "process.h"
#include "waiter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct process_io quiet = { PROCESS_NULL, PROCESS_NULL, PROCESS_NULL, true };

static pid_t shell(const char *script)
{
	char sh[] = "sh", c[] = "-c";
	cleanup_free char *text = xstrdup(script);
	char *const argv[] = { sh, c, text, NULL };

	return process_start(argv, &quiet);
}

static void test_child(void **state UNUSED)
{
	struct waiter w;
	int status = -1;
	pid_t child;

	waiter_begin(&w);
	child = shell("exit 7");
	assert_int_equal(waiter_next(&w, child, &status, INFINITY), WAITER_CHILD);
	assert_int_equal(status, 7);
	/* Lost: waited for already. */
	assert_int_equal(waiter_next(&w, child, &status, INFINITY), -ECHILD);
	waiter_end(&w);
}

static void test_app(void **state UNUSED)
{
	struct waiter w;
	int status;

	waiter_begin(&w);
	w.app = shell("exit 1");
	assert_int_equal(waiter_next(&w, 0, &status, INFINITY), WAITER_APP);
	assert_true(w.app_ended);
	/* Told once. */
	assert_int_equal(waiter_next(&w, 0, &status, waiter_now() + 0.01), WAITER_TIME);
	waiter_end(&w);
}

static void test_time(void **state UNUSED)
{
	double begin = waiter_now();
	struct waiter w;
	int status;

	waiter_begin(&w);
	assert_int_equal(waiter_next(&w, 0, &status, begin + 0.2), WAITER_TIME);
	assert_true(waiter_now() - begin >= 0.2);
	assert_int_equal(waiter_next(&w, 0, &status, begin - 5), WAITER_TIME);
	waiter_end(&w);
}

static void test_signals(void **state UNUSED)
{
	struct waiter w;
	int status;
	pid_t child;

	waiter_begin(&w);
	assert_int_equal(waiter_signals(&w), 0);
	raise(SIGTERM);
	assert_int_equal(waiter_next(&w, 0, &status, INFINITY), WAITER_SIGNAL);
	assert_int_equal(w.last_signal, SIGTERM);
	raise(SIGINT);
	raise(SIGHUP);
	assert_int_equal(waiter_signals(&w), 3);
	/* A child's end among them does no harm. */
	child = shell("kill -INT $PPID; exit 2");
	assert_int_equal(waiter_next(&w, 0, &status, INFINITY), WAITER_SIGNAL);
	assert_int_equal(waiter_next(&w, child, &status, INFINITY), WAITER_CHILD);
	assert_int_equal(status, 2);
	waiter_end(&w);
}

static void test_ignored_stays(void **state UNUSED)
{
	struct waiter w;

	signal(SIGHUP, SIG_IGN);
	waiter_begin(&w);
	raise(SIGHUP);
	assert_int_equal(waiter_signals(&w), 0);
	waiter_end(&w);
	signal(SIGHUP, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_child),	      cmocka_unit_test(test_app),
		cmocka_unit_test(test_time),	      cmocka_unit_test(test_signals),
		cmocka_unit_test(test_ignored_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
