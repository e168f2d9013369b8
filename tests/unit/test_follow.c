// SPDX-License-Identifier: Apache-2.0
/* test_follow.c - digests of what is still being written */
#include "fixture.h"
#include "follow.h"

#define PAUSE 3000 /* us */
#define LARGE (300u << 10)
#define SMALL 100u

/* An archive: a large entry, a small one, a large one behind a pax record. */
static struct bytes archive;
static uint64_t first, second; /* where the large ones' data is */

static int setup(void **state UNUSED)
{
	const struct tar_xattr xattr = { "user.x", "1", 1 };
	struct tar_entry e = { .path = "a", .type = TAR_FILE, .mode = 0644, .size = LARGE };
	char *data = xmalloc(LARGE);
	struct tar_writer *w;

	memset(data, 'x', LARGE);
	assert_int_equal(tar_writer_new(bytes_sink, &archive, &w), 0);
	assert_int_equal(tar_put(w, &e), 0);
	assert_int_equal(tar_write(w, data, LARGE), 0);
	e.path = "b";
	e.size = SMALL;
	assert_int_equal(tar_put(w, &e), 0);
	assert_int_equal(tar_write(w, data, SMALL), 0);
	e.path = "c";
	e.size = LARGE;
	e.xattrs = &xattr;
	e.n_xattrs = 1;
	assert_int_equal(tar_put(w, &e), 0);
	assert_int_equal(tar_write(w, data, LARGE), 0);
	assert_int_equal(tar_writer_finish(w), 0);
	first = TAR_RECORD;
	second = archive.len - 2 * TAR_RECORD - LARGE;
	return 0;
}

/* Writes len bytes in pieces, pause us between, while they are followed. */
static void follow(size_t len, bool whole, unsigned int pause, struct follow_digests *digests)
{
	int fd = spool_open(0);
	struct follower *f = follow_begin(fd);

	for (size_t done = 0; done < len;) {
		size_t n = MIN(len - done, 70001u);

		assert_int_equal(write_all(fd, archive.data + done, n), 0);
		usleep(pause);
		done += n;
	}
	follow_end(f, whole, digests);
	close(fd);
}

static void assert_known(const struct follow_digests *digests, uint64_t off, bool known)
{
	const struct digest_text *found = follow_digests_find(digests, off, LARGE);
	struct bytes data = { archive.data + off, LARGE };

	if (cpus_usable() < 2)
		return; /* then nothing is followed */
	assert_int_equal(found != NULL, known);
	if (known)
		assert_string_equal(found->text, digest_of_bytes(data));
}

static void all_of_it(void **state UNUSED)
{
	struct follow_digests digests;

	follow(archive.len, true, PAUSE, &digests);
	assert_known(&digests, first, true);
	assert_known(&digests, second, true);
	/* Nothing else is known: not other bytes, not what is soon hashed. */
	assert_null(follow_digests_find(&digests, first, LARGE - 1));
	assert_null(follow_digests_find(&digests, first + 1, LARGE));
	assert_true(digests.n_items <= 2);
	follow_digests_fini(&digests);
}

/* What the thread has not come to is done at the end, wherever it was. */
static void left_over(void **state UNUSED)
{
	for (unsigned int pause = 0; pause < 500; pause += 25) {
		struct follow_digests digests;

		follow(archive.len, true, pause, &digests);
		assert_known(&digests, first, true);
		assert_known(&digests, second, true);
		follow_digests_fini(&digests);
	}
}

/* What ends in the middle of an entry, or was not written to its end, tells nothing of that. */
static void cut(void **state UNUSED)
{
	struct follow_digests digests;

	follow((size_t)second + 1000, true, PAUSE, &digests);
	assert_known(&digests, first, true);
	assert_known(&digests, second, false);
	follow_digests_fini(&digests);
	follow(archive.len, false, PAUSE, &digests);
	assert_known(&digests, first, false);
	follow_digests_fini(&digests);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it),
		cmocka_unit_test(left_over),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
