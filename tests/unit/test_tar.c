// SPDX-License-Identifier: Apache-2.0
/* test_tar.c - entries and data out as they went in; filters; hostile headers */
#include "digest.h"
#include "spool.h"
#include "tar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define LONG100 \
	"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"

static const char capability[] = { 1, 0, 0, 2, 0, '\n', 0, 4 };
static const struct tar_xattr xattrs[] = {
	{ "security.capability", capability, sizeof(capability) },
	{ "user.empty", "", 0 },
};

static const struct tar_entry entries[] = {
	{ .path = "d/",
	  .type = TAR_DIR,
	  .mode = 01777,
	  .uid = 1,
	  .gid = 2,
	  .mtime = 1700000000 },
	{ .path = "d/f", .type = TAR_FILE, .mode = 04755, .size = 5, .mtime = -1 },
	{ .path = "d/h", .link = "d/f", .type = TAR_HARDLINK, .mode = 04755, .mtime = -1 },
	{ .path = "l", .link = "../odd \xff\xfe", .type = TAR_SYMLINK, .mode = 0777 },
	{ .path = "\xc3\xbc/" LONG100 LONG100 LONG100,
	  .type = TAR_FILE,
	  .mode = 0600,
	  .size = 0,
	  .uid = 3000000000,
	  .gid = 2097152 },
	{ .path = "raw\xff\n",
	  .type = TAR_FILE,
	  .mode = 0644,
	  .size = 1,
	  .xattrs = xattrs,
	  .n_xattrs = 2 },
	{ .path = "c", .type = TAR_CHAR, .mode = 0666, .major = 1, .minor = 3 },
	{ .path = "b", .type = TAR_BLOCK, .mode = 0660, .major = 259, .minor = 70000 },
	{ .path = "p", .type = TAR_FIFO, .mode = 0600 },
	{ .path = "big", .type = TAR_FILE, .mode = 0644, .size = 300000 },
};

static const char *data_of(const struct tar_entry *e, char buf[300000])
{
	memset(buf, 'x', e->size);
	if (e->size == 5)
		memcpy(buf, "hello", 5);
	return buf;
}

/* Writes all entries to an unlinked file. */
static void write_entries(struct spool_sink *sink)
{
	static char buf[300000];
	struct tar_writer *w;

	sink->fd = spool_open(0);
	assert_int_equal(tar_writer_new(spool_write, sink, &w), 0);
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		assert_int_equal(tar_put(w, &entries[i]), 0);
		if (entries[i].size)
			assert_int_equal(
				tar_write(w, data_of(&entries[i], buf), entries[i].size), 0);
	}
	assert_int_equal(tar_writer_finish(w), 0);
}

static void assert_entry(const struct tar_entry *e, const struct tar_entry *want)
{
	assert_string_equal(e->path, want->path);
	assert_int_equal(e->type, want->type);
	if (want->link)
		assert_string_equal(e->link, want->link);
	else
		assert_null(e->link);
	assert_int_equal(e->mode, want->mode);
	assert_int_equal(e->uid, want->uid);
	assert_int_equal(e->gid, want->gid);
	assert_int_equal(e->size, want->size);
	assert_int_equal(e->mtime, want->mtime);
	assert_int_equal(e->major, want->major);
	assert_int_equal(e->minor, want->minor);
	assert_false(e->sparse);
	assert_int_equal(e->n_xattrs, want->n_xattrs);
	for (size_t i = 0; i < e->n_xattrs; i++) {
		const struct tar_xattr *x = &want->xattrs[0];

		if (strcmp(e->xattrs[i].name, x->name) != 0)
			x = &want->xattrs[1];
		assert_string_equal(e->xattrs[i].name, x->name);
		assert_int_equal(e->xattrs[i].len, x->len);
		if (x->len)
			assert_memory_equal(e->xattrs[i].value, x->value, x->len);
	}
}

static void assert_data(struct tar_reader *r, const struct tar_entry *want)
{
	static char got[300001], buf[300000];
	size_t used = 0;
	ssize_t n;

	while ((n = tar_read(r, got + used, sizeof(got) - used)) > 0)
		used += (size_t)n;
	assert_int_equal(n, 0);
	assert_int_equal(used, want->size);
	assert_memory_equal(got, data_of(want, buf), used);
}

static void round_trip(void **state UNUSED)
{
	struct spool_sink sink = { 0 };
	struct tar_reader *r;
	struct tar_entry e;
	uint64_t pos[ARRAY_SIZE(entries)];

	write_entries(&sink);
	assert_int_equal(sink.len % 512, 0);
	/* All entries with data, then each alone from its position, twice over skipped data. */
	for (int with_data = 0; with_data < 2; with_data++) {
		assert_int_equal(tar_open(&(struct range) { sink.fd, 0, sink.len }, &r), 0);
		for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
			assert_int_equal(tar_next(r, &e), 1);
			assert_entry(&e, &entries[i]);
			pos[i] = e.pos;
			if (e.type == TAR_FILE && e.size) {
				char first;

				assert_int_equal(pread_all(sink.fd, &first, 1, e.data_pos), 0);
				assert_int_equal(first, e.size == 5 ? 'h' : 'x');
			}
			if (with_data && e.type == TAR_FILE)
				assert_data(r, &entries[i]);
		}
		assert_int_equal(tar_next(r, &e), 0);
		tar_close(r);
	}
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		assert_int_equal(
			tar_open(&(struct range) { sink.fd, pos[i], sink.len - pos[i] }, &r),
			0);
		assert_int_equal(tar_next(r, &e), 1);
		assert_entry(&e, &entries[i]);
		if (e.type == TAR_FILE)
			assert_data(r, &entries[i]);
		tar_close(r);
	}
	close(sink.fd);
}

/* Same entries, same bytes: pinned, so that a change of the writer is noticed. */
static void same_bytes(void **state UNUSED)
{
	struct digest_text text[2];

	for (int i = 0; i < 2; i++) {
		struct digest d;
		struct spool_sink sink = { .digest = &d };

		digest_init(&d);
		write_entries(&sink);
		digest_final(&d, &text[i]);
		close(sink.fd);
	}
	assert_string_equal(text[0].text, text[1].text);
	assert_string_equal(
		text[0].text,
		"sha256:2d3cd1f419b57a0951b460031d4f721fe5062e3e2f435d0a6b388cb7e9d1647b");
}

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

/* A sink that is full. */
static int full(void *arg UNUSED, const void *data UNUSED, size_t len UNUSED)
{
	return -ENOSPC;
}

static void sink_errors(void **state UNUSED)
{
	static char data[200000];
	const struct tar_entry e = { .path = "f", .type = TAR_FILE, .size = sizeof(data) };
	struct tar_writer *w;
	int fd = file_of(zstded, sizeof(zstded), "", 0);

	assert_int_equal(tar_writer_new(full, NULL, &w), 0);
	assert_int_equal(tar_put(w, &e), 0);
	assert_int_equal(tar_write(w, data, sizeof(data)), -ENOSPC);
	assert_int_equal(tar_writer_finish(w), -ENOSPC);
	assert_int_equal(tar_writer_new(full, NULL, &w), 0);
	assert_int_equal(tar_put(w, &e), 0);
	tar_writer_abort(w);
	assert_int_equal(
		tar_decompress(&(struct range) { fd, 0, sizeof(zstded) }, 99, full, NULL),
		-ENOSPC);
	close(fd);
}

/* ---- what is no tar, or lies --------------------------------------------------------------- */

static int open_bytes(const void *data, size_t len, struct tar_reader **r)
{
	int fd = file_of(data, len, "", 0);
	int e = tar_open(&(struct range) { fd, 0, len }, r);

	if (e < 0)
		close(fd);
	return e;
}

static void empty_archives(void **state UNUSED)
{
	static const char zeros[10240];
	static const size_t sizes[] = { 0, 512, 1024, 10240 };
	struct tar_reader *r;
	struct tar_entry e;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_int_equal(open_bytes(zeros, sizes[i], &r), 0);
		assert_int_equal(tar_next(r, &e), 0);
		tar_close(r);
	}
}

static void no_tar(void **state UNUSED)
{
	char junk[1024];
	struct tar_reader *r;

	memset(junk, 'j', sizeof(junk));
	assert_int_equal(open_bytes(junk, sizeof(junk), &r), -EBADMSG);
	assert_int_equal(open_bytes(junk, 10, &r), -EBADMSG);
	assert_int_equal(open_bytes(gzipped, sizeof(gzipped), &r), -EBADMSG);
	assert_int_equal(open_bytes("PK\3\4", 4, &r), -EBADMSG);
	/* A cpio or ar archive is none either. */
	memcpy(junk, "070701", 6);
	assert_int_equal(open_bytes(junk, sizeof(junk), &r), -EBADMSG);
}

static void cut_short(void **state UNUSED)
{
	struct spool_sink sink = { 0 };
	struct tar_reader *r;
	struct tar_entry e;
	uint64_t cuts[] = { 513, 700, 1024 + 512 + 100, 20000 };
	int n = 0;

	write_entries(&sink);
	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		assert_int_equal(tar_open(&(struct range) { sink.fd, 0, cuts[i] }, &r), 0);
		while ((n = tar_next(r, &e)) > 0)
			;
		assert_int_equal(n, -EBADMSG);
		assert_non_null(tar_reason(r));
		tar_close(r);
	}
	close(sink.fd);
}

static void resum(char *header)
{
	unsigned int sum = 0;

	memset(header + 148, ' ', 8);
	for (int i = 0; i < 512; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum);
}

static void plain_header(void **state UNUSED)
{
	static const uint64_t sizes[] = { 0, 5, 077777777777, 0100000000000,
					  UINT64_C(1) << 40 };
	struct tar_reader *r;
	struct tar_entry e;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char block[2 * TAR_RECORD] = { 0 };

		tar_plain_header("blobs/x", false, sizes[i], block);
		assert_int_equal(open_bytes(block, sizeof(block), &r), 0);
		assert_int_equal(tar_next(r, &e), 1);
		assert_string_equal(e.path, "blobs/x");
		assert_int_equal(e.size, sizes[i]);
		assert_int_equal(e.mode, 0644);
		assert_int_equal(e.data_pos, 512);
		tar_close(r);
	}
}

static void bad_headers(void **state UNUSED)
{
	char block[3 * TAR_RECORD] = { 0 };
	struct tar_reader *r;
	struct tar_entry e;

	/* A size of -1 in base 256. */
	tar_plain_header("x", false, 0, block);
	memset(block + 124, 0xff, 12);
	resum(block);
	assert_int_equal(open_bytes(block, sizeof(block), &r), 0);
	assert_int_equal(tar_next(r, &e), -EBADMSG);
	tar_close(r);

	/* A pax header that says it is a gigabyte long. */
	tar_plain_header("x", false, 1u << 30, block);
	block[156] = 'x';
	resum(block);
	assert_int_equal(open_bytes(block, sizeof(block), &r), 0);
	assert_int_equal(tar_next(r, &e), -EBADMSG);
	tar_close(r);

	/* A pax header whose record is malformed. */
	tar_plain_header("x", false, 20, block);
	block[156] = 'x';
	resum(block);
	memcpy(block + TAR_RECORD, "99 path=../../passwd\n", 21);
	tar_plain_header("y", false, 0, block + 2 * TAR_RECORD);
	assert_int_equal(open_bytes(block, sizeof(block), &r), 0);
	assert_int_equal(tar_next(r, &e), -EBADMSG);
	tar_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),	  cmocka_unit_test(same_bytes),
		cmocka_unit_test(filters),	  cmocka_unit_test(zstd_skippable),
		cmocka_unit_test(from_pipe),	  cmocka_unit_test(sink_errors),
		cmocka_unit_test(empty_archives), cmocka_unit_test(no_tar),
		cmocka_unit_test(cut_short),	  cmocka_unit_test(plain_header),
		cmocka_unit_test(bad_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
