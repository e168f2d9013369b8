// SPDX-License-Identifier: Apache-2.0
/* test_tlog.c - the log: written and read back, cut anywhere, damaged anywhere, full disk */
#include "tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

static const struct tlog_field header[] = {
	{ "arch", "amd64" },
	{ "host", "h" },
	{ "mount", "/proc" },
	{ "arg", "a\nb" },
};

static const struct tlog_misses misses[] = { { 300, 1, 4 }, { 1, 0, 5 } };

#define N_RECORDS 11

/* Writes the same small log each time; the bytes to *data. */
static void write_log(bool batch, char **data, size_t *len)
{
	int fd = memfd_create("log", 0), keep = dup(fd);
	struct tlog_writer *w;

	assert_int_equal(tlog_writer_new(fd, batch, &w), 0);
	assert_int_equal(tlog_put_header(w, header, ARRAY_SIZE(header)), 0);
	assert_int_equal(tlog_put_path(w, TLOG_EXEC, 0, 0, "/usr/bin/app", 12), 1);
	assert_int_equal(tlog_put_path(w, TLOG_READ, 1, 0, "/usr/lib/libc.so", 16), 2);
	assert_int_equal(
		tlog_put_path(w, TLOG_READ | TLOG_RESOLVED, 1, 2, "/usr/lib/libc-2.so", 18), 3);
	assert_int_equal(tlog_put_path(w, TLOG_STAT, 1, 0, "/etc/x", 6), 4);
	assert_int_equal(tlog_put_path(w, TLOG_STAT, 1, 0, "/usr/lib/libm.so", 16), 5);
	assert_int_equal(tlog_put_seen(w, 4, TLOG_READ, 1, 0), 0);
	assert_int_equal(tlog_put_note(w, TLOG_NOTE_UNREADABLE, 2, "why"), 0);
	assert_int_equal(tlog_put_misses(w, misses, ARRAY_SIZE(misses)), 0);
	assert_int_equal(tlog_put_end(w, header, 1), 0);
	assert_int_equal(tlog_writer_flush(w), 0);
	tlog_writer_free(w);
	assert_int_equal(read_whole(keep, 1 << 20, data, len), 0);
	close(keep);
}

/* Reads all records; the number of them. Each is printed into text if it is not NULL. */
static size_t read_log(const char *data, size_t len, enum tlog_state *state, char *text)
{
	struct tlog_reader *r;
	struct tlog_record rec;
	size_t n = 0;

	if (text)
		*text = '\0';
	if (tlog_reader_new(data, len, &r) < 0) {
		*state = TLOG_DAMAGED;
		return 0;
	}
	while (tlog_next(r, &rec) > 0) {
		n++;
		if (text && rec.path)
			text += sprintf(text, "%u %x %u %u %s\n", rec.id, rec.ops, rec.by,
					rec.of, rec.path);
		else if (text && rec.text)
			text += sprintf(text, "%u %u %s\n", rec.code, (unsigned int)rec.count,
					rec.text);
	}
	*state = tlog_reader_state(r, NULL, NULL);
	tlog_reader_free(r);
	return n;
}

static void round_trip(void **state UNUSED)
{
	for (int batch = 0; batch < 2; batch++) {
		char *data, text[512];
		enum tlog_state end;
		size_t len;

		write_log(batch, &data, &len);
		assert_int_equal(read_log(data, len, &end, text), N_RECORDS);
		assert_int_equal(end, TLOG_COMPLETE);
		assert_string_equal(text, "1 1 0 0 /usr/bin/app\n"
					  "2 4 1 0 /usr/lib/libc.so\n"
					  "3 2004 1 2 /usr/lib/libc-2.so\n"
					  "4 10 1 0 /etc/x\n"
					  "5 10 1 0 /usr/lib/libm.so\n"
					  "4 4 1 0 /etc/x\n"
					  "1 2 why\n"
					  "10 300 /usr/bin/app//etc/x\n"
					  "10 1 //usr/lib/libm.so\n");
		free(data);
	}
}

/* Whatever byte it ends at, a cut log is good up to there and is not called damaged. */
static void cut_anywhere(void **state UNUSED)
{
	char *data;
	size_t len, last = 0;

	write_log(false, &data, &len);
	for (size_t n = TLOG_MAGIC_LEN; n < len; n++) {
		enum tlog_state end;
		size_t records = read_log(data, n, &end, NULL);

		assert_int_equal(end, TLOG_CUT);
		assert_true(records >= last && records < N_RECORDS);
		last = records;
	}
	assert_int_equal(last, N_RECORDS - 1);
	free(data);
}

/* What is copied of a log that is being written reads as a cut one, and ends with a frame. */
static void whole_frames(void **state UNUSED)
{
	char *data;
	size_t len, last = 0, n_steps = 0;

	write_log(false, &data, &len);
	for (size_t n = 0; n <= len; n++) {
		size_t whole = tlog_whole_frames(data, n, true);
		enum tlog_state end = TLOG_CUT;

		assert_true(whole <= n && whole >= last);
		n_steps += whole > last;
		last = whole;
		if (whole)
			read_log(data, whole, &end, NULL);
		assert_int_equal(end, whole == len ? TLOG_COMPLETE : TLOG_CUT);
		/* And from there on. */
		assert_int_equal(whole + tlog_whole_frames(data + whole, len - whole, !whole),
				 len);
	}
	assert_int_equal(last, len);
	assert_int_equal(n_steps, N_RECORDS); /* the magic and a frame for each, two in one */
	/* Where no frame can begin all is copied: a reader shall see the damage. */
	assert_int_equal(tlog_whole_frames("\0abc", 4, false), 4);
	assert_int_equal(tlog_whole_frames("\377\377\377\377\1abc", 8, false), 8);
	free(data);
}

static void log_names(void **state UNUSED)
{
	static const char *const good[] = { "a.tlog", "A-b_2.x.tlog", "-.tlog" };
	static const char *const bad[] = {
		"",	   ".tlog",    "a.tlo",	    "a.tlog ",
		".a.tlog", "a/b.tlog", "a\nb.tlog", "\303\244.tlog"
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(tlog_name_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(tlog_name_valid(bad[i]));
}

/* Whatever bit is changed, nothing wrong comes out; only in the last frame may it look cut. */
static void damaged_anywhere(void **state UNUSED)
{
	char *data, want[512], got[512];
	enum tlog_state end;
	size_t len;

	write_log(false, &data, &len);
	read_log(data, len, &end, want);
	for (size_t bit = 0; bit < len * 8; bit++) {
		data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
		got[0] = '\0';
		read_log(data, len, &end, got);
		assert_int_not_equal(end, TLOG_COMPLETE);
		assert_memory_equal(got, want, strlen(got));
		if (bit / 8 < len - 20)
			assert_int_equal(end, TLOG_DAMAGED);
		data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
	}
	free(data);
}

static void put_checksum(char *frame, size_t head, size_t len)
{
	uint32_t crc = tlog_crc32c(0, frame, head + len);

	for (int i = 0; i < 4; i++)
		frame[head + len + (size_t)i] = (char)(crc >> 8 * i);
}

/* Whatever stands in a frame whose checksum is right: what was before it counts, no more. */
static void wrong_records(void **state UNUSED)
{
	char *data, want[512], got[16384];
	enum tlog_state end;
	size_t len, last = 0;

	write_log(false, &data, &len);
	for (size_t at = TLOG_MAGIC_LEN; at < len;) {
		size_t size = (unsigned char)data[at], before;

		assert_true(size < 128); /* so the length is one byte */
		before = read_log(data, at, &end, want);
		assert_true(before >= last);
		last = before;
		for (size_t i = 0; i < size; i++) {
			char old = data[at + 1 + i];

			for (int value = 0; value < 256; value++) {
				data[at + 1 + i] = (char)value;
				put_checksum(data + at, 1, size);
				got[0] = '\0';
				assert_true(read_log(data, len, &end, got) >= before);
				assert_memory_equal(got, want, strlen(want));
			}
			data[at + 1 + i] = old;
		}
		put_checksum(data + at, 1, size);
		at += 1 + size + 4;
	}
	read_log(data, len, &end, NULL);
	assert_int_equal(end, TLOG_COMPLETE);
	free(data);
}

/* A write that does not fit leaves no half frame, and the log goes on when there is room. */
static void full_disk(void **state UNUSED)
{
	struct rlimit old, small;
	char name[] = "/tmp/imagetrim-tlog.XXXXXX", path[128];
	int fd = mkstemp(name), keep = dup(fd);
	struct tlog_writer *w;
	enum tlog_state end;
	size_t len;
	char *data;

	unlink(name);
	signal(SIGXFSZ, SIG_IGN);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	assert_int_equal(tlog_writer_new(fd, false, &w), 0);
	assert_int_equal(tlog_put_header(w, header, ARRAY_SIZE(header)), 0);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 100;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(tlog_put_path(w, TLOG_READ, 0, 0, path, sizeof(path)), -EFBIG);
	assert_int_equal(tlog_put_path(w, TLOG_READ, 0, 0, "/fits", 5), 1);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(tlog_put_path(w, TLOG_READ, 0, 0, path, sizeof(path)), 2);
	tlog_writer_free(w);
	assert_int_equal(read_whole(keep, 1 << 20, &data, &len), 0);
	assert_int_equal(read_log(data, len, &end, NULL), 3);
	assert_int_equal(end, TLOG_CUT);
	free(data);
	close(keep);
}

/* At most 24 bytes a path, in any order; what a python run opens is a fair sample. */
static void small(void **state UNUSED)
{
	static char paths[1000][96];
	int fd = memfd_create("log", 0), keep = dup(fd);
	struct tlog_writer *w;
	size_t len;
	char *data;

	assert_int_equal(tlog_writer_new(fd, false, &w), 0);
	assert_int_equal(tlog_put_header(w, header, 1), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(paths); i++) {
		unsigned int k = i * 347 % ARRAY_SIZE(paths);
		int n = snprintf(paths[i], sizeof(paths[i]),
				 "/usr/lib/python3.11/pack_%u/__pycache__/f%u.cpython-311.pyc",
				 k / 16, k);

		assert_true(tlog_put_path(w, i % 2 ? TLOG_READ : TLOG_STAT, 1 - !i, 0, paths[i],
					  (size_t)n) > 0);
	}
	tlog_writer_free(w);
	assert_int_equal(read_whole(keep, 1 << 20, &data, &len), 0);
	assert_true(len < 24 * ARRAY_SIZE(paths));
	free(data);
	close(keep);
}

/* Whatever the order of paths and accesses, what is left out comes back. */
static void leaves_out(void **state UNUSED)
{
	static const char *const texts[] = {
		"/a",	     "/a/b",   "/a/b/", "/a/b/b/b",	  "/b", "/a/b/c.so",
		"/a/x/c.so", "/a/x/c", "/c.so", "/a/b/c.so.c.so", "/",
	};
	uint32_t ids[ARRAY_SIZE(texts)] = { 0 };
	char want[65536], got[65536], *to, *data;
	unsigned int seed = 1;
	enum tlog_state end;
	size_t len;

	for (int round = 0; round < 200; round++) {
		int fd = memfd_create("log", 0), keep = dup(fd);
		struct tlog_writer *w;

		memset(ids, 0, sizeof(ids));
		to = want;
		*to = *got = '\0';
		assert_int_equal(tlog_writer_new(fd, round % 2, &w), 0);
		assert_int_equal(tlog_put_header(w, header, 1), 0);
		for (int i = 0; i < 40; i++) {
			size_t n = (size_t)rand_r(&seed) % ARRAY_SIZE(texts);
			uint32_t next = tlog_writer_next_id(w), most = ids[n] ? next - 1 : next;
			uint32_t ops = 1u << rand_r(&seed) % 3;
			uint32_t by = (uint32_t)rand_r(&seed) % (most + 1), of = 0;

			if (rand_r(&seed) % 3 == 0) {
				ops |= TLOG_RESOLVED;
				of = (uint32_t)rand_r(&seed) % (most + 1);
			}
			if (ids[n]) {
				assert_int_equal(tlog_put_seen(w, ids[n], ops, by, of), 0);
			} else {
				assert_int_equal(tlog_put_path(w, ops, by, of, texts[n],
							       strlen(texts[n])),
						 next);
				ids[n] = next;
			}
			to += sprintf(to, "%u %x %u %u %s\n", ids[n], ops, by, of, texts[n]);
		}
		assert_int_equal(tlog_put_end(w, header, 1), 0);
		assert_int_equal(tlog_writer_flush(w), 0);
		tlog_writer_free(w);
		assert_int_equal(read_whole(keep, 1 << 20, &data, &len), 0);
		read_log(data, len, &end, got);
		assert_int_equal(end, TLOG_COMPLETE);
		assert_string_equal(got, want);
		free(data);
		close(keep);
	}
}

static void creates_new_files(void **state UNUSED)
{
	char dir[] = "/tmp/imagetrim-tlog.XXXXXX", full[256];
	char *a, *b;
	int fa, fb;

	assert_non_null(mkdtemp(dir));
	fa = tlog_create(dir, "../host name", &a);
	fb = tlog_create(dir, "../host name", &b);
	assert_true(fa >= 0 && fb >= 0);
	assert_string_not_equal(a, b);
	assert_null(strchr(a, '/'));
	assert_int_equal(strncmp(a, "_._host_name-", 13), 0);
	for (int i = 0; i < 2; i++) {
		snprintf(full, sizeof(full), "%s/%s", dir, i ? b : a);
		unlink(full);
	}
	rmdir(dir);
	close(fa);
	close(fb);
	free(a);
	free(b);
}

static void names(void **state UNUSED)
{
	char text[160];

	tlog_ops_format((1u << TLOG_N_OPS) - 1, text, sizeof(text));
	assert_int_equal(tlog_ops_parse(text), (1u << TLOG_N_OPS) - 1);
	assert_int_equal(tlog_ops_parse("read,nonsense"), 0);
	assert_int_equal(tlog_ops_parse(""), 0);
	for (unsigned int i = 1; tlog_note_name(i); i++)
		assert_int_equal(tlog_note_parse(tlog_note_name(i)), i);
}

/* RFC 3720, B.4; long pieces (by the CPU) and single bytes (by the table) agree anywhere. */
static void checksum(void **state UNUSED)
{
	char bytes[32];
	uint32_t crc;

	assert_int_equal(tlog_crc32c(0, (const char[32]) { 0 }, 32), 0x8a9136aa);
	for (int i = 0; i < 32; i++)
		bytes[i] = (char)i;
	assert_int_equal(tlog_crc32c(0, bytes, 32), 0x46dd794e);
	assert_int_equal(tlog_crc32c(0, "123456789", 9), 0xe3069283);
	for (size_t from = 0; from < 32; from++) {
		for (size_t to = from; to <= 32; to++) {
			crc = tlog_crc32c(0, bytes, from);
			for (size_t i = from; i < to; i++)
				crc = tlog_crc32c(crc, bytes + i, 1);
			assert_int_equal(crc, tlog_crc32c(0, bytes, to));
			crc = tlog_crc32c(tlog_crc32c(0, bytes, from), bytes + from, to - from);
			assert_int_equal(crc, tlog_crc32c(0, bytes, to));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),	    cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(damaged_anywhere), cmocka_unit_test(wrong_records),
		cmocka_unit_test(full_disk),	    cmocka_unit_test(small),
		cmocka_unit_test(leaves_out),	    cmocka_unit_test(names),
		cmocka_unit_test(checksum),	    cmocka_unit_test(creates_new_files),
		cmocka_unit_test(whole_frames),	    cmocka_unit_test(log_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
