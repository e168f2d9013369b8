// SPDX-License-Identifier: Apache-2.0
/* test_tlog_base.c - paths stored against earlier ones: how many bytes that takes, and back */
#include "tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include <sys/mman.h>

#define N_NAMES	   20
#define N_PACKAGES 12
#define N_FORMS	   4
#define N_FILES	   (N_NAMES * N_PACKAGES * N_FORMS)

/* The files of an interpreter's packages, as it looks for them. */
static void package_file(char *text, size_t size, unsigned int i)
{
	static const char *const packages[N_PACKAGES] = {
		"asyncio", "concurrent", "ctypes",  "email",	"http", "importlib",
		"json",	   "logging",	 "sqlite3", "unittest", "xml",	"zoneinfo",
	};
	static const char *const names[N_NAMES] = {
		"__init__", "_compat",	 "abc",	   "base_events", "client",
		"config",   "decoder",	 "errors", "formatter",	  "handlers",
		"message",  "overrides", "parser", "queues",	  "resource",
		"runners",  "selectors", "sync",   "util",	  "version",
	};
	static const char *const forms[N_FORMS][3] = {
		{ "lib-dynload/", "_", ".cpython-311-x86_64-linux-gnu.so" },
		{ "", "/", ".cpython-311-x86_64-linux-gnu.so" },
		{ "", "/", ".py" },
		{ "", "/__pycache__/", ".cpython-311.pyc" },
	};
	const char *const *form = forms[i % N_FORMS];

	i /= N_FORMS;
	snprintf(text, size, "/usr/lib/python3.11/%s%s%s%s%s", form[0], packages[i / N_NAMES],
		 form[1], names[i % N_NAMES], form[2]);
}

/* Hundredths of a byte a path, when the i-th path written is number i * step. */
static size_t bytes_a_path(unsigned int step)
{
	static char paths[N_FILES][96];
	int fd = memfd_create("log", 0), keep = dup(fd);
	struct tlog_writer *w;
	off_t len;

	assert_int_equal(tlog_writer_new(fd, false, &w), 0);
	assert_int_equal(tlog_put_header(w, NULL, 0), 0);
	for (unsigned int i = 0; i < N_FILES; i++) {
		package_file(paths[i], sizeof(paths[i]), i * step % N_FILES);
		assert_true(tlog_put_path(w, TLOG_READ, 1, 0, paths[i], strlen(paths[i])) > 0);
	}
	tlog_writer_free(w);
	len = lseek(keep, 0, SEEK_END);
	close(keep);
	return (size_t)len * 100 / N_FILES;
}

/* What a name, a directory or an ending has in common with an earlier path is not written again. */
static void small_packages(void **state UNUSED)
{
	assert_in_range(bytes_a_path(1), 600, 1400);
	assert_in_range(bytes_a_path(347), 600, 1500);
}

/* The table grows and forgets; all that is read is what was written. */
static void many_paths(void **state UNUSED)
{
	enum {
		N = 200000,
		SIZE = 40
	};
	char *texts = malloc((size_t)N * SIZE), *data;
	int fd = memfd_create("log", 0), keep = dup(fd);
	struct tlog_writer *w;
	struct tlog_reader *r;
	struct tlog_record rec;
	size_t len;

	assert_non_null(texts);
	assert_int_equal(tlog_writer_new(fd, true, &w), 0);
	assert_int_equal(tlog_put_header(w, NULL, 0), 0);
	for (unsigned int i = 0, k = 0; i < N; i++, k = (k + 77773) % N) {
		char *text = texts + (size_t)i * SIZE;

		snprintf(text, SIZE, "/d%u/e%u/name%u.e%u", k % 7, k % 30011, k, k % 3);
		assert_true(tlog_put_path(w, TLOG_READ, 1, 0, text, strlen(text)) > 0);
	}
	assert_int_equal(tlog_writer_flush(w), 0);
	tlog_writer_free(w);
	assert_int_equal(read_whole(keep, 1 << 24, &data, &len), 0);
	assert_int_equal(tlog_reader_new(data, len, &r), 0);
	assert_int_equal(tlog_next(r, &rec), 1);
	for (unsigned int i = 0; i < N; i++) {
		assert_int_equal(tlog_next(r, &rec), 1);
		assert_string_equal(rec.path, texts + (size_t)i * SIZE);
	}
	assert_int_equal(tlog_next(r, &rec), 0);
	tlog_reader_free(r);
	free(data);
	free(texts);
	close(keep);
}

/* More directories than are looked up, and names of none, one and many bytes. */
static void odd_paths(void **state UNUSED)
{
	static char texts[100][512];
	int fd = memfd_create("log", 0), keep = dup(fd);
	struct tlog_writer *w;
	struct tlog_reader *r;
	struct tlog_record rec;
	size_t len;
	char *data;

	assert_int_equal(tlog_writer_new(fd, false, &w), 0);
	assert_int_equal(tlog_put_header(w, NULL, 0), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++) {
		size_t n = 0;

		for (unsigned int k = 0; k < i; k++)
			n += (size_t)snprintf(texts[i] + n, sizeof(texts[i]) - n, "/%.*s",
					      (int)(k % 6), "abcdef");
		snprintf(texts[i] + n, sizeof(texts[i]) - n, "/%s", i % 2 ? "." : "");
		len = strlen(texts[i]);
		assert_true(tlog_put_path(w, TLOG_READ, 1, 0, texts[i], len) > 0);
	}
	tlog_writer_free(w);
	assert_int_equal(read_whole(keep, 1 << 20, &data, &len), 0);
	assert_int_equal(tlog_reader_new(data, len, &r), 0);
	assert_int_equal(tlog_next(r, &rec), 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(tlog_next(r, &rec), 1);
		assert_string_equal(rec.path, texts[i]);
	}
	tlog_reader_free(r);
	free(data);
	close(keep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_packages),
		cmocka_unit_test(many_paths),
		cmocka_unit_test(odd_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
