// SPDX-License-Identifier: Apache-2.0
/* test_outfile.c - a file appears whole or not at all, and nothing is left beside it */
#include "fixture.h"
#include "outfile.h"

#include <dirent.h>

static size_t count_files(void)
{
	DIR *dir = opendir(box_dir);
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void assert_content(const char *path, const char *want)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	size_t len;

	assert_true(fd >= 0);
	assert_int_equal(read_whole(fd, 100, &text, &len), 0);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(text, want, len);
	free(text);
}

/* A signal at any moment before the commit leaves nothing: there is no name to leave. */
static void nothing_before_commit(void **state UNUSED)
{
	char *path = box_path("file");
	struct outfile out;

	assert_int_equal(outfile_open(&out, path), 0);
	assert_int_equal(write_all(out.fd, "new", 3), 0);
	if (!out.temporary)
		assert_int_equal(count_files(), 0);
	assert_int_equal(outfile_commit(&out), 0);
	outfile_fini(&out);
	assert_int_equal(count_files(), 1);
	assert_content(path, "new");
}

static void replaces(void **state UNUSED)
{
	char *path = box_path("file");
	struct outfile out;
	struct stat st;

	assert_int_equal(outfile_open(&out, path), 0);
	assert_int_equal(write_all(out.fd, "newer", 5), 0);
	assert_content(path, "new");
	assert_int_equal(outfile_commit(&out), 0);
	outfile_fini(&out);
	assert_content(path, "newer");
	assert_int_equal(count_files(), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07133, 0);
	assert_int_equal(st.st_nlink, 1);
}

static void given_up(void **state UNUSED)
{
	char *path = box_path("file");
	struct outfile out;

	assert_int_equal(outfile_open(&out, path), 0);
	assert_int_equal(write_all(out.fd, "worse", 5), 0);
	outfile_fini(&out);
	assert_content(path, "newer");
	assert_int_equal(count_files(), 1);
}

static void no_place(void **state UNUSED)
{
	struct outfile out;

	assert_int_equal(outfile_open(&out, box_dir), -EISDIR);
	assert_int_equal(outfile_open(&out, box_path("no/dir")), -ENOENT);
	assert_int_equal(outfile_open(&out, "/proc/nothing"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_before_commit),
		cmocka_unit_test(replaces),
		cmocka_unit_test(given_up),
		cmocka_unit_test(no_place),
	};

	return cmocka_run_group_tests(tests, box_setup, box_cleanup);
}
