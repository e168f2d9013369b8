// SPDX-License-Identifier: Apache-2.0
/* looking.c - calls that look at a file by its path */
#include "expect.h"

#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

static const char *const files[] = {
	"stat",	      "lstat",	    "fstatat",	"statx",	"access",
	"faccessat",  "faccessat2", "getxattr", "lgetxattr",	"listxattr",
	"llistxattr", "inotify",    "fanotify", "handle",	"atl",
	"statfs",     "getxattrat", "byfd",	"file_getattr",
};

static int setup(void)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		close((int)MUST(open(files[i], O_CREAT | O_WRONLY, 0644)));
	MUST(symlink("stat", "link"));
	MUST(symlink("stat", "linkat"));
	MUST(symlink("stat", "nolook"));
	return 0;
}

static void stats(void)
{
	struct stat st;
	char stx[256];

#ifdef SYS_stat
	MUST(syscall(SYS_stat, in("stat"), &st));
	MUST(syscall(SYS_lstat, in("lstat"), &st));
#else
	MUST(stat(in("stat"), &st));
	MUST(lstat(in("lstat"), &st));
#endif
	expect("stat", "stat");
	expect("lstat", "lstat");
	MUST(fstatat(AT_FDCWD, "fstatat", &st, 0));
	expect("stat", "fstatat");
	MUST(fstatat(AT_FDCWD, "nolook", &st, AT_SYMLINK_NOFOLLOW));
	expect("lstat", "nolook");
	MUST(syscall(SYS_statx, AT_FDCWD, "statx", 0, 0x7ff, stx));
	expect("stat", "statx");
	MUST(syscall(SYS_statx, AT_FDCWD, "atl", AT_SYMLINK_NOFOLLOW, 0x7ff, stx));
	expect("lstat", "atl");
}

/* A look at an open descriptor is no new path. */
static void by_descriptor(void)
{
	int fd = (int)MUST(open("byfd", O_RDONLY));
	struct stat st;
	char stx[256];

	expect("read", "byfd");
	MUST(fstat(fd, &st));
	MUST(fstatat(fd, "", &st, AT_EMPTY_PATH));
	MUST(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0x7ff, stx));
	MUST(fstatat(AT_FDCWD, "", &st, AT_EMPTY_PATH));
}

static void accesses(void)
{
	char buf[PATH_MAX];
	struct statfs fs;

#ifdef SYS_access
	MUST(syscall(SYS_access, "access", R_OK));
#else
	MUST(access("access", R_OK));
#endif
	expect("stat", "access");
	MUST(syscall(SYS_faccessat, AT_FDCWD, "faccessat", R_OK));
	expect("stat", "faccessat");
	MUST(syscall(SYS_faccessat2, AT_FDCWD, "faccessat2", R_OK, AT_EACCESS));
	expect("stat", "faccessat2");
#ifdef SYS_readlink
	MUST(syscall(SYS_readlink, "link", buf, sizeof(buf)));
#else
	MUST(readlink("link", buf, sizeof(buf)));
#endif
	expect("link", "link");
	MUST(readlinkat(AT_FDCWD, "linkat", buf, sizeof(buf)));
	expect("link", "linkat");
	MUST(statfs("statfs", &fs));
	expect("stat", "statfs");
}

static void xattrs(void)
{
	struct {
		uint64_t value;
		uint32_t size, flags;
	} args = { 0 };
	char buf[1024];

	/* Listing works everywhere; getting fails where none is set, and is then no use. */
	MUST(listxattr("listxattr", buf, sizeof(buf)));
	expect("stat", "listxattr");
	MUST(llistxattr("llistxattr", buf, sizeof(buf)));
	expect("lstat", "llistxattr");
	if (setxattr("getxattr", "user.a", "1", 1, 0) == 0 &&
	    setxattr("lgetxattr", "user.a", "1", 1, 0) == 0) {
		MUST(getxattr("getxattr", "user.a", buf, sizeof(buf)));
		expect("stat,change", "getxattr");
		MUST(lgetxattr("lgetxattr", "user.a", buf, sizeof(buf)));
		expect("lstat,change", "lgetxattr");
	}
	if (setxattr("getxattrat", "user.a", "1", 1, 0) == 0) {
		args.value = (uintptr_t)buf;
		args.size = sizeof(buf);
		if (syscall(464, AT_FDCWD, "getxattrat", 0, "user.a", &args, sizeof(args)) >= 0)
			expect("stat,change", "getxattrat");
		else
			expect("change", "getxattrat");
	}
}

static void watches(void)
{
	union {
		struct file_handle handle;
		char room[256];
	} h = { .handle = { .handle_bytes = 128 } };
	char attr[64] = { 0 };
	int fd = (int)MUST(inotify_init1(0)), mount;

	MUST(inotify_add_watch(fd, "inotify", IN_OPEN));
	expect("stat", "inotify");
	fd = fanotify_init(FAN_CLASS_NOTIF, O_RDONLY);
	if (fd >= 0 && fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "fanotify") == 0)
		expect("stat", "fanotify");
	if (name_to_handle_at(AT_FDCWD, "handle", &h.handle, &mount, 0) == 0)
		expect("lstat", "handle");
	if (syscall(468, AT_FDCWD, "file_getattr", attr, sizeof(attr), 0) == 0)
		expect("stat", "file_getattr");
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	stats();
	by_descriptor();
	accesses();
	xattrs();
	watches();
	return 0;
}
