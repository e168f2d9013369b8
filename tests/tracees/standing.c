// SPDX-License-Identifier: Apache-2.0
/* standing.c - where relative paths start: cwd, dirfd, fchdir, removed and renamed directories */
#include "expect.h"

#include <dirent.h>

static int setup(void)
{
	static const char *const dirs[] = { "a", "a/b", "c", "gone", "moving", "list" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		MUST(mkdir(dirs[i], 0755));
	touch("a/f");
	touch("a/b/g");
	touch("c/h");
	touch("up");
	touch("moving/f");
	touch("moving/g");
	MUST(symlink("a", "link"));
	return 0;
}

static void changing(void)
{
	int c;

	MUST(chdir("a"));
	expect("enter", "a");
	MUST(open("f", O_RDONLY));
	expect("read", "a/f");
	MUST(chdir("./b//"));
	expect("enter", "a/b");
	MUST(open("g", O_RDONLY));
	expect("read", "a/b/g");
	/* ".." is kept as it was asked for; what it led to is told beside. */
	MUST(access("../f", R_OK));
	expect("stat", "a/b/../f");
	expect("stat,resolved", "a/f");
	c = (int)MUST(open(in("c"), O_RDONLY | O_DIRECTORY));
	MUST(openat(c, "h", O_RDONLY));
	expect("read", "c/h");
	MUST(fchdir(c));
	expect("list,enter", "c");
	MUST(access("h", R_OK)); /* tells nothing of what was opened */
	MUST(chdir(base_dir()));
}

static void through_link(void)
{
	MUST(chdir("link"));
	expect("enter", "link");
	expect("enter,resolved", "a");
	MUST(access("b/g", R_OK));
	MUST(chdir(base_dir()));
}

/* The known name of the directory is no longer its name. */
static void renamed(void)
{
	MUST(chdir("moving"));
	expect("enter", "moving");
	MUST(access("f", R_OK));
	expect("stat", "moving/f");
	MUST(rename("../moving", "../moved"));
	expect("lstat,remove", "moving/../moving");
	expect("create", "moving/../moved");
	expect("create,resolved", "moved");
	MUST(access("g", R_OK));
	expect("stat", "moved/g");
	MUST(chdir(base_dir()));
}

/* A removed directory has no name, what is above it has. */
static void removed(void)
{
	MUST(chdir("gone"));
	expect("enter", "gone");
	MUST(rmdir("../gone"));
	expect("remove", "gone/../gone");
	MUST_FAIL(open("x", O_RDONLY | O_CREAT, 0644), ENOENT);
	MUST(access("../up", R_OK));
	expect("stat,resolved", "up");
	MUST(chdir(base_dir()));
}

/* That it is listed is told by its opening. */
static void listing(void)
{
	DIR *dir = opendir("list");

	CHECK(dir);
	CHECK(readdir(dir));
	expect("list", "list");
	closedir(dir);
	expect("enter", "%s", "");
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	changing();
	through_link();
	renamed();
	removed();
	listing();
	return 0;
}
