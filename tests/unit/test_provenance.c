// SPDX-License-Identifier: Apache-2.0
/* test_provenance.c - runs, programs and kinds of access behind a mark; its phrase */
#include "fixture.h"
#include "image_parts.h"
#include "provenance.h"
#include "selection.h"

static const char *const files[] = {
	"d bin", "f bin/app x",	 "f bin/sh x",	  "l lib usr/lib",
	"d usr", "d usr/lib",	 "f usr/lib/x x", "f usr/lib/y x",
	"d mnt", "f mnt/file x", "d cold",	  "f cold/a x",
	NULL,
};

struct fixture {
	struct image *image;
	struct tree *tree;
	struct access_set access;
	struct provenance p;
};

/* A run each, in the text form, from header to header. */
static void read_runs(struct fixture *f, const char *runs,
		      const struct selection_options *options)
{
	char *text = xasprintf("# imagetrim log 1\n%s", runs);
	char *log = write_file("log", bytes_of(text));
	uint64_t absent;

	f->image = image_of("p.tar", files, image_host_arch());
	provenance_init(&f->p);
	access_init(&f->access, f->image);
	f->access.watch = &f->p.watch;
	assert_int_equal(access_add_all(&f->access, &log, 1), 0);
	assert_int_equal(selection_make(f->image, &f->access, options, &f->tree, NULL, &absent),
			 0);
	provenance_settle(&f->p, f->image, f->tree, &f->access);
}

static void end(struct fixture *f)
{
	provenance_fini(&f->p);
	access_fini(&f->access);
	tree_free(f->tree);
	image_free(f->image);
}

static const struct selection_options exact = { .exact = true, .packages_mode = PACKAGES_KEEP };

static const struct node *node_of(const struct fixture *f, const char *path)
{
	const struct node *node = tree_find(f->tree, path);

	assert_non_null(node);
	return node;
}

static void assert_why(const struct fixture *f, const char *path, const char *want)
{
	char *why = provenance_why(&f->p, node_of(f, path));

	assert_string_equal(why, want);
	free(why);
}

/* The runs of a use as text. */
static const char *runs_of(const struct provenance_use *use)
{
	static char out[4096];
	uint32_t run = 0;
	size_t n = 0;

	out[0] = '\0';
	for (size_t pos = 0; provenance_next_run(use, &pos, &run);)
		n += (size_t)sprintf(out + n, "%s%u", n ? " " : "", run);
	return out;
}

static void programs_and_runs(void **state UNUSED)
{
	const struct provenance_hit *hits;
	const struct provenance_use *use;
	struct fixture f;
	size_t n;

	read_runs(&f,
		  "header\n  pod=a\npath 1 exec 0 /bin/app\npath 2 exec 1 /bin/sh\n"
		  "path 3 read 1 /lib/x\nseen 3 read 2\n"
		  "header\n  pod=b\nseen 1 exec 0\nseen 3 stat 2\nseen 3 stat 2\n",
		  &exact);
	assert_int_equal(f.p.n_runs, 2);
	assert_string_equal(f.p.runs[1].pod, "b");
	hits = provenance_hits(&f.p, node_of(&f, "/usr/lib/x"), &n);
	assert_int_equal(n, 1);
	assert_false(hits[0].link);
	assert_string_equal(pathset_get(f.access.paths, hits[0].path, NULL), "/lib/x");
	/* Of a path the program that came last is first. */
	use = provenance_next_use(&f.p, hits[0].path, NULL);
	assert_string_equal(provenance_program(&f.p, use), "/bin/sh");
	assert_int_equal(use->ops, TLOG_READ | TLOG_STAT);
	assert_string_equal(runs_of(use), "0 1");
	assert_int_equal(use->n_runs, 2);
	use = provenance_next_use(&f.p, hits[0].path, use);
	assert_string_equal(provenance_program(&f.p, use), "/bin/app");
	assert_string_equal(runs_of(use), "0");
	assert_null(provenance_next_use(&f.p, hits[0].path, use));
	/* The link on its way has the hit, too, as a link. */
	hits = provenance_hits(&f.p, node_of(&f, "/lib"), &n);
	assert_int_equal(n, 1);
	assert_true(hits[0].link);
	assert_null(provenance_hits(&f.p, node_of(&f, "/cold/a"), &n));
	assert_int_equal(n, 0);
	assert_why(&f, "/usr/lib/x", "used (read,stat) by /bin/app and 1 more in 2 of 2 runs");
	assert_why(&f, "/bin/app", "used (exec) in 2 of 2 runs");
	assert_why(&f, "/lib",
		   "link on the way to what is used (read,stat) by /bin/app and 1 more in 2 of "
		   "2 runs");
	assert_why(&f, "/usr", "directory of /usr/lib/x");
	assert_why(&f, "/cold/a", "nothing used it");
	end(&f);
}

/* Run numbers are stored as steps of seven bits. */
static void many_runs(void **state UNUSED)
{
	static const unsigned int wanted[] = { 0, 1, 128, 129, 300, 16700 };
	char *text = xmalloc(1u << 20);
	size_t n = 0, next = 0, len;
	struct fixture f;

	for (unsigned int i = 0; i <= 16700; i++) {
		n += (size_t)sprintf(text + n, "header\n");
		if (!i)
			n += (size_t)sprintf(text + n, "path 1 read 0 /bin/app\n");
		else if (next < ARRAY_SIZE(wanted) && wanted[next] == i)
			n += (size_t)sprintf(text + n, "seen 1 read 0\n");
		next += next < ARRAY_SIZE(wanted) && wanted[next] == i;
	}
	read_runs(&f, text, &exact);
	len = (size_t)pathset_find(f.access.paths, "/bin/app", 8);
	assert_string_equal(runs_of(provenance_next_use(&f.p, (uint32_t)len, NULL)),
			    "0 1 128 129 300 16700");
	assert_why(&f, "/bin/app", "used (read) in 6 of 16701 runs");
	end(&f);
}

/* What is only missed, or below a mount, keeps nothing, and the phrase says so. */
static void mounts_and_misses(void **state UNUSED)
{
	struct fixture f;

	read_runs(&f,
		  "header\n  mount=/mnt\npath 1 read 0 /mnt/file\npath 2 miss 0 /cold/a\n"
		  "path 3 read 0 /bin/app\n",
		  &exact);
	assert_why(&f, "/mnt/file",
		   "used only below a mount, which says nothing about the image");
	assert_why(&f, "/cold/a", "nothing used it");
	assert_why(&f, "/bin/app", "used (read) in 1 of 1 run");
	end(&f);
}

/* Who asked: an option, a rule that leaves out, an odd name. */
static void askers(void **state UNUSED)
{
	struct selection_options options = exact;
	struct fixture f;

	strlist_add(&options.include, "/cold");
	strlist_add(&options.exclude, "/bin/sh");
	read_runs(&f,
		  "header\npath 1 exec 0 /bin/\\x0aodd\npath 2 read 1 /usr/lib/y\n"
		  "path 3 read 1 /bin/sh\n",
		  &options);
	assert_why(&f, "/cold/a", "--include '/cold'");
	assert_why(&f, "/bin/sh", "--exclude '/bin/sh'");
	assert_why(&f, "/usr/lib/y", "used (read) by /bin/\\x0aodd in 1 of 1 run");
	strlist_fini(&options.include);
	strlist_fini(&options.exclude);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_and_runs),
		cmocka_unit_test(many_runs),
		cmocka_unit_test(mounts_and_misses),
		cmocka_unit_test(askers),
	};

	return cmocka_run_group_tests(tests, box_setup, box_cleanup);
}
