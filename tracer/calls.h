// SPDX-License-Identifier: Apache-2.0
/*
 * calls.h - the one table of all system calls that take a path
 *
 * A row tells the numbers of a call in each ABI, how it must be handled, and for each path it
 * takes: which argument is the directory, which the path, which the flags, and what is done to
 * it. The decoder reads it; a seccomp filter is generated from the same rows.
 */
#pragma once

#include "base.h"

enum call_abi {
	CALL_X86_64, /* x32 too: same numbers but for bit 30, see calls_find() */
	CALL_I386,   /* 32-bit programs, and int 0x80 of 64-bit ones */
	CALL_ARM64,
	CALL_N_ABIS,
	CALL_OTHER = CALL_N_ABIS, /* no column: 32-bit programs on arm64 */
};

/* How a call is handled beside recording the paths of its row. */
enum call_kind {
	CALL_PATHS,	 /* nothing more */
	CALL_STAT,	 /* the same; mostly it is fstat(3) of a descriptor */
	CALL_ACCESS,	 /* the argument behind the path is a mode of access(2) */
	CALL_XATTR,	 /* ... the name of an attribute that must be there */
	CALL_MORE,	 /* whether it succeeds depends on more than the path */
	CALL_OPEN,	 /* open flags decide what is done; the result is a descriptor */
	CALL_CREAT,	 /* the same, flags fixed */
	CALL_OPENAT2,	 /* the same, flags in struct open_how at argument 2 */
	CALL_RESULT,	 /* no path: what the resulting descriptor stands for */
	CALL_EXEC,	 /* recorded when the new program is in place */
	CALL_CHDIR,	 /* changes the working directory */
	CALL_CHROOT,	 /* changes the root */
	CALL_PLACES,	 /* may change what known directories are called: mounts, renames */
	CALL_ADDRESS,	 /* the path is a socket address, `flags` its length */
	CALL_MESSAGE,	 /* the address is in a struct msghdr */
	CALL_SOCKETCALL, /* i386: the arguments are in memory */
	CALL_FSCONFIG,	 /* the path counts only with two of the commands */
	CALL_FORK,	 /* makes a process or thread; its flags are ... */
	CALL_VFORK,
	CALL_CLONE,    /* argument 0 */
	CALL_CLONE3,   /* in memory */
	CALL_SHARE,    /* unshare, setns */
	CALL_RIGHTS,   /* changes as whom the thread looks at files; no path */
	CALL_DUMPABLE, /* prctl(2), of which only PR_SET_DUMPABLE is of interest */
	CALL_KILL,     /* kill(2), which may be meant for all processes */
	CALL_EXIT,     /* ends one thread only */
	CALL_EXIT_GROUP,
	CALL_DENY,   /* answered with ENOSYS */
	CALL_RESUME, /* by which the kernel goes on with what a signal interrupted */
	CALL_N_KINDS,
};

/* How flags change the look-up; calls_follows() and calls_takes_fd() read them. */
enum call_family {
	CALL_NO_PATH,	/* end of the paths of a row */
	CALL_FOLLOW,	/* a link in the last component is followed */
	CALL_NOFOLLOW,	/* it is not */
	CALL_BY_OPEN,	/* open flags */
	CALL_AT,	/* AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH */
	CALL_AT_LINK,	/* AT_SYMLINK_FOLLOW, AT_EMPTY_PATH */
	CALL_UMOUNT,	/* UMOUNT_NOFOLLOW */
	CALL_INOTIFY,	/* IN_DONT_FOLLOW */
	CALL_FANOTIFY,	/* FAN_MARK_DONT_FOLLOW */
	CALL_FSPICK,	/* FSPICK_SYMLINK_NOFOLLOW, FSPICK_EMPTY_PATH */
	CALL_MOVE_FROM, /* MOVE_MOUNT_F_SYMLINKS, MOVE_MOUNT_F_EMPTY_PATH */
	CALL_MOVE_TO,	/* MOVE_MOUNT_T_SYMLINKS, MOVE_MOUNT_T_EMPTY_PATH */
	CALL_SOURCE,	/* followed, and a path only if it is absolute */
};

#define CALL_NONE    (-1) /* no such argument, no such number */
#define CALL_ITSELF  (-2) /* as path: the object is the descriptor itself */
#define CALL_CWD     (-3) /* as dir: relative to the working directory */
#define CALL_N_ARGS  6
#define CALL_N_PATHS 2

struct call_path {
	int8_t dir; /* number of an argument, or one of the above */
	int8_t path;
	int8_t flags;
	uint8_t family; /* enum call_family */
	uint16_t ops;	/* enum tlog_op; STAT becomes LSTAT where links are not followed */
};

struct call_row {
	const char *name;
	int16_t nr[CALL_N_ABIS];
	uint8_t kind; /* enum call_kind */
	struct call_path paths[CALL_N_PATHS];
};

extern const struct call_row calls_rows[];
extern const size_t calls_n_rows;

/* The rows by number, made once. */
#define CALL_N_NUMBERS 512
struct call_index {
	uint8_t row_of[CALL_N_ABIS][CALL_N_NUMBERS]; /* row + 1, 0: none */
};
void calls_index(struct call_index *index);
/* The row, or NULL for a call that takes no path. nr may be anything. */
const struct call_row *calls_find(const struct call_index *index, enum call_abi abi,
				  uint64_t nr);
/* True for a number newer than this table. */
bool calls_unknown(enum call_abi abi, uint64_t nr);
/* True if this kernel may have calls that are newer than this table. */
bool calls_newer_kernel(void);
/* False if this kernel is too old to have the call. */
bool calls_exists(const struct call_row *row);
/* True for the number of an ABI that this kernel does not answer: x32, mostly. */
bool calls_refused(enum call_abi abi, uint64_t nr);
/* True if a link in the last component is followed. */
bool calls_follows(const struct call_path *path, uint64_t flags);
/* True if an empty path stands for the descriptor itself. */
bool calls_takes_fd(const struct call_path *path, uint64_t flags);
