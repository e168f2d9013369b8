// SPDX-License-Identifier: Apache-2.0
/* test_tar_pax.c - pax records around the largest size that is taken, and what they hold */
#include "spool.h"
#include "tar_header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

#define VALUE 60000u /* of an extended attribute; 64 KiB is the most */

/* A header of this type for size bytes, with a right checksum. */
static void put_header(int fd, char type, const char *name, uint64_t size)
{
	char block[TAR_RECORD];
	unsigned int sum = 0;

	tar_plain_header(name, false, size, block);
	block[156] = type;
	memset(block + 148, ' ', 8);
	for (int i = 0; i < TAR_RECORD; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	assert_int_equal(write_all(fd, block, sizeof(block)), 0);
}

/* One record "LEN SCHILY.xattr.user.NN=aaa\n" of exactly len bytes, from *out on. */
static void put_record(char **out, unsigned int n, size_t len)
{
	int used = sprintf(*out, "%zu SCHILY.xattr.user.%02u=", len, n);

	memset(*out + used, 'a', len - (size_t)used - 1);
	(*out)[len - 1] = '\n';
	*out += len;
}

/* A tar of one file whose records take total bytes; returns how many attributes it has. */
static unsigned int make(struct spool_sink *sink, size_t total)
{
	char *body = xcalloc(1, total + TAR_RECORD), *out = body;
	size_t left = total, padded = (total + TAR_RECORD - 1) / TAR_RECORD * TAR_RECORD;
	unsigned int n = 0;

	for (; left > 2 * VALUE; left -= VALUE)
		put_record(&out, n++, VALUE);
	put_record(&out, n++, left / 2);
	put_record(&out, n++, left - left / 2);
	*sink = (struct spool_sink) { .fd = spool_open(0) };
	put_header(sink->fd, 'x', "records", total);
	assert_int_equal(write_all(sink->fd, body, padded), 0);
	put_header(sink->fd, '0', "file", 0);
	sink->len = 2 * TAR_RECORD + padded;
	free(body);
	return n;
}

static int read_first(const struct spool_sink *sink, struct tar_reader **r, struct tar_entry *e)
{
	assert_int_equal(tar_open(&(struct range) { sink->fd, 0, sink->len }, r), 0);
	return tar_next(*r, e);
}

static void up_to_the_limit(void **state UNUSED)
{
	static const size_t sizes[] = { TAR_BODY_MAX - 513, TAR_BODY_MAX - 1, TAR_BODY_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct spool_sink sink;
		unsigned int n = make(&sink, sizes[i]);
		struct tar_reader *r;
		struct tar_entry e;

		assert_int_equal(read_first(&sink, &r, &e), 1);
		assert_string_equal(e.path, "file");
		assert_int_equal(e.n_xattrs, n);
		for (size_t k = 0; k < n; k++)
			assert_true(e.xattrs[k].len > VALUE / 2 - 64);
		assert_int_equal(tar_next(r, &e), 0);
		tar_close(r);
		close(sink.fd);
	}
}

/* Told, not half read; and by the reader that has the rest, too, so no one else's meaning counts. */
static void beyond_the_limit(void **state UNUSED)
{
	static const size_t sizes[] = { TAR_BODY_MAX + 1, TAR_BODY_MAX + 512, 4u << 20 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct spool_sink sink;
		struct tar_reader *r;
		struct tar_entry e;

		make(&sink, sizes[i]);
		assert_int_equal(read_first(&sink, &r, &e), -EBADMSG);
		assert_non_null(strstr(tar_reason(r), "too large"));
		tar_close(r);
		close(sink.fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_to_the_limit),
		cmocka_unit_test(beyond_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
