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

static int file_of(const void *a, size_t a_len, const void *b, size_t b_len)
{
	int fd = spool_open(0);

	assert_int_equal(write_all(fd, a, a_len), 0);
	assert_int_equal(write_all(fd, b, b_len), 0);
	return fd;
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

	assert_int_equal(tar_writer_new(full, NULL, &w), 0);
	assert_int_equal(tar_put(w, &e), 0);
	assert_int_equal(tar_write(w, data, sizeof(data)), -ENOSPC);
	assert_int_equal(tar_writer_finish(w), -ENOSPC);
	assert_int_equal(tar_writer_new(full, NULL, &w), 0);
	assert_int_equal(tar_put(w, &e), 0);
	tar_writer_abort(w);
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
	assert_int_equal(open_bytes("\x1f\x8b\x08", 3, &r), -EBADMSG);
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

/* As `umoci insert` writes it: the last file without padding, and no end. But whole it must be. */
static void not_padded(void **state UNUSED)
{
	const struct tar_entry put = {
		.path = "f", .type = TAR_FILE, .mode = 0644, .size = 600
	};
	struct spool_sink sink = { .fd = spool_open(0) };
	struct tar_writer *w;
	struct tar_reader *r;
	struct tar_entry e;
	char data[600] = { 'x' }, back[600];

	assert_int_equal(tar_writer_new(spool_write, &sink, &w), 0);
	assert_int_equal(tar_put(w, &put), 0);
	assert_int_equal(tar_write(w, data, sizeof(data)), 0);
	assert_int_equal(tar_writer_finish(w), 0);
	for (uint64_t len = 512 + 600; len < 512 + 1024; len += 100) {
		assert_int_equal(tar_open(&(struct range) { sink.fd, 0, len }, &r), 0);
		assert_int_equal(tar_next(r, &e), 1);
		assert_int_equal(tar_read(r, back, sizeof(back)), sizeof(back));
		assert_memory_equal(back, data, sizeof(back));
		assert_int_equal(tar_next(r, &e), 0);
		tar_close(r);
	}
	assert_int_equal(tar_open(&(struct range) { sink.fd, 0, 512 + 599 }, &r), 0);
	while (tar_next(r, &e) > 0)
		if (tar_read(r, back, sizeof(back)) < 0)
			break;
	assert_int_equal(tar_next(r, &e), -EBADMSG);
	tar_close(r);
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

/* A file that is one hole, as GNU tar writes it. */
static void holes(void **state UNUSED)
{
	static const char records[] = "27 GNU.sparse.size=1048576\n"
				      "26 GNU.sparse.numblocks=1\n"
				      "24 GNU.sparse.name=hole\n"
				      "28 GNU.sparse.map=1048576,0\n";
	static char buf[1 << 20], zeros[1 << 20];
	char block[5 * TAR_RECORD] = { 0 };
	struct tar_reader *r;
	struct tar_entry e;
	size_t used = 0;
	ssize_t n;

	tar_plain_header("x", false, strlen(records), block);
	block[156] = 'x';
	resum(block);
	memcpy(block + TAR_RECORD, records, strlen(records));
	tar_plain_header("y", false, 0, block + 2 * TAR_RECORD);
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(open_bytes(block, sizeof(block), &r), 0);
	assert_int_equal(tar_next(r, &e), 1);
	assert_string_equal(e.path, "hole");
	assert_true(e.sparse);
	assert_int_equal(e.size, sizeof(buf));
	while ((n = tar_read(r, buf + used, MIN(sizeof(buf) - used, 100000u))) > 0)
		used += (size_t)n;
	assert_int_equal(n, 0);
	assert_int_equal(used, sizeof(buf));
	assert_memory_equal(buf, zeros, sizeof(buf));
	tar_close(r);
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
		cmocka_unit_test(round_trip),  cmocka_unit_test(same_bytes),
		cmocka_unit_test(sink_errors), cmocka_unit_test(empty_archives),
		cmocka_unit_test(no_tar),      cmocka_unit_test(cut_short),
		cmocka_unit_test(not_padded),  cmocka_unit_test(plain_header),
		cmocka_unit_test(bad_headers), cmocka_unit_test(holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
