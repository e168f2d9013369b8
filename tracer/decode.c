// SPDX-License-Identifier: Apache-2.0
/*
 * decode.c - one decoder a kind of call; most calls need only their row
 *
 * In: arguments and the tracee's memory, at the entry stop (later another thread may have
 * changed both). Out: requests with absolute names. Never records anything.
 */
#include "decode.h"
#include "peek.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>

struct decode {
	const struct tracees *tracees;
	struct tracee *t;
	struct decode_room *room;
};

/* ---- requests -------------------------------------------------------------------------- */

static struct request *new_request(struct tracee *t, const struct call_path *path,
				   uint64_t flags)
{
	struct request *q = &t->requests[t->n_requests++];

	*q = (struct request) { .ops = path->ops, .dir = -1 };
	q->follow = calls_follows(path, flags);
	if (!q->follow && q->ops & TLOG_STAT)
		q->ops = (q->ops & ~(uint32_t)TLOG_STAT) | TLOG_LSTAT;
	return q;
}

/* Room for the texts of the next request. */
static char *raw_room(struct decode *d)
{
	return d->room->raw[d->t->n_requests];
}

static char *abs_room(struct decode *d)
{
	return d->room->abs[d->t->n_requests];
}

/* n: as locate_name() returned it. */
static void set_name(struct request *q, char *abs, int n)
{
	if (n > 0) {
		q->abs = abs;
		q->len = (size_t)n;
	}
	q->unreadable = !q->abs;
	q->hopeless = n != -EACCES && n != -EPERM && n != -ENOMEM;
}

/* The object is the descriptor itself. */
static void add_descriptor(struct decode *d, const struct call_path *path, int fd,
			   uint64_t flags)
{
	char *abs = abs_room(d);
	struct request *q;
	bool unnamed;
	int n = locate_descriptor(d->tracees, d->t, fd, abs, LOCATE_MAX, &unnamed);

	if (n == -ENOENT)
		return; /* a pipe, a socket */
	q = new_request(d->t, path, flags);
	q->dir = fd;
	q->unnamed = n > 0 && unnamed;
	set_name(q, abs, n);
}

/* raw: in raw_room(). */
static void add_name(struct decode *d, const struct call_path *path, int dir, char *raw,
		     uint64_t flags)
{
	char *abs = abs_room(d);
	struct request *q = new_request(d->t, path, flags);
	int n = locate_name(d->tracees, d->t, dir, raw, abs, LOCATE_MAX, &q->unnamed);

	if (raw[0] != '/')
		q->dir = dir;
	q->raw = raw;
	set_name(q, abs, n);
}

static void add_unreadable(struct decode *d, const struct call_path *path, uint64_t flags,
			   int err)
{
	struct request *q = new_request(d->t, path, flags);

	q->unreadable = true;
	q->hopeless = err == -EFAULT;
}

static void add_address(struct decode *d, const struct call_path *path, int dir, uint64_t addr,
			uint64_t flags)
{
	char *raw = raw_room(d);
	int n;

	if (!addr)
		return; /* without a path these calls are about the descriptor */
	n = peek_string(d->t, addr, raw, PATH_MAX);
	if (n == -ENAMETOOLONG)
		return; /* the kernel says so too */
	if (n < 0) {
		/* With such flags it is an fstat(2) most of the time: not even a path. */
		if (!calls_takes_fd(path, flags))
			add_unreadable(d, path, flags, n);
		return;
	}
	if (path->family == CALL_SOURCE && raw[0] != '/')
		return;
	if (n > 0)
		add_name(d, path, dir, raw, flags);
	else if (calls_takes_fd(path, flags) && path->ops != TLOG_STAT)
		add_descriptor(d, path, dir, flags);
	/* A look at an open descriptor says nothing that its opening did not. */
}

static uint64_t argument(const struct tracee *t, int8_t n)
{
	return n >= 0 ? t->args[n] : 0;
}

static int directory(const struct tracee *t, const struct call_path *path)
{
	return path->dir == CALL_CWD ? AT_FDCWD : (int)argument(t, path->dir);
}

/* ---- kinds ----------------------------------------------------------------------------- */

static void decode_paths(struct decode *d)
{
	struct tracee *t = d->t;

	for (size_t i = 0; i < CALL_N_PATHS; i++) {
		const struct call_path *path = &t->row->paths[i];
		uint64_t flags = argument(t, path->flags);

		if (path->family == CALL_NO_PATH)
			break;
		if (path->path == CALL_ITSELF)
			add_descriptor(d, path, directory(t, path), flags);
		else
			add_address(d, path, directory(t, path), argument(t, path->path),
				    flags);
	}
}

static uint32_t open_ops(uint64_t flags)
{
	static const uint32_t by_mode[] = { TLOG_READ, TLOG_WRITE, TLOG_READ | TLOG_WRITE,
					    TLOG_STAT };
	uint32_t ops = by_mode[flags & O_ACCMODE];

	if (flags & O_PATH)
		return flags & O_NOFOLLOW ? TLOG_LSTAT : TLOG_STAT;
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return TLOG_STAT; /* the path is the directory */
	if (flags & O_DIRECTORY)
		return TLOG_LIST;
	if (flags & O_TRUNC)
		ops |= TLOG_WRITE;
	if (flags & O_CREAT)
		ops |= TLOG_CREATE;
	return ops;
}

static void open_with(struct decode *d, uint64_t flags)
{
	struct tracee *t = d->t;
	const struct call_path *path = &t->row->paths[0];
	struct request *q = &t->requests[0];

	t->open_flags = flags;
	add_address(d, path, directory(t, path), argument(t, path->path), flags);
	if (!t->n_requests)
		return;
	q->ops = open_ops(flags);
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		q->follow = false;
}

static void decode_open(struct decode *d)
{
	open_with(d, argument(d->t, d->t->row->paths[0].flags));
}

static void decode_creat(struct decode *d)
{
	open_with(d, O_CREAT | O_WRONLY | O_TRUNC);
}

/* In a root of its own ".." does not lead where the joined name says. */
static void restrict_name(struct request *q)
{
	if (q->abs && path_has_dotdot(q->abs))
		q->unnamed = true;
}

/* RESOLVE_IN_ROOT: an absolute path is relative to the directory. */
static void decode_openat2(struct decode *d)
{
	struct open_how how = { 0 };
	struct tracee *t = d->t;
	char *raw = raw_room(d);

	if (peek_bytes(t, t->args[2], &how, sizeof(how)) < 0)
		return; /* the call will fail */
	t->resolve = how.resolve;
	if (!(how.resolve & RESOLVE_IN_ROOT) ||
	    peek_string(t, t->args[1], raw, PATH_MAX) <= 0 || raw[0] != '/') {
		open_with(d, how.flags);
		if (how.resolve & RESOLVE_IN_ROOT && t->n_requests)
			restrict_name(&t->requests[0]);
		return;
	}
	t->open_flags = how.flags;
	add_name(d, &t->row->paths[0], (int)t->args[0], raw + strspn(raw, "/"), how.flags);
	t->requests[0].ops = open_ops(how.flags);
	restrict_name(&t->requests[0]);
}

static void add_socket(struct decode *d, const struct call_path *path, uint64_t addr,
		       uint64_t len)
{
	struct sockaddr_un un = { 0 };
	char *raw = raw_room(d);
	int n;

	if (!addr || len <= offsetof(struct sockaddr_un, sun_path))
		return;
	len = MIN(len, sizeof(un));
	n = peek_bytes(d->t, addr, &un, len);
	if (n < 0) {
		add_unreadable(d, path, 0, n);
		return;
	}
	if (un.sun_family != AF_UNIX || !un.sun_path[0])
		return; /* abstract names are no paths */
	memcpy(raw, un.sun_path, sizeof(un.sun_path));
	raw[sizeof(un.sun_path)] = '\0';
	add_name(d, path, AT_FDCWD, raw, 0);
}

static void decode_address(struct decode *d)
{
	const struct call_path *path = &d->t->row->paths[0];

	add_socket(d, path, argument(d->t, path->path), (uint32_t)argument(d->t, path->flags));
}

/* msghdr begins: void *name; u32 namelen. */
static void add_message(struct decode *d, const struct call_path *path, uint64_t addr)
{
	enum call_abi abi = d->t->abi;
	uint64_t name;
	uint32_t len;

	if (peek_word(d->t, abi, addr, &name) < 0 || !name)
		return;
	if (peek_bytes(d->t, addr + (abi == CALL_I386 ? 4 : 8), &len, sizeof(len)) == 0)
		add_socket(d, path, name, len);
}

static void decode_message(struct decode *d)
{
	add_message(d, &d->t->row->paths[0], d->t->args[1]);
}

/* i386: socketcall(number, arguments in memory). */
static void decode_socketcall(struct decode *d)
{
	enum {
		BIND = 2,
		CONNECT = 3,
		SENDTO = 11,
		SENDMSG = 16,
		SENDMMSG = 20
	};
	struct tracee *t = d->t;
	struct call_path path = t->row->paths[0];
	uint32_t args[CALL_N_ARGS] = { 0 };
	uint64_t what = t->args[0];

	if (peek_bytes(t, t->args[1], args, what == SENDTO ? 24 : 12) < 0)
		return;
	if (what == BIND) {
		path.ops |= TLOG_CREATE;
		path.family = CALL_NOFOLLOW;
	}
	if (what == BIND || what == CONNECT)
		add_socket(d, &path, args[1], args[2]);
	else if (what == SENDTO)
		add_socket(d, &path, args[4], args[5]);
	else if (what == SENDMSG || what == SENDMMSG)
		add_message(d, &path, args[1]);
}

static void decode_fsconfig(struct decode *d)
{
	enum {
		SET_PATH = 3,
		SET_PATH_EMPTY = 4
	};

	if (d->t->args[1] == SET_PATH || d->t->args[1] == SET_PATH_EMPTY)
		decode_paths(d);
}

static void decode_fork(struct decode *d)
{
	d->t->clone_flags = 0;
}

static void decode_vfork(struct decode *d)
{
	d->t->clone_flags = CLONE_VM | CLONE_VFORK;
}

static void decode_clone(struct decode *d)
{
	d->t->clone_flags = d->t->args[0];
}

static void decode_clone3(struct decode *d)
{
	uint64_t flags;

	d->t->clone_flags = 0;
	if (peek_bytes(d->t, d->t->args[0], &flags, sizeof(flags)) == 0)
		d->t->clone_flags = flags;
}

/* NULL: nothing that is to be read. */
static void (*const decoders[CALL_N_KINDS])(struct decode *) = {
	[CALL_PATHS] = decode_paths,
	[CALL_STAT] = decode_paths,
	[CALL_ACCESS] = decode_paths,
	[CALL_XATTR] = decode_paths,
	[CALL_MORE] = decode_paths,
	[CALL_OPEN] = decode_open,
	[CALL_CREAT] = decode_creat,
	[CALL_OPENAT2] = decode_openat2,
	[CALL_EXEC] = decode_paths,
	[CALL_CHDIR] = decode_paths,
	[CALL_CHROOT] = decode_paths,
	[CALL_PLACES] = decode_paths,
	[CALL_ADDRESS] = decode_address,
	[CALL_MESSAGE] = decode_message,
	[CALL_SOCKETCALL] = decode_socketcall,
	[CALL_FSCONFIG] = decode_fsconfig,
	[CALL_FORK] = decode_fork,
	[CALL_VFORK] = decode_vfork,
	[CALL_CLONE] = decode_clone,
	[CALL_CLONE3] = decode_clone3,
};

void decode_call(const struct tracees *tracees, struct tracee *t, struct decode_room *room)
{
	struct decode d = { tracees, t, room };

	t->resolve = 0;
	if (decoders[t->row->kind])
		decoders[t->row->kind](&d);
}
