// SPDX-License-Identifier: Apache-2.0
/* test_elfinfo.c - what is read of programs in parts is what is read of them whole */
#include "fixture.h"
#include "elfinfo.h"

struct source {
	int fd;
	uint64_t asked;
};

static int read_some(void *arg, void *buf, size_t len, uint64_t off)
{
	struct source *s = arg;

	s->asked += len;
	return pread_all(s->fd, buf, len, off);
}

static void assert_text(const char *a, const char *b)
{
	assert_int_equal(!a, !b);
	if (a)
		assert_string_equal(a, b);
}

static void assert_same(const char *path)
{
	struct source source = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
	struct elf_info whole, parts;
	char *data;
	size_t len;

	assert_true(source.fd >= 0);
	assert_int_equal(read_whole(source.fd, 1u << 30, &data, &len), 0);
	assert_int_equal(elf_read_memory(data, len, &whole), 0);
	assert_int_equal(elf_read_parts(len, read_some, &source, &parts), 0);
	assert_true(source.asked < 200000);
	assert_int_equal(whole.machine, parts.machine);
	assert_int_equal(whole.class, parts.class);
	assert_text(whole.interp, parts.interp);
	assert_text(whole.rpath, parts.rpath);
	assert_text(whole.runpath, parts.runpath);
	assert_int_equal(whole.n_needed, parts.n_needed);
	assert_true(whole.n_needed > 0);
	for (size_t i = 0; i < whole.n_needed; i++)
		assert_string_equal(whole.needed[i], parts.needed[i]);
	elf_info_fini(&whole);
	elf_info_fini(&parts);
	free(data);
	close(source.fd);
}

static void in_parts(void **state UNUSED)
{
	assert_same("/proc/self/exe");
	assert_same("/bin/sh");
}

static int read_zeros(void *arg UNUSED, void *buf, size_t len, uint64_t off UNUSED)
{
	memset(buf, 0, len);
	return 0;
}

static int read_fails(void *arg UNUSED, void *buf UNUSED, size_t len UNUSED,
		      uint64_t off UNUSED)
{
	return -EIO;
}

static void refuses(void **state UNUSED)
{
	struct elf_info info;

	assert_int_equal(elf_read_parts(100000, read_zeros, NULL, &info), -ENOEXEC);
	assert_int_equal(elf_read_parts(0, read_zeros, NULL, &info), -ENOEXEC);
	assert_int_equal(elf_read_parts(100000, read_fails, NULL, &info), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_parts),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
