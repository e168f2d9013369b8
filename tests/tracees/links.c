// SPDX-License-Identifier: Apache-2.0
/* links.c - what was asked for and what it led to, through links and magic links */
#include "expect.h"

static int setup(void)
{
	MUST(mkdir("real", 0755));
	MUST(mkdir("bin", 0755));
	touch("real/file");
	touch("real/stat");
	touch("real/lstat");
	touch("real/magic");
	touch("real/exe");
	touch("real/open");
	touch("real/removed");
	touch("real/target");
	MUST(symlink("real", "dir"));
	MUST(symlink("../real/file", "bin/one"));
	MUST(symlink("one", "bin/two"));
	MUST(symlink("real/target", "out"));
	return 0;
}

static void through_links(void)
{
	struct stat st;
	char buf[256];

	MUST(open("dir/file", O_RDONLY));
	expect("read", "dir/file");
	expect("read,resolved", "real/file");
	MUST(open("bin/two", O_RDONLY));
	MUST(stat("dir/stat", &st));
	expect("stat", "dir/stat");
	expect("stat,resolved", "real/stat");
	MUST(lstat("dir/lstat", &st));
	expect("lstat", "dir/lstat");
	MUST(lstat("bin/two", &st));
	MUST(readlink("bin/two", buf, sizeof(buf)));
	expect("read,lstat,link", "bin/two");
}

static void made_now(void)
{
	int fd;

	/* The link did not exist in the image. */
	MUST(symlink("real", "made"));
	expect("create", "made");
	fd = (int)MUST(open("made/open", O_RDONLY));
	expect("read", "made/open");
	expect("read,resolved", "real/open");
	close(fd);
	/* O_CREAT through a link to a file that is there makes nothing. */
	MUST(open("out", O_WRONLY | O_CREAT, 0644));
	expect("write", "out");
	expect("write,resolved", "real/target");
	MUST(unlink("dir/removed"));
	expect("remove", "dir/removed");
}

static void magic(void)
{
	int dir = (int)MUST(open("real", O_PATH));
	int fd = (int)MUST(open("real/exe", O_RDONLY));
	char name[64];
	struct stat st;

	expect("stat", "real");
	expect("read", "real/exe");
	snprintf(name, sizeof(name), "/proc/self/fd/%d/magic", dir);
	MUST(open(name, O_RDONLY));
	expect("read,resolved", "real/magic");
	snprintf(name, sizeof(name), "/proc/self/root%s", in("real/lstat"));
	MUST(stat(name, &st));
	expect("stat,lstat,resolved", "real/lstat");
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	MUST(stat(name, &st));
	expect("stat,resolved", "real/exe");
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	through_links();
	made_now();
	magic();
	return 0;
}
