// SPDX-License-Identifier: Apache-2.0
/*
 * look.c - one O_PATH look-up a request, then what the kind of call asks of its object
 *
 * In: a request of a stopped thread. Out: an answer. Has no effect on what it looks at (O_PATH
 * opens no device and no pipe). Answers "succeeds" only for a thread with the tracer's own
 * rights, so that asking the kernel as the tracer is asking as the thread. Where the
 * application's world changes between the look and the call, the look is what is recorded:
 * files of the image were there before.
 */
#include "look.h"
#include "locate.h"
#include "peek.h"
#include "rights.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define XATTR_NAME 256

struct looker {
	const struct tracees *tracees;
	struct tracee *t;
	const struct request *q;
	size_t n;
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

/* faccessat2(2) of what was found: 0 or errno; -1 nobody knows. */
static int may_access(struct looker *l, int mode, int flags)
{
	if (!mode)
		return 0;
	if (syscall(SYS_faccessat2, l->look->fd, "", mode, flags | AT_EMPTY_PATH) == 0)
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

	if (peek_string(l->t, addr, name, sizeof(name)) < 0)
		return;
	snprintf(file, sizeof(file), "/proc/self/fd/%d", l->look->fd);
	if (getxattr(file, name, NULL, 0) >= 0)
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
		need_access(l, R_OK, AT_EACCESS);
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

/* ---- the look-up ----------------------------------------------------------------------- */

/* "x/" and "x/." are directories, whatever the call. */
static bool wants_dir(const char *raw)
{
	size_t len = strlen(raw);

	return len && (raw[len - 1] == '/' ||
		       (raw[len - 1] == '.' && (len == 1 || raw[len - 2] == '/')));
}

static int open_found(const struct tracees *tracees, struct tracee *t, const struct request *q)
{
	struct request way = *q;
	int flags = O_PATH;

	if (q->raw && wants_dir(q->raw)) {
		flags |= O_DIRECTORY;
		way.follow = true;
	}
	return locate_open(tracees, t, &way, flags);
}

/* Nothing there, and nobody with other rights would find more. */
static bool is_absent(int err)
{
	return (err == ENOENT || err == ENOTDIR || err == ELOOP) && geteuid() == 0;
}

static void not_found(struct looker *l, int err)
{
	bool own = err == EMFILE || err == ENFILE || err == ENOMEM;

	if (l->q->ops & TLOG_CREATE || own || l->t->resolve)
		return;
	if (is_absent(err) || same_rights(l))
		answer(l, LOOK_FAILS, err);
}

void look_at(const struct tracees *tracees, struct tracee *t, size_t n, struct look *look)
{
	const struct request *q = &t->requests[n];
	struct looker l = { tracees, t, q, n, look };
	struct stat st;
	int fd;

	*look = (struct look) { .answer = LOOK_UNSURE, .fd = -1 };
	if (!q->abs || !q->raw)
		return;
	fd = open_found(tracees, t, q);
	if (fd < 0) {
		not_found(&l, -fd);
		return;
	}
	look->fd = fd;
	if (fstat(fd, &st) < 0)
		return;
	look->mode = st.st_mode;
	if (!finders[t->row->kind])
		return;
	finders[t->row->kind](&l);
	if (look->answer != LOOK_UNSURE && !same_rights(&l))
		look->answer = LOOK_UNSURE;
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

int look_name(const struct look *look, char *out, size_t size)
{
	return look->fd < 0 ? -ENOENT : locate_own(look->fd, out, size);
}
