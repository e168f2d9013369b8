// SPDX-License-Identifier: Apache-2.0
/* test_compress.c - forms and numbers; the same bytes for any threads; round trips; headers */
#include "compress.h"
#include "fixture.h"

static struct compress_form parse(const char *text, const char *threads)
{
	struct compress_form form;

	assert_int_equal(compress_parse(text, threads, &form), 0);
	return form;
}

static struct bytes compressed(const char *text, unsigned int threads, struct bytes data,
			       size_t step)
{
	struct compress_form form = parse(text, xasprintf("%u", threads));
	struct bytes out = { 0 };
	struct compressor *c;

	assert_int_equal(compressor_new(&form, bytes_sink, &out, &c), 0);
	for (size_t i = 0; i < data.len; i += step)
		assert_int_equal(compressor_write(c, data.data + i, MIN(step, data.len - i)),
				 0);
	assert_int_equal(compressor_end(c), 0);
	compressor_free(c);
	return out;
}

/* Text that compresses, and not only because it repeats. */
static struct bytes sample(size_t len)
{
	struct bytes b = { xmalloc(len + 1), len };
	uint32_t x = 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		b.data[i] = (char)('a' + (x >> 24) % (i / 1000 % 20 + 2));
	}
	return b;
}

static void assert_back(struct bytes blob, struct bytes want)
{
	int fd = memfd_create("blob", MFD_CLOEXEC);
	struct bytes got = { 0 };

	assert_int_equal(write_all(fd, blob.data, blob.len), 0);
	assert_int_equal(tar_decompress(&(struct range) { fd, 0, blob.len }, UINT64_MAX - 1,
					bytes_sink, &got),
			 0);
	close(fd);
	assert_int_equal(got.len, want.len);
	if (want.len)
		assert_memory_equal(got.data, want.data, want.len);
}

static const char *const all[] = { "gzip", "gzip:1", "gzip:9", "zstd", "zstd:1", "zstd:9" };

static void round_trips(void **state UNUSED)
{
	static const size_t sizes[] = { 1, 512, (2 << 20) - 1, 2 << 20, (2 << 20) + 1 };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		for (size_t k = 0; k < ARRAY_SIZE(sizes); k++) {
			struct bytes data = sample(sizes[k]);

			assert_back(compressed(all[i], 2, data, 100000), data);
		}
}

/* Nor the sizes of the pieces. */
static void threads_change_nothing(void **state UNUSED)
{
	struct bytes data = sample(5 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct bytes one = compressed(all[i], 1, data, 1 << 20);

		for (unsigned int n = 2; n <= 4; n++) {
			struct bytes more = compressed(all[i], n, data, 77777 * n);

			assert_int_equal(more.len, one.len);
			assert_memory_equal(more.data, one.data, one.len);
		}
		assert_true(one.len < data.len * 3 / 4);
	}
}

/* RFC 1952: no name (flags 0), no time, an unknown system. */
static void gzip_header(void **state UNUSED)
{
	static const char head[] = { 0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0 };
	struct bytes b = compressed("gzip", 1, sample(100), 100);

	assert_memory_equal(b.data, head, sizeof(head));
	assert_int_equal((unsigned char)b.data[9], 255);
}

static int fail_sink(void *arg UNUSED, const void *data UNUSED, size_t len UNUSED)
{
	return -ENOSPC;
}

static void sink_fails(void **state UNUSED)
{
	static const char *const forms[] = { "gzip", "zstd" };
	struct bytes data = sample(9 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct compress_form form = parse(forms[i], "2");
		struct compressor *c;
		int r;

		assert_int_equal(compressor_new(&form, fail_sink, NULL, &c), 0);
		r = compressor_write(c, data.data, data.len);
		assert_int_equal(r < 0 ? r : compressor_end(c), -ENOSPC);
		compressor_free(c);
	}
}

static void parses(void **state UNUSED)
{
	struct compress_form form = parse(NULL, NULL);

	assert_int_equal(form.filter, TAR_PLAIN);
	assert_false(form.chosen);
	assert_true(form.threads >= 1);
	form = parse("none", "64");
	assert_int_equal(form.filter, TAR_PLAIN);
	assert_true(form.chosen);
	assert_int_equal(form.threads, 64);
	form = parse("gzip:9", "1");
	assert_int_equal(form.filter, TAR_GZIP);
	assert_int_equal(form.level, 9);
	assert_int_equal(parse("zstd", "1").filter, TAR_ZSTD);
}

static void refuses(void **state UNUSED)
{
	static const struct {
		const char *text, *threads, *words;
	} bad[] = {
		{ "xz", NULL, "--compress wants none, gzip[:LEVEL] or zstd[:LEVEL], not 'xz'" },
		{ "", NULL, "not ''" },
		{ "none:1", NULL, "not 'none:1'" },
		{ "gzip:", NULL, "from 1 to 12" },
		{ "gzip:0", NULL, "from 1 to 12" },
		{ "gzip:13", NULL, "from 1 to 12" },
		{ "gzip:-1", NULL, "from 1 to 12" },
		{ "zstd:20", NULL, "from 1 to 19" },
		{ "zstd:3x", NULL, "from 1 to 19" },
		{ "gzip", "0", "--threads wants a number from 1 to 64, not '0'" },
		{ "gzip", "65", "not '65'" },
		{ NULL, "two", "not 'two'" },
		{ NULL, "", "not ''" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct compress_form form;
		struct listen l;

		listen_begin(&l);
		assert_int_equal(compress_parse(bad[i].text, bad[i].threads, &form), -EINVAL);
		listen_end(&l);
		assert_said(bad[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips), cmocka_unit_test(threads_change_nothing),
		cmocka_unit_test(gzip_header), cmocka_unit_test(sink_fails),
		cmocka_unit_test(parses),      cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
