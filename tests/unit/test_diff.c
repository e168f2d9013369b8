// SPDX-License-Identifier: Apache-2.0
/* test_diff.c - two trees side by side: rows, their order, what differs; two sets of logs */
#include "diff.h"
#include "fixture.h"
#include "layer.h"
#include "tlog.h"

static struct tree *tree_of(struct image *image)
{
	struct tree *tree = tree_new();

	assert_int_equal(layer_read_all(image, tree), 0);
	tree_freeze(tree);
	return tree;
}

/* "+/x ~/y:5", what differs as the bits of enum diff_what. */
static const char *rows_of(const struct diff *diff)
{
	static char out[4096];
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < diff->n_rows; i++) {
		const struct diff_row *row = &diff->rows[i];

		n += (size_t)sprintf(out + n, "%s%c%s", n ? " " : "", row->kind, row->path);
		if (row->kind == '~')
			n += (size_t)sprintf(out + n, ":%d", (int)row->what);
	}
	return out;
}

static void assert_diff(const char *const a[], const char *const b[], const char *want)
{
	struct image *x = image_of("a.tar", a, "amd64");
	struct image *y = image_of("b.tar", b, "amd64");
	struct tree *s = tree_of(x), *t = tree_of(y);
	struct diff diff;

	assert_int_equal(diff_images(&diff, x, s, y, t), 0);
	assert_string_equal(rows_of(&diff), want);
	assert_false(diff.logs);
	diff_fini(&diff);
	assert_null(diff.rows);
	tree_free(s);
	tree_free(t);
	image_free(x);
	image_free(y);
}
#define LINES(...) ((const char *const[]) { __VA_ARGS__, NULL })

static void nothing(void **state UNUSED)
{
	assert_diff(LINES("d a", "f a/x 1"), LINES("d a", "f a/x 1"), "");
	/* Other layers, other order: the same files. */
	assert_diff(LINES("f b 1", "f a 1"), LINES("f a 1", "f b 1"), "");
	/* A directory that no layer names is like one that is named. */
	assert_diff(LINES("f a/x 1"), LINES("d a", "f a/x 1"), "");
	/* Which names share a file is not compared. */
	assert_diff(LINES("f a 1", "h b a"), LINES("f a 1", "f b 1"), "");
}

/* Removed and added with all below, parents first, by name; a name that begins another's. */
static void added_and_removed(void **state UNUSED)
{
	assert_diff(LINES("d a", "f a/x 1", "d a/y", "f a/y/z 1", "f c 1"),
		    LINES("f b 1", "f c 1"), "-/a -/a/x -/a/y -/a/y/z +/b");
	assert_diff(LINES("f a 1", "f ab 1"), LINES("f a-b 1", "f ab 1"), "-/a +/a-b");
	assert_diff(LINES("f a 1"), LINES("f a 1", "f b 1"), "+/b");
}

static void changed(void **state UNUSED)
{
	char before[256], after[256];

	snprintf(before, sizeof(before), "~/a:%d ~/b:%d ~/c:%d ~/l:%d ~/t:%d", DIFF_CONTENT,
		 DIFF_CONTENT, DIFF_MODE, DIFF_LINK, DIFF_TYPE);
	assert_diff(LINES("f a 1", "f b 12", "f c 1", "l l a", "f t 1"),
		    LINES("f a 2", "f b 123", "0644 f c 1", "l l b", "d t"), before);
	/* What was a directory is another thing now: what was in it is gone. */
	snprintf(after, sizeof(after), "~/t:%d -/t/x", DIFF_TYPE);
	assert_diff(LINES("d t", "f t/x 1"), LINES("f t 1"), after);
}

/* Contents longer than what is compared at once, different in the last byte. */
static void long_content(void **state UNUSED)
{
	size_t len = 600000;
	char *a = xmalloc(len + 8), *b, want[32];

	memset(a, 'x', len);
	memcpy(a, "f a ", 4);
	a[len] = '\0';
	b = xmemdup(a, len);
	b[len - 1] = 'y';
	snprintf(want, sizeof(want), "~/a:%d", DIFF_CONTENT);
	assert_diff(LINES(a), LINES(b), want);
	assert_diff(LINES(a), LINES(a), "");
}

static void logs(void **state UNUSED)
{
	char *one = write_file("one", bytes_of("# imagetrim log 1\nheader\npath 1 read 0 /a\n"
					       "path 2 read 0 /b\npath 3 stat 0 /c\n"));
	char *two = write_file("two", bytes_of("# imagetrim log 1\nheader\npath 1 stat 0 /c\n"
					       "path 2 exec 0 /d\npath 3 read,stat 0 /a\n"));
	struct diff diff;
	char want[64];

	assert_int_equal(diff_logs(&diff, one, two), 0);
	assert_true(diff.logs);
	snprintf(want, sizeof(want), "~/a:%d -/b +/d", DIFF_ACCESS);
	assert_string_equal(rows_of(&diff), want);
	assert_int_equal(diff.rows[0].before_ops, TLOG_READ);
	assert_int_equal(diff.rows[0].after_ops, TLOG_READ | TLOG_STAT);
	diff_fini(&diff);
	assert_int_equal(diff_logs(&diff, one, one), 0);
	assert_int_equal(diff.n_rows, 0);
	diff_fini(&diff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing), cmocka_unit_test(added_and_removed),
		cmocka_unit_test(changed), cmocka_unit_test(long_content),
		cmocka_unit_test(logs),
	};

	return cmocka_run_group_tests(tests, box_setup, box_cleanup);
}
