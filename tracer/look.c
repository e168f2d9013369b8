// SPDX-License-Identifier: Apache-2.0
/*
 * look.c - one look-up a request, then what the kind of call asks of its object
 *
 * In: a request of a stopped thread. Out: an answer. Has no effect on what it looks at (O_PATH
 * opens no device and no pipe). Answers "succeeds" only for a thread with the tracer's own
 * rights, so that asking the kernel as the tracer is asking as the thread. Where the
 * application's world changes between the look and the call, the look is what is recorded:
 * files of the image were there before.
 *
 * Most look-ups fail or are the first of a path, so they must be cheap: a stat by name where the
 * tracer's names are the thread's, else O_PATH. What a name led to costs more than the look-up
 * (readlink of /proc); it is only asked for if there can be a link on the way.
 */
#include "look.h"
#include "locate.h"
#include "peek.h"
#include "rights.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define XATTR_NAME 256

struct looker {
	const struct tracees *tracees;
	struct tracee *t;
	const struct request *q;
	struct look *look;
};

static void answer(struct looker *l, enum look_answer what, int error)
{
	l->look->answer = what;
	l->look->error = error;
}

/* True if the kernel answers the thread as it answers us. */
static bool same_rights(struct looker *l)
{
	if (!l->t->rights)
		l->t->rights = rights_of(l->t->pid);
	return l->t->rights && l->t->rights == l->tracees->rights;
}

/* "x/" and "x/." are directories, whatever the call. */
static bool wants_dir(const char *raw)
{
	size_t len = strlen(raw);

	return len && (raw[len - 1] == '/' ||
		       (raw[len - 1] == '.' && (len == 1 || raw[len - 2] == '/')));
}

/* A link in the last component is followed by some calls, and by a slash behind it in all. */
static int nofollow(const struct request *q)
{
	return q->follow || (q->raw && wants_dir(q->raw)) ? 0 : AT_SYMLINK_NOFOLLOW;
}

/* faccessat2(2) of what was found: 0 or errno; -1 nobody knows. */
static int may_access(struct looker *l, int mode, int flags)
{
	int fd = l->look->fd;
	long r;

	if (!mode)
		return 0;
	if (fd >= 0)
		r = syscall(SYS_faccessat2, fd, "", mode, flags | AT_EMPTY_PATH);
	else
		r = syscall(SYS_faccessat2, AT_FDCWD, l->q->abs, mode, flags | nofollow(l->q));
	if (r == 0)
		return 0;
	return errno == ENOSYS || errno == EINVAL ? -1 : errno;
}

static void need_access(struct looker *l, int mode, int flags)
{
	int err = may_access(l, mode, flags);

	if (err == 0)
		answer(l, LOOK_SUCCEEDS, 0);
	else if (err > 0)
		answer(l, LOOK_FAILS, err);
}

/* ---- what was found, by kind of call --------------------------------------------------- */

static void found_path(struct looker *l)
{
	switch (l->q->ops) {
	case TLOG_STAT:
	case TLOG_LSTAT:
		answer(l, LOOK_SUCCEEDS, 0);
		break;
	case TLOG_LINK:
		if (S_ISLNK(l->look->mode))
			answer(l, LOOK_SUCCEEDS, 0);
		else
			answer(l, LOOK_FAILS, EINVAL);
		break;
	case TLOG_CREATE:
		answer(l, LOOK_FAILS, EEXIST);
		break;
	}
}

static void found_access(struct looker *l)
{
	const struct call_path *path = &l->t->row->paths[0];
	uint64_t flags = path->flags >= 0 ? l->t->args[path->flags] : 0;

	need_access(l, (int)l->t->args[path->path + 1], (int)flags & AT_EACCESS);
}

static void found_xattr(struct looker *l)
{
	char name[XATTR_NAME], file[32];
	uint64_t addr = l->t->args[l->t->row->paths[0].path + 1];
	ssize_t n;

	if (peek_string(l->t, addr, name, sizeof(name)) < 0)
		return;
	snprintf(file, sizeof(file), "/proc/self/fd/%d", l->look->fd);
	if (l->look->fd >= 0)
		n = getxattr(file, name, NULL, 0);
	else if (nofollow(l->q))
		n = lgetxattr(l->q->abs, name, NULL, 0);
	else
		n = getxattr(l->q->abs, name, NULL, 0);
	if (n >= 0)
		answer(l, LOOK_SUCCEEDS, 0);
	else
		answer(l, LOOK_FAILS, errno);
}

static void found_open(struct looker *l)
{
	uint64_t flags = l->t->open_flags;
	uint32_t mode = l->look->mode;

	if (l->t->resolve)
		return;
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		answer(l, LOOK_FAILS, EEXIST);
	else if (flags & O_DIRECTORY && !S_ISDIR(mode))
		answer(l, LOOK_FAILS, ENOTDIR);
	else if (flags & O_PATH)
		answer(l, LOOK_SUCCEEDS, 0);
	else if (S_ISLNK(mode))
		answer(l, LOOK_FAILS, ELOOP);
	else if (!(l->q->ops & ~(uint32_t)(TLOG_READ | TLOG_LIST)) && !(flags & O_NOATIME) &&
		 (S_ISREG(mode) || S_ISDIR(mode)))
		need_access(l, l->tracees->reads_all ? 0 : R_OK, AT_EACCESS);
}

/* What is not refused here shows as a new program, or not. */
static void found_program(struct looker *l)
{
	int err = S_ISREG(l->look->mode) ? may_access(l, X_OK, AT_EACCESS) : EACCES;

	if (err > 0)
		answer(l, LOOK_FAILS, err);
}

static void found_dir(struct looker *l)
{
	if (!S_ISDIR(l->look->mode))
		answer(l, LOOK_FAILS, ENOTDIR);
}

static void (*const finders[CALL_N_KINDS])(struct looker *) = {
	[CALL_PATHS] = found_path,   [CALL_STAT] = found_path,	  [CALL_ACCESS] = found_access,
	[CALL_XATTR] = found_xattr,  [CALL_OPEN] = found_open,	  [CALL_CREAT] = found_open,
	[CALL_OPENAT2] = found_open, [CALL_EXEC] = found_program, [CALL_CHDIR] = found_dir,
	[CALL_CHROOT] = found_dir,
};

/* ---- links on the way ------------------------------------------------------------------ */

static uint64_t hash_text(const char *text, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
	return h ? h : 1;
}

/* No link anywhere in the path, the last component among them. */
static bool is_straight(const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd >= 0)
		close((int)fd);
	return fd >= 0;
}

/*
 * True if what was found by q's name, which is no link that was followed, has that name. Its
 * directory is looked through once, and again when something may have been moved; 64 bits of hash
 * stand for its name.
 */
static bool is_itself(struct look_memory *memory, const struct tracees *tracees,
		      const struct request *q)
{
	size_t len = (size_t)(path_base(q->abs) - q->abs);
	uint64_t hash = hash_text(q->abs, len), moves = tracees->moves;
	bool moving = tracee_moving(tracees);
	size_t i = hash % LOOK_DIRS;
	char dir[PATH_MAX];

	if (path_has_dotdot(q->abs))
		return false;
	if (memory->dirs[i].hash != hash || memory->dirs[i].moves != moves || moving) {
		memcpy(dir, q->abs, len);
		dir[len] = '\0';
		if (!is_straight(dir))
			return false;
		memory->dirs[i].hash = hash;
		memory->dirs[i].moves = moving ? 0 : moves;
	}
	return true;
}

/* ---- the look-up ----------------------------------------------------------------------- */

static int open_found(const struct tracees *tracees, struct tracee *t, const struct request *q)
{
	struct request way = *q;

	way.follow = !nofollow(q);
	return locate_open(tracees, t, &way,
			   q->raw && wants_dir(q->raw) ? O_PATH | O_DIRECTORY : O_PATH);
}

static void not_found(struct looker *l, int err)
{
	bool own = err == EMFILE || err == ENFILE || err == ENOMEM;
	/* Nobody with other rights would find more than root. */
	bool absent = l->tracees->root && (err == ENOENT || err == ENOTDIR || err == ELOOP);

	if (l->q->ops & TLOG_CREATE || own || l->t->resolve)
		return;
	if (absent || same_rights(l))
		answer(l, LOOK_FAILS, err);
}

static int find_by_name(struct looker *l, bool *followed)
{
	struct stat st;

	if (lstat(l->q->abs, &st) < 0)
		return -errno;
	*followed = S_ISLNK(st.st_mode) && !nofollow(l->q);
	if (*followed && stat(l->q->abs, &st) < 0)
		return -errno;
	if (l->q->raw && wants_dir(l->q->raw) && !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	l->look->mode = st.st_mode;
	return 0;
}

static int find_by_descriptor(struct looker *l)
{
	struct stat st;
	int fd = open_found(l->tracees, l->t, l->q);

	if (fd < 0)
		return fd;
	l->look->fd = fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	l->look->mode = st.st_mode;
	return 0;
}

void look_at(struct look_memory *memory, const struct tracees *tracees, struct tracee *t,
	     size_t n, struct look *look)
{
	const struct request *q = &t->requests[n];
	struct looker l = { tracees, t, q, look };
	bool plain, followed = false;
	int r;

	*look = (struct look) { .answer = LOOK_UNSURE, .fd = -1 };
	if (!q->abs || !q->raw)
		return;
	plain = locate_is_plain(tracees, t, q);
	r = plain ? find_by_name(&l, &followed) : find_by_descriptor(&l);
	if (r < 0) {
		not_found(&l, -r);
		return;
	}
	if (finders[t->row->kind])
		finders[t->row->kind](&l);
	if (look->answer != LOOK_UNSURE && !same_rights(&l))
		look->answer = LOOK_UNSURE;
	if (look->answer == LOOK_SUCCEEDS && plain && !followed)
		look->itself = is_itself(memory, tracees, q);
}

void look_at_handle(const struct tracees *tracees, struct tracee *t, struct look *look)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} h;
	struct looker l = { tracees, t, NULL, look };
	cleanup_fd int mount_fd = -1;
	uint64_t addr = t->args[1];
	char name[32];

	*look = (struct look) { .answer = LOOK_UNSURE, .fd = -1 };
	if (!same_rights(&l) || peek_bytes(t, addr, &h, sizeof(h.handle)) < 0 ||
	    h.handle.handle_bytes > MAX_HANDLE_SZ ||
	    peek_bytes(t, addr + sizeof(h.handle), h.handle.f_handle, h.handle.handle_bytes) <
		    0)
		return;
	snprintf(name, sizeof(name), (int)t->args[0] == AT_FDCWD ? "cwd" : "fd/%d",
		 (int)t->args[0]);
	mount_fd = rights_open(t->pid, name, O_RDONLY | O_DIRECTORY);
	if (mount_fd < 0)
		return;
	look->fd = open_by_handle_at(mount_fd, &h.handle, O_PATH | O_CLOEXEC);
	answer(&l, look->fd < 0 ? LOOK_FAILS : LOOK_SUCCEEDS, errno);
}

bool look_back(const struct tracees *tracees, struct tracee *t, size_t n)
{
	const struct request *q = &t->requests[n];
	int fd;

	if (!q->abs)
		return !q->hopeless;
	if (!q->raw)
		return true;
	fd = open_found(tracees, t, q);
	if (fd >= 0)
		close(fd);
	/* Whom our rights do not suffice for may have found it. */
	return q->ops & TLOG_REMOVE ? fd == -ENOENT || fd == -ENOTDIR
				    : fd >= 0 || fd == -EACCES || fd == -EPERM;
}

void look_end(struct look *look)
{
	if (look->fd >= 0)
		close(look->fd);
	look->fd = -1;
}

int look_name(const struct look *look, const struct request *q, char *out, size_t size)
{
	cleanup_fd int fd = -1;

	if (look->fd >= 0)
		return locate_own(look->fd, out, size);
	fd = open(q->abs, O_PATH | O_CLOEXEC | (nofollow(q) ? O_NOFOLLOW : 0));
	return fd < 0 ? -errno : locate_own(fd, out, size);
}
