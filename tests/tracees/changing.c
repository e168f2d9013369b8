// SPDX-License-Identifier: Apache-2.0
/* changing.c - calls that make, move, remove and change */
#include "expect.h"

#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

static const char *const files[] = {
	"old",	       "oldat",	     "oldat2",	 "linked",    "linkedat",  "unlink", "unlinkat",
	"truncate",    "chmod",	     "fchmodat", "fchmodat2", "chown",	   "lchown", "fchownat",
	"fchownat-fd", "utime",	     "utimes",	 "futimesat", "utimensat", "byfd",   "setxattr",
	"lsetxattr",   "setxattrat", "swap1",	 "swap2",
};

static int setup(void)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		close((int)MUST(open(files[i], O_CREAT | O_WRONLY, 0644)));
	MUST(mkdir("rmdir", 0755));
	MUST(mkdir("rmdirat", 0755));
	return 0;
}

static void making(void)
{
	MUST(mkdir("mkdir", 0755));
	expect("create", "mkdir");
	MUST(mkdirat(AT_FDCWD, "mkdirat", 0755));
	expect("create", "mkdirat");
	MUST(mknod("mknod", S_IFIFO | 0644, 0));
	expect("create", "mknod");
	MUST(mknodat(AT_FDCWD, "mknodat", S_IFREG | 0644, 0));
	expect("create", "mknodat");
	MUST(symlink("target", "symlink"));
	expect("create", "symlink");
	MUST(symlinkat("target", AT_FDCWD, "symlinkat"));
	expect("create", "symlinkat");
	MUST(link("linked", "link"));
	expect("lstat", "linked");
	expect("create", "link");
	MUST(linkat(AT_FDCWD, "linkedat", AT_FDCWD, "linkat", AT_SYMLINK_FOLLOW));
	expect("stat", "linkedat");
	expect("create", "linkat");
}

static void moving(void)
{
	MUST(rename("old", "new"));
	expect("lstat,remove", "old");
	expect("create", "new");
	MUST(renameat(AT_FDCWD, "oldat", AT_FDCWD, "newat"));
	expect("lstat,remove", "oldat");
	expect("create", "newat");
	MUST(renameat2(AT_FDCWD, "oldat2", AT_FDCWD, "newat2", RENAME_NOREPLACE));
	expect("lstat,remove", "oldat2");
	expect("create", "newat2");
	MUST(unlink("unlink"));
	expect("remove", "unlink");
	MUST(unlinkat(AT_FDCWD, "unlinkat", 0));
	expect("remove", "unlinkat");
	MUST(rmdir("rmdir"));
	expect("remove", "rmdir");
	MUST(unlinkat(AT_FDCWD, "rmdirat", AT_REMOVEDIR));
	expect("remove", "rmdirat");
	MUST(truncate("truncate", 3));
	expect("write", "truncate");
}

static void changing(void)
{
	int fd = (int)MUST(open("fchownat-fd", O_RDONLY));

	MUST(chmod("chmod", 0600));
	expect("change", "chmod");
	MUST(fchmodat(AT_FDCWD, "fchmodat", 0600, 0));
	expect("change", "fchmodat");
	if (syscall(452, AT_FDCWD, "fchmodat2", 0600, 0) == 0)
		expect("change", "fchmodat2");
	MUST(chown("chown", getuid(), getgid()));
	expect("change", "chown");
	MUST(lchown("lchown", getuid(), getgid()));
	expect("change", "lchown");
	MUST(fchownat(AT_FDCWD, "fchownat", getuid(), getgid(), 0));
	expect("change", "fchownat");
	MUST(fchownat(fd, "", getuid(), getgid(), AT_EMPTY_PATH));
	expect("read,change", "fchownat-fd");
}

static void times(void)
{
	int fd = (int)MUST(open("byfd", O_RDONLY));

	expect("read", "byfd");
#ifdef SYS_utime
	MUST(syscall(SYS_utime, "utime", NULL));
	expect("change", "utime");
	MUST(syscall(SYS_utimes, "utimes", NULL));
	expect("change", "utimes");
	MUST(syscall(SYS_futimesat, AT_FDCWD, "futimesat", NULL));
	expect("change", "futimesat");
#endif
	MUST(utimensat(AT_FDCWD, "utimensat", NULL, 0));
	expect("change", "utimensat");
	MUST(futimens(fd, NULL));
}

static void xattrs(void)
{
	struct {
		uint64_t value;
		uint32_t size, flags;
	} args = { (uintptr_t) "1", 1, 0 };

	if (setxattr("setxattr", "user.a", "1", 1, 0) < 0)
		return;
	MUST(removexattr("setxattr", "user.a"));
	expect("change", "setxattr");
	MUST(lsetxattr("lsetxattr", "user.a", "1", 1, 0));
	MUST(lremovexattr("lsetxattr", "user.a"));
	expect("change", "lsetxattr");
	if (syscall(463, AT_FDCWD, "setxattrat", 0, "user.a", &args, sizeof(args)) == 0)
		expect("change", "setxattrat");
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	making();
	moving();
	changing();
	times();
	xattrs();
	return 0;
}
