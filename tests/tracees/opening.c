// SPDX-License-Identifier: Apache-2.0
/* opening.c - open in all forms and with all modes that tell what was done */
#include "expect.h"

#include <linux/openat2.h>

static const char *const files[] = { "read",	 "write",   "both", "trunc",   "path",
				     "exists",	 "at",	    "at2",  "beneath", "append",
				     "nofollow", "in/root", "x32" };

static int setup(void)
{
	MUST(mkdir("in", 0755));
	MUST(mkdir("dir", 0755));
	MUST(mkdir("plaindir", 0755));
	MUST(mkdir("tmpdir", 0777));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		close((int)MUST(open(files[i], O_CREAT | O_WRONLY, 0644)));
	return 0;
}

static void modes(void)
{
#ifdef SYS_open
	MUST(syscall(SYS_open, in("read"), O_RDONLY));
#else
	MUST(open(in("read"), O_RDONLY));
#endif
	expect("read", "read");
	MUST(open(in("write"), O_WRONLY));
	expect("write", "write");
	MUST(open(in("both"), O_RDWR));
	expect("read,write", "both");
	MUST(open(in("trunc"), O_RDONLY | O_TRUNC));
	expect("read,write", "trunc");
	MUST(open(in("path"), O_PATH));
	expect("stat", "path");
	MUST(open(in("append"), O_WRONLY | O_APPEND));
	expect("write", "append");
	MUST(open(in("nofollow"), O_RDONLY | O_NOFOLLOW));
	expect("read", "nofollow");
	MUST(open(in("dir"), O_RDONLY | O_DIRECTORY));
	expect("list", "dir");
	MUST(open(in("plaindir"), O_RDONLY));
	expect("list", "plaindir");
}

static void creating(void)
{
	MUST(open(in("new"), O_WRONLY | O_CREAT, 0644));
	expect("write,create", "new");
	MUST(open(in("newexcl"), O_RDWR | O_CREAT | O_EXCL, 0644));
	expect("read,write,create", "newexcl");
	MUST(open(in("exists"), O_WRONLY | O_CREAT, 0644));
	expect("write", "exists");
#ifdef SYS_creat
	MUST(syscall(SYS_creat, in("creat"), 0644));
#else
	MUST(creat(in("creat"), 0644));
#endif
	expect("write,create", "creat");
	if (open(in("tmpdir"), O_TMPFILE | O_RDWR, 0600) >= 0)
		expect("stat", "tmpdir");
}

static void relative(void)
{
	struct open_how how = { .flags = O_RDONLY };
	int dir = (int)MUST(open(base_dir(), O_PATH | O_DIRECTORY));

	expect("stat", "%s", "");
	MUST(openat(dir, "at", O_RDONLY));
	expect("read", "at");
	if (syscall(SYS_openat2, AT_FDCWD, "at2", &how, sizeof(how)) < 0)
		exit(SKIP);
	expect("read", "at2");
	how.resolve = RESOLVE_BENEATH;
	MUST(syscall(SYS_openat2, dir, "beneath", &how, sizeof(how)));
	expect("read", "beneath");
	how.resolve = RESOLVE_IN_ROOT;
	MUST(syscall(SYS_openat2, dir, "/in/root", &how, sizeof(how)));
	expect("read", "in/root");
}

/* The third ABI of x86-64: most kernels refuse it. */
static void wide_narrow(void)
{
#ifdef __x86_64__
	if (syscall(0x40000000 | SYS_openat, AT_FDCWD, "x32", O_RDONLY) >= 0)
		expect("read", "x32");
#endif
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	modes();
	creating();
	relative();
	wide_narrow();
	return 0;
}
