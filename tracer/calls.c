// SPDX-License-Identifier: Apache-2.0
/*
 * calls.c - the table itself, and its index by number
 *
 * In: an ABI and a number. Out: a row. Numbers are written out, one column an ABI: they never
 * change, a build on one machine needs those of others, and headers are older than kernels.
 * tests/tracees/calls.py compares them, and the arguments, with the newest headers of Debian.
 */
#include "calls.h"
#include "tlog.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

/* Short names, for this table only. */
#define NO	  CALL_NONE
#define ITSELF	  CALL_ITSELF
#define CWD	  CALL_CWD
#define FOLLOW	  CALL_FOLLOW
#define NOFOLLOW  CALL_NOFOLLOW
#define OPEN	  CALL_BY_OPEN
#define AT	  CALL_AT
#define AT_LINK	  CALL_AT_LINK
#define UMOUNT	  CALL_UMOUNT
#define INOTIFY	  CALL_INOTIFY
#define FANOTIFY  CALL_FANOTIFY
#define FSPICK	  CALL_FSPICK
#define MOVE_FROM CALL_MOVE_FROM
#define MOVE_TO	  CALL_MOVE_TO
#define SOURCE	  CALL_SOURCE
/* A renamed object lives on under the new name, so it was needed, not only taken away. */
#define MOVED (TLOG_REMOVE | TLOG_STAT)
#define BOUND (TLOG_CONNECT | TLOG_CREATE)

const struct call_row calls_rows[] = {
	/* name, { x86-64, i386, arm64 }, kind, { { dir, path, flags, family, ops } } */

	/* opening */
	{ "open", { 2, 5, NO }, CALL_OPEN, { { CWD, 0, 1, OPEN, 0 } } },
	{ "openat", { 257, 295, 56 }, CALL_OPEN, { { 0, 1, 2, OPEN, 0 } } },
	{ "openat2", { 437, 437, 437 }, CALL_OPENAT2, { { 0, 1, NO, OPEN, 0 } } },
	{ "creat", { 85, 8, NO }, CALL_CREAT, { { CWD, 0, NO, OPEN, 0 } } },
	{ "open_by_handle_at",
	  { 304, 342, 265 },
	  CALL_RESULT,
	  { { NO, NO, NO, FOLLOW, TLOG_READ } } },
	{ "uselib", { 134, 86, NO }, CALL_MORE, { { CWD, 0, NO, FOLLOW, TLOG_READ } } },

	/* executing */
	{ "execve", { 59, 11, 221 }, CALL_EXEC, { { CWD, 0, NO, FOLLOW, TLOG_EXEC } } },
	{ "execveat", { 322, 358, 281 }, CALL_EXEC, { { 0, 1, 4, AT, TLOG_EXEC } } },

	/* looking */
	{ "stat", { 4, 106, NO }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_STAT } } },
	{ "lstat", { 6, 107, NO }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_STAT } } },
	{ "oldstat", { NO, 18, NO }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_STAT } } },
	{ "oldlstat", { NO, 84, NO }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_STAT } } },
	{ "stat64", { NO, 195, NO }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_STAT } } },
	{ "lstat64", { NO, 196, NO }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_STAT } } },
	{ "newfstatat", { 262, NO, 79 }, CALL_STAT, { { 0, 1, 3, AT, TLOG_STAT } } },
	{ "fstatat64", { NO, 300, NO }, CALL_STAT, { { 0, 1, 3, AT, TLOG_STAT } } },
	{ "statx", { 332, 383, 291 }, CALL_STAT, { { 0, 1, 2, AT, TLOG_STAT } } },
	{ "access", { 21, 33, NO }, CALL_ACCESS, { { CWD, 0, NO, FOLLOW, TLOG_STAT } } },
	{ "faccessat", { 269, 307, 48 }, CALL_ACCESS, { { 0, 1, NO, FOLLOW, TLOG_STAT } } },
	{ "faccessat2", { 439, 439, 439 }, CALL_ACCESS, { { 0, 1, 3, AT, TLOG_STAT } } },
	{ "readlink", { 89, 85, NO }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_LINK } } },
	{ "readlinkat", { 267, 305, 78 }, CALL_PATHS, { { 0, 1, NO, NOFOLLOW, TLOG_LINK } } },
	{ "statfs", { 137, 99, 43 }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_STAT } } },
	{ "statfs64", { NO, 268, NO }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_STAT } } },
	{ "getxattr", { 191, 229, 8 }, CALL_XATTR, { { CWD, 0, NO, FOLLOW, TLOG_STAT } } },
	{ "lgetxattr", { 192, 230, 9 }, CALL_XATTR, { { CWD, 0, NO, NOFOLLOW, TLOG_STAT } } },
	{ "getxattrat", { 464, 464, 464 }, CALL_MORE, { { 0, 1, 2, AT, TLOG_STAT } } },
	{ "listxattr", { 194, 232, 11 }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_STAT } } },
	{ "llistxattr", { 195, 233, 12 }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_STAT } } },
	{ "listxattrat", { 465, 465, 465 }, CALL_PATHS, { { 0, 1, 2, AT, TLOG_STAT } } },
	{ "file_getattr", { 468, 468, 468 }, CALL_MORE, { { 0, 1, 4, AT, TLOG_STAT } } },
	{ "name_to_handle_at",
	  { 303, 341, 264 },
	  CALL_MORE,
	  { { 0, 1, 4, AT_LINK, TLOG_STAT } } },
	{ "inotify_add_watch",
	  { 254, 292, 27 },
	  CALL_MORE,
	  { { CWD, 1, 2, INOTIFY, TLOG_STAT } } },
	{ "fanotify_mark", { 301, NO, 263 }, CALL_MORE, { { 3, 4, 1, FANOTIFY, TLOG_STAT } } },
	{ "fanotify_mark", { NO, 339, NO }, CALL_MORE, { { 4, 5, 1, FANOTIFY, TLOG_STAT } } },

	/* going */
	{ "chdir", { 80, 12, 49 }, CALL_CHDIR, { { CWD, 0, NO, FOLLOW, TLOG_ENTER } } },
	{ "fchdir", { 81, 133, 50 }, CALL_CHDIR, { { 0, ITSELF, NO, FOLLOW, TLOG_ENTER } } },
	{ "chroot", { 161, 61, 51 }, CALL_CHROOT, { { CWD, 0, NO, FOLLOW, TLOG_ENTER } } },
	{ "pivot_root",
	  { 155, 217, 41 },
	  CALL_CHROOT,
	  { { CWD, 0, NO, FOLLOW, TLOG_ENTER }, { CWD, 1, NO, FOLLOW, TLOG_STAT } } },

	/* making, moving, removing */
	{ "mkdir", { 83, 39, NO }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "mkdirat", { 258, 296, 34 }, CALL_PATHS, { { 0, 1, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "mknod", { 133, 14, NO }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "mknodat", { 259, 297, 33 }, CALL_PATHS, { { 0, 1, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "symlink", { 88, 83, NO }, CALL_PATHS, { { CWD, 1, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "symlinkat", { 266, 304, 36 }, CALL_PATHS, { { 1, 2, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "link",
	  { 86, 9, NO },
	  CALL_PATHS,
	  { { CWD, 0, NO, NOFOLLOW, TLOG_STAT }, { CWD, 1, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "linkat",
	  { 265, 303, 37 },
	  CALL_PATHS,
	  { { 0, 1, 4, AT_LINK, TLOG_STAT }, { 2, 3, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "rename",
	  { 82, 38, NO },
	  CALL_PLACES,
	  { { CWD, 0, NO, NOFOLLOW, MOVED }, { CWD, 1, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "renameat",
	  { 264, 302, 38 },
	  CALL_PLACES,
	  { { 0, 1, NO, NOFOLLOW, MOVED }, { 2, 3, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "renameat2",
	  { 316, 353, 276 },
	  CALL_PLACES,
	  { { 0, 1, NO, NOFOLLOW, MOVED }, { 2, 3, NO, NOFOLLOW, TLOG_CREATE } } },
	{ "unlink", { 87, 10, NO }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_REMOVE } } },
	{ "unlinkat", { 263, 301, 35 }, CALL_PLACES, { { 0, 1, NO, NOFOLLOW, TLOG_REMOVE } } },
	{ "rmdir", { 84, 40, NO }, CALL_PLACES, { { CWD, 0, NO, NOFOLLOW, TLOG_REMOVE } } },
	{ "truncate", { 76, 92, 45 }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_WRITE } } },
	{ "truncate64", { NO, 193, NO }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_WRITE } } },

	/* changing what is known of a file */
	{ "chmod", { 90, 15, NO }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_CHANGE } } },
	{ "fchmodat", { 268, 306, 53 }, CALL_PATHS, { { 0, 1, NO, FOLLOW, TLOG_CHANGE } } },
	{ "fchmodat2", { 452, 452, 452 }, CALL_PATHS, { { 0, 1, 3, AT, TLOG_CHANGE } } },
	{ "chown", { 92, 182, NO }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_CHANGE } } },
	{ "lchown", { 94, 16, NO }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_CHANGE } } },
	{ "chown32", { NO, 212, NO }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_CHANGE } } },
	{ "lchown32", { NO, 198, NO }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_CHANGE } } },
	{ "fchownat", { 260, 298, 54 }, CALL_PATHS, { { 0, 1, 4, AT, TLOG_CHANGE } } },
	{ "utime", { 132, 30, NO }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_CHANGE } } },
	{ "utimes", { 235, 271, NO }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_CHANGE } } },
	{ "futimesat", { 261, 299, NO }, CALL_PATHS, { { 0, 1, NO, FOLLOW, TLOG_CHANGE } } },
	{ "utimensat", { 280, 320, 88 }, CALL_PATHS, { { 0, 1, 3, AT, TLOG_CHANGE } } },
	{ "utimensat_time64", { NO, 412, NO }, CALL_PATHS, { { 0, 1, 3, AT, TLOG_CHANGE } } },
	{ "setxattr", { 188, 226, 5 }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_CHANGE } } },
	{ "lsetxattr", { 189, 227, 6 }, CALL_PATHS, { { CWD, 0, NO, NOFOLLOW, TLOG_CHANGE } } },
	{ "setxattrat", { 463, 463, 463 }, CALL_PATHS, { { 0, 1, 2, AT, TLOG_CHANGE } } },
	{ "removexattr",
	  { 197, 235, 14 },
	  CALL_PATHS,
	  { { CWD, 0, NO, FOLLOW, TLOG_CHANGE } } },
	{ "lremovexattr",
	  { 198, 236, 15 },
	  CALL_PATHS,
	  { { CWD, 0, NO, NOFOLLOW, TLOG_CHANGE } } },
	{ "removexattrat", { 466, 466, 466 }, CALL_PATHS, { { 0, 1, 2, AT, TLOG_CHANGE } } },
	{ "file_setattr", { 469, 469, 469 }, CALL_PATHS, { { 0, 1, 4, AT, TLOG_CHANGE } } },

	/* mounts and other things of the system */
	{ "mount",
	  { 165, 21, 40 },
	  CALL_PLACES,
	  { { CWD, 0, NO, SOURCE, TLOG_STAT }, { CWD, 1, NO, FOLLOW, TLOG_CHANGE } } },
	{ "umount", { NO, 22, NO }, CALL_PLACES, { { CWD, 0, NO, FOLLOW, TLOG_CHANGE } } },
	{ "umount2", { 166, 52, 39 }, CALL_PLACES, { { CWD, 0, 1, UMOUNT, TLOG_CHANGE } } },
	{ "open_tree", { 428, 428, 428 }, CALL_MORE, { { 0, 1, 2, AT, TLOG_STAT } } },
	{ "open_tree_attr", { 467, 467, 467 }, CALL_MORE, { { 0, 1, 2, AT, TLOG_STAT } } },
	{ "move_mount",
	  { 429, 429, 429 },
	  CALL_PLACES,
	  { { 0, 1, 4, MOVE_FROM, TLOG_STAT }, { 2, 3, 4, MOVE_TO, TLOG_CHANGE } } },
	{ "mount_setattr", { 442, 442, 442 }, CALL_PATHS, { { 0, 1, 2, AT, TLOG_CHANGE } } },
	{ "fspick", { 433, 433, 433 }, CALL_MORE, { { 0, 1, 2, FSPICK, TLOG_STAT } } },
	{ "fsconfig", { 431, 431, 431 }, CALL_FSCONFIG, { { 4, 3, NO, FOLLOW, TLOG_STAT } } },
	{ "swapon", { 167, 87, 224 }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_WRITE } } },
	{ "swapoff", { 168, 115, 225 }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_WRITE } } },
	{ "acct", { 163, 51, 89 }, CALL_PATHS, { { CWD, 0, NO, FOLLOW, TLOG_WRITE } } },
	{ "quotactl", { 179, 131, 60 }, CALL_MORE, { { CWD, 1, NO, SOURCE, TLOG_STAT } } },

	/* unix sockets: path is the address, flags its length */
	{ "bind", { 49, 361, 200 }, CALL_ADDRESS, { { CWD, 1, 2, NOFOLLOW, BOUND } } },
	{ "connect", { 42, 362, 203 }, CALL_ADDRESS, { { CWD, 1, 2, FOLLOW, TLOG_CONNECT } } },
	{ "sendto", { 44, 369, 206 }, CALL_ADDRESS, { { CWD, 4, 5, FOLLOW, TLOG_CONNECT } } },
	{ "sendmsg", { 46, 370, 211 }, CALL_MESSAGE, { { CWD, 1, NO, FOLLOW, TLOG_CONNECT } } },
	{ "sendmmsg",
	  { 307, 345, 269 },
	  CALL_MESSAGE,
	  { { CWD, 1, NO, FOLLOW, TLOG_CONNECT } } },
	{ "socketcall",
	  { NO, 102, NO },
	  CALL_SOCKETCALL,
	  { { CWD, 1, NO, FOLLOW, TLOG_CONNECT } } },

	/* processes */
	{ "fork", { 57, 2, NO }, CALL_FORK, { { 0 } } },
	{ "vfork", { 58, 190, NO }, CALL_VFORK, { { 0 } } },
	{ "clone", { 56, 120, 220 }, CALL_CLONE, { { 0 } } },
	{ "clone3", { 435, 435, 435 }, CALL_CLONE3, { { 0 } } },
	{ "kill", { 62, 37, 129 }, CALL_KILL, { { 0 } } },
	{ "unshare", { 272, 310, 97 }, CALL_SHARE, { { 0 } } },
	{ "setns", { 308, 346, 268 }, CALL_SHARE, { { 0 } } },
	{ "exit", { 60, 1, 93 }, CALL_EXIT, { { 0 } } },
	{ "exit_group", { 231, 252, 94 }, CALL_EXIT_GROUP, { { 0 } } },
	{ "rt_sigreturn", { 15, 173, 139 }, CALL_RESUME, { { 0 } } },
	{ "sigreturn", { NO, 119, NO }, CALL_RESUME, { { 0 } } },
	{ "restart_syscall", { 219, 0, 128 }, CALL_RESUME, { { 0 } } },

	/* whom a look-up is made as */
	{ "setuid", { 105, 23, 146 }, CALL_RIGHTS, { { 0 } } },
	{ "setgid", { 106, 46, 144 }, CALL_RIGHTS, { { 0 } } },
	{ "setreuid", { 113, 70, 145 }, CALL_RIGHTS, { { 0 } } },
	{ "setregid", { 114, 71, 143 }, CALL_RIGHTS, { { 0 } } },
	{ "setgroups", { 116, 81, 159 }, CALL_RIGHTS, { { 0 } } },
	{ "setresuid", { 117, 164, 147 }, CALL_RIGHTS, { { 0 } } },
	{ "setresgid", { 119, 170, 149 }, CALL_RIGHTS, { { 0 } } },
	{ "setfsuid", { 122, 138, 151 }, CALL_RIGHTS, { { 0 } } },
	{ "setfsgid", { 123, 139, 152 }, CALL_RIGHTS, { { 0 } } },
	{ "prctl", { 157, 172, 167 }, CALL_DUMPABLE, { { 0 } } },
	{ "capset", { 126, 185, 91 }, CALL_RIGHTS, { { 0 } } },
	{ "setreuid32", { NO, 203, NO }, CALL_RIGHTS, { { 0 } } },
	{ "setregid32", { NO, 204, NO }, CALL_RIGHTS, { { 0 } } },
	{ "setgroups32", { NO, 206, NO }, CALL_RIGHTS, { { 0 } } },
	{ "setresuid32", { NO, 208, NO }, CALL_RIGHTS, { { 0 } } },
	{ "setresgid32", { NO, 210, NO }, CALL_RIGHTS, { { 0 } } },
	{ "setuid32", { NO, 213, NO }, CALL_RIGHTS, { { 0 } } },
	{ "setgid32", { NO, 214, NO }, CALL_RIGHTS, { { 0 } } },
	{ "setfsuid32", { NO, 215, NO }, CALL_RIGHTS, { { 0 } } },
	{ "setfsgid32", { NO, 216, NO }, CALL_RIGHTS, { { 0 } } },

	/* opens files behind our back, so it is refused */
	{ "io_uring_setup", { 425, 425, 425 }, CALL_DENY, { { 0 } } },
};
const size_t calls_n_rows = ARRAY_SIZE(calls_rows);

/* ---- by number ------------------------------------------------------------------------- */

/* The newest number this table was made for (Linux 7.2); all ABIs count alike since 424. */
#define NEWEST	     471
#define LINUX_MAJOR  7u
#define LINUX_MINOR  2u
#define X32_BIT	     0x40000000u
#define X32_EXECVE   520
#define X32_EXECVEAT 545

_Static_assert(ARRAY_SIZE(calls_rows) < 255, "a row's index must fit a byte");

void calls_index(struct call_index *index)
{
	memset(index, 0, sizeof(*index));
	for (size_t i = 0; i < calls_n_rows; i++)
		for (int abi = 0; abi < CALL_N_ABIS; abi++)
			if (calls_rows[i].nr[abi] >= 0)
				index->row_of[abi][calls_rows[i].nr[abi]] = (uint8_t)(i + 1);
}

/* x32 calls have bit 30 set and, but for a few of their own, the numbers of x86-64. */
static uint64_t plain_number(enum call_abi abi, uint64_t nr)
{
	if (abi != CALL_X86_64 || !(nr & X32_BIT) || nr >> 31)
		return nr;
	nr &= ~(uint64_t)X32_BIT;
	if (nr == X32_EXECVE)
		return 59;
	return nr == X32_EXECVEAT ? 322 : nr;
}

const struct call_row *calls_find(const struct call_index *index, enum call_abi abi,
				  uint64_t nr)
{
	nr = plain_number(abi, nr);
	if (abi == CALL_OTHER || nr >= CALL_N_NUMBERS || !index->row_of[abi][nr])
		return NULL;
	return &calls_rows[index->row_of[abi][nr] - 1];
}

bool calls_unknown(enum call_abi abi, uint64_t nr)
{
	return abi == CALL_OTHER || plain_number(abi, nr) > NEWEST;
}

/* True where it cannot be told, too. */
static bool kernel_is_since(unsigned int since_major, unsigned int since_minor)
{
	unsigned int major = 0, minor = 0;
	struct utsname uts;

	if (uname(&uts) < 0 || sscanf(uts.release, "%u.%u", &major, &minor) != 2)
		return true;
	return major > since_major || (major == since_major && minor >= since_minor);
}

bool calls_newer_kernel(void)
{
	return kernel_is_since(LINUX_MAJOR, LINUX_MINOR + 1);
}

bool calls_exists(const struct call_row *row)
{
	/* Since which Linux there are numbers from this on; listeners since 5.0. */
	static const struct {
		int nr;
		unsigned int major, minor;
	} since[] = { { 468, 6, 17 }, { 467, 6, 15 }, { 463, 6, 13 }, { 452, 6, 6 },
		      { 442, 5, 12 }, { 439, 5, 8 },  { 437, 5, 6 },  { 428, 5, 2 } };

	for (size_t i = 0; i < ARRAY_SIZE(since); i++)
		if (row->nr[CALL_ARM64] >= since[i].nr)
			return kernel_is_since(since[i].major, since[i].minor);
	return true;
}

bool calls_refused(enum call_abi abi, uint64_t nr)
{
#if defined(__x86_64__)
	return abi == CALL_X86_64 && nr & X32_BIT && syscall(X32_BIT | SYS_getpid) < 0;
#else
	(void)abi;
	(void)nr;
	return false;
#endif
}

/* ---- flags of look-ups ----------------------------------------------------------------- */

/* Constants that the C library's headers may not have yet. */
#define FAN_DONT_FOLLOW	 0x04
#define FSPICK_NOFOLLOW_ 0x02
#define FSPICK_EMPTY_	 0x08
#define MOVE_F_SYMLINKS_ 0x01
#define MOVE_F_EMPTY_	 0x04
#define MOVE_T_SYMLINKS_ 0x10
#define MOVE_T_EMPTY_	 0x40

static const struct {
	bool follows;	   /* without flags */
	uint32_t changes;  /* these turn it round */
	uint32_t takes_fd; /* these allow an empty path */
} families[] = {
	[CALL_FOLLOW] = { true, 0, 0 },
	[CALL_NOFOLLOW] = { false, 0, 0 },
	[CALL_BY_OPEN] = { true, O_NOFOLLOW, 0 },
	[CALL_AT] = { true, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH },
	[CALL_AT_LINK] = { false, AT_SYMLINK_FOLLOW, AT_EMPTY_PATH },
	[CALL_UMOUNT] = { true, UMOUNT_NOFOLLOW, 0 },
	[CALL_INOTIFY] = { true, IN_DONT_FOLLOW, 0 },
	[CALL_FANOTIFY] = { true, FAN_DONT_FOLLOW, 0 },
	[CALL_FSPICK] = { true, FSPICK_NOFOLLOW_, FSPICK_EMPTY_ },
	[CALL_MOVE_FROM] = { false, MOVE_F_SYMLINKS_, MOVE_F_EMPTY_ },
	[CALL_MOVE_TO] = { false, MOVE_T_SYMLINKS_, MOVE_T_EMPTY_ },
	[CALL_SOURCE] = { true, 0, 0 },
};

bool calls_follows(const struct call_path *path, uint64_t flags)
{
	bool turned = flags & families[path->family].changes;

	return families[path->family].follows != turned;
}

bool calls_takes_fd(const struct call_path *path, uint64_t flags)
{
	return flags & families[path->family].takes_fd;
}
