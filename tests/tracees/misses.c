// SPDX-License-Identifier: Apache-2.0
/* misses.c - what failed is not recorded */
#include "expect.h"

static int setup(void)
{
	close((int)MUST(open("file", O_CREAT | O_WRONLY, 0644)));
	close((int)MUST(open("later", O_CREAT | O_WRONLY, 0644)));
	MUST(symlink("loop", "loop"));
	MUST(symlink("no", "dangling"));
	return 0;
}

int main(int argc, char **argv UNUSED)
{
	struct stat st;
	static char longer[2 * PATH_MAX];
	char buf[16], *args[] = { NULL };

	if (argc > 1)
		return setup();
	MUST_FAIL(open(in("no"), O_RDONLY), ENOENT);
	MUST_FAIL(open("no/no", O_RDONLY), ENOENT);
	MUST_FAIL(stat("no", &st), ENOENT);
	MUST_FAIL(open("file/x", O_RDONLY), ENOTDIR);
	MUST_FAIL(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
	MUST_FAIL(open("file", O_WRONLY | O_CREAT | O_EXCL, 0644), EEXIST);
	MUST_FAIL(mkdir("file", 0755), EEXIST);
	MUST_FAIL(readlink("file", buf, sizeof(buf)), EINVAL);
	MUST_FAIL(execve("file", args, args), EACCES);
	MUST_FAIL(execve("no", args, args), ENOENT);
	MUST_FAIL(chdir("file"), ENOTDIR);
	MUST_FAIL(syscall(SYS_openat, AT_FDCWD, 8, O_RDONLY), EFAULT);
	MUST_FAIL(openat(-1, "file", O_RDONLY), EBADF);
	MUST_FAIL(open("loop", O_RDONLY), ELOOP);
	MUST_FAIL(open("dangling", O_RDONLY), ENOENT);
	MUST_FAIL(stat("file/", &st), ENOTDIR);
	MUST_FAIL(stat("file/.", &st), ENOTDIR);
	memset(longer, 'x', sizeof(longer) - 1);
	MUST_FAIL(stat(longer, &st), ENAMETOOLONG);
	MUST_FAIL(rename("no", "x"), ENOENT);
	MUST_FAIL(rmdir("file"), ENOTDIR);
	/* A failure before does not hide the success after. */
	MUST_FAIL(open("later", O_RDONLY | O_DIRECTORY), ENOTDIR);
	MUST(open("later", O_RDONLY));
	expect("read", "later");
	return 0;
}
