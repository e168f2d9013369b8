// SPDX-License-Identifier: Apache-2.0
/* test_tar_filter.c - gzip, bzip2, xz and zstd by their magic */
#include "spool.h"
#include "tar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static int gather(void *arg, const void *data, size_t len)
{
	struct {
		char data[64];
		size_t len;
	} *g = arg;

	assert_true(g->len + len < sizeof(g->data));
	memcpy(g->data + g->len, data, len);
	g->len += len;
	return 0;
}

static const uint8_t gzipped[] = {
	0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03,
	0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x00, 0x91, 0x5c,
	0x00, 0xa5, 0x6a, 0x0a, 0x44, 0x0c, 0x00, 0x00, 0x00,
};
static const uint8_t bzipped[] = {
	0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0x85, 0x74,
	0x6e, 0x41, 0x00, 0x00, 0x02, 0xd1, 0x00, 0x00, 0x10, 0x40, 0x00, 0x02,
	0x44, 0xa0, 0x00, 0x30, 0xc0, 0x04, 0xa6, 0x98, 0x52, 0x0d, 0xc2, 0x86,
	0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0x85, 0x74, 0x6e, 0x41,
};
static const uint8_t xzipped[] = {
	0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x01, 0x69, 0x22, 0xde, 0x36, 0x02,
	0x00, 0x21, 0x01, 0x16, 0x00, 0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0x01, 0x00,
	0x0b, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x20, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x0a,
	0x00, 0xa5, 0x6a, 0x0a, 0x44, 0x00, 0x01, 0x20, 0x0c, 0xa2, 0xdd, 0xb4, 0xbc,
	0x90, 0x42, 0x99, 0x0d, 0x01, 0x00, 0x00, 0x00, 0x00, 0x01, 0x59, 0x5a,
};
static const uint8_t zstded[] = {
	0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x0c, 0x61, 0x00, 0x00, 0x68, 0x65, 0x6c, 0x6c,
	0x6f, 0x20, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x0a, 0xff, 0x7a, 0xd5, 0x1a,
};
/* As zstd:chunked has it: a skippable frame of three bytes first. */
static const uint8_t skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3 };

static int file_of(const void *a, size_t a_len, const void *b, size_t b_len)
{
	int fd = spool_open(0);

	assert_int_equal(write_all(fd, a, a_len), 0);
	assert_int_equal(write_all(fd, b, b_len), 0);
	return fd;
}

static void filters(void **state UNUSED)
{
	static const struct {
		const void *data;
		size_t len;
		enum tar_filter filter;
	} cases[] = {
		{ gzipped, sizeof(gzipped), TAR_GZIP }, { bzipped, sizeof(bzipped), TAR_BZIP2 },
		{ xzipped, sizeof(xzipped), TAR_XZ },	{ zstded, sizeof(zstded), TAR_ZSTD },
		{ "hello hello\n", 12, TAR_PLAIN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		/* One stream, two behind one another, a byte too much, a byte too few. */
		for (int twice = 0; twice < 2; twice++) {
			struct {
				char data[64];
				size_t len;
			} got = { .len = 0 };
			size_t second = twice ? cases[i].len : 0;
			int fd = file_of(cases[i].data, cases[i].len, cases[i].data, second);
			struct range range = { fd, 0, cases[i].len + second };
			enum tar_filter filter = 99;

			assert_int_equal(tar_filter_of(&range, &filter), 0);
			assert_int_equal(filter, cases[i].filter);
			assert_int_equal(tar_decompress(&range, 24, gather, &got), 0);
			assert_int_equal(got.len, twice ? 24 : 12);
			assert_memory_equal(got.data, "hello hello\n", 12);
			assert_int_equal(tar_decompress(&range, got.len - 1, gather, &got),
					 -EFBIG);
			close(fd);
		}
		if (cases[i].filter != TAR_PLAIN) {
			struct {
				char data[64];
				size_t len;
			} got = { .len = 0 };
			int fd = file_of(cases[i].data, cases[i].len / 2, "", 0);

			assert_int_equal(
				tar_decompress(&(struct range) { fd, 0, cases[i].len / 2 }, 99,
					       gather, &got),
				-EBADMSG);
			close(fd);
		}
	}
}

static void zstd_skippable(void **state UNUSED)
{
	struct {
		char data[64];
		size_t len;
	} got = { .len = 0 };
	int fd = file_of(skippable, sizeof(skippable), zstded, sizeof(zstded));

	assert_int_equal(
		tar_decompress(&(struct range) { fd, 0, sizeof(skippable) + sizeof(zstded) },
			       99, gather, &got),
		0);
	assert_int_equal(got.len, 12);
	close(fd);
}

static void from_pipe(void **state UNUSED)
{
	struct {
		char data[64];
		size_t len;
	} got = { .len = 0 };
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write_all(fds[1], gzipped, sizeof(gzipped)), 0);
	close(fds[1]);
	assert_int_equal(
		tar_decompress(&(struct range) { fds[0], 0, UINT64_MAX }, 99, gather, &got), 0);
	assert_int_equal(got.len, 12);
	close(fds[0]);
}

static int full(void *arg UNUSED, const void *data UNUSED, size_t len UNUSED)
{
	return -ENOSPC;
}

static void sink_is_full(void **state UNUSED)
{
	int fd = file_of(zstded, sizeof(zstded), "", 0);
	const struct range range = { fd, 0, sizeof(zstded) };

	assert_int_equal(tar_decompress(&range, 99, full, NULL), -ENOSPC);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters),
		cmocka_unit_test(zstd_skippable),
		cmocka_unit_test(from_pipe),
		cmocka_unit_test(sink_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
