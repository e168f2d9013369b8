// SPDX-License-Identifier: Apache-2.0
/*
 * child.c - clone, hand-shake, and what the tracer must not keep
 *
 * In: this process, as the application shall find it. Out: two processes, the parent unchanged.
 *
 *	application			tracer
 *	block signals
 *	clone, exit signal 0
 *	unblock				(signals stay blocked: Ctrl-C is not for the tracer)
 *	PR_SET_PTRACER (Yama)
 *	send			->	setsid, PTRACE_SEIZE, PTRACE_INTERRUPT
 *	(stopped here)		<-	send 0 or -errno
 *	install the filter, if there is to be one
 *	execve
 *
 * With a listener there is a helper between: the descriptor comes into being in the
 * application, which from then on may be stopped at each call, so it cannot pass it on. The
 * helper is cloned first, sharing the table of descriptors, and forks when it finds the
 * listener's number in the page that all share. Its children are the application's (CLONE_PARENT),
 * exit signal 0 as its own.
 *
 *	application		helper			tracer		keeper
 *	clone, CLONE_FILES ->
 *	install the filter
 *	write its number	fork			->		->
 *	receive			close, exit		listen
 *	(stopped here)	   <--------------------------	send 0 or -errno
 *	reap the helper
 *	execve
 *
 * A fork costs more than all else here. The helper does next to nothing, so it gets a stack and shares
 * the application's memory. (Not the keeper: that the memory from before the execve(2) is gone is how
 * the tracer knows of it.)
 */
#include "child.h"
#include "event.h"
#include "filter.h"
#include "keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define LINK_FD_MIN 3

/* Whole messages of one int; EINTR is tried again, the other's end reads as -ESRCH. */
static int send_int(int fd, int value)
{
	ssize_t n;

	do {
		n = send(fd, &value, sizeof(value), MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static int receive_int(int fd, int *value)
{
	ssize_t n;

	do {
		n = recv(fd, value, sizeof(*value), 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == sizeof(*value) ? 0 : -ESRCH;
}

/* Up and away from the standard streams, which may have been closed before. */
static int lift(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, LINK_FD_MIN);

	if (high < 0)
		return fd;
	close(fd);
	return high;
}

/* In the new process. */
static void start_tracer(struct child_link *link, const int fds[2])
{
	close(fds[0]);
	link->fd = lift(fds[1]);
	setsid();
}

/* 0 when the tracer is ready. */
static int wait_for_tracer(int fd)
{
	int result, r = receive_int(fd, &result);

	return r < 0 ? r : result;
}

/* A fork whose end sends no signal */
static pid_t quiet_fork(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
}

/* The listener's descriptor, 0 for a filter without one, or -errno. */
static int install(const struct choice *choice)
{
	const struct filter_aim aim = {
		.action = choice->listens ? SECCOMP_RET_USER_NOTIF : EVENT_TRACE_ACTION,
		.lives = choice->listens,
		.all = choice->all,
		.abis = FILTER_NATIVE,
	};
	const unsigned int listening =
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	struct filter f;

	filter_build(&f, &aim);
	if (choice->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return filter_install(&f, SECCOMP_FILTER_FLAG_SPEC_ALLOW |
					  (choice->listens ? listening : 0));
}

/* ---- with a listener ------------------------------------------------------------------- */

/* The tracer goes on with it, whose frames hold some paths of the greatest length. */
#define STACK_SIZE (2u << 20)

/* Mapped: it goes with the execve(2). */
struct helper {
	struct child_link link;
	void (*trace)(struct child_link *link, void *arg);
	void *arg;
	int fds[2], alive[2], number;
	_Alignas(16) char stack[STACK_SIZE];
};

_Noreturn static void start_keeper(struct helper *h)
{
	struct child_link *link = &h->link;

	setsid();
	link->listener.fd = lift(h->number);
	link->alive = lift(h->alive[0]);
	child_detach(-1, link);
	keeper_run(&link->listener, link->alive, link->main_pid);
}

/* There is no tracer; for the application to end somebody must let its calls go on. */
_Noreturn static void listen_instead(const struct helper *h)
{
	struct listener listener = h->link.listener;

	send_int(h->fds[1], -errno);
	listener.fd = h->number;
	while (listener_receive(&listener) > 0)
		listener_continue(&listener);
	_exit(0);
}

static void start_listener(struct helper *h)
{
	h->link.listener.fd = lift(h->number);
	h->link.alive = lift(h->alive[1]);
	start_tracer(&h->link, h->fds);
	h->trace(&h->link, h->arg);
	_exit(1);
}

static int help(void *arg)
{
	struct helper *h = arg;
	pid_t tracer;

	/* It holds the other side's descriptors, so it would not see that end. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	h->number = listener_await(&h->link.listener);
	if (h->number < 0)
		return 0;
	/* Without a keeper it is more dangerous, but works. */
	h->link.keeper = quiet_fork(CLONE_PARENT);
	if (h->link.keeper == 0)
		start_keeper(h);
	tracer = quiet_fork(CLONE_PARENT);
	if (tracer == 0)
		start_listener(h);
	if (tracer < 0)
		listen_instead(h);
	/* For the application, too, which is to see the tracer's end. */
	close(h->number);
	close(h->fds[1]);
	close(h->alive[0]);
	close(h->alive[1]);
	return 0;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
		;
}

/* Calls may stop from here on, and go on when the tracer listens. */
static int offer(struct child_link *link, const struct choice *choice, pid_t helper, int fd)
{
	int listener = install(choice), r = listener;

	listener_offer(&link->listener, listener);
	if (listener >= 0)
		r = wait_for_tracer(fd);
	/* Else it may be the one who listens. */
	if (r == 0 || listener < 0)
		reap(helper);
	return r;
}

/* As child_split(). After a failure this process ends, and so do its descriptors. */
static int split_listening(struct helper *h, const struct choice *choice)
{
	int r = listener_init(&h->link.listener);
	pid_t pid;

	if (r < 0)
		return r;
	if (pipe2(h->alive, O_CLOEXEC) < 0)
		return -errno;
	pid = clone(help, h->stack + STACK_SIZE, CLONE_VM | CLONE_FILES, h);
	return pid < 0 ? -errno : offer(&h->link, choice, pid, h->fds[0]);
}

/* ---- by ptrace ------------------------------------------------------------------------- */

static int split_traced(struct helper *h, const struct choice *choice)
{
	pid_t tracer = quiet_fork(0);
	int go, r;

	if (tracer == 0) {
		start_tracer(&h->link, h->fds);
		h->link.filtered = choice->filters;
		if (receive_int(h->link.fd, &go) == 0)
			h->trace(&h->link, h->arg);
		_exit(1);
	}
	if (tracer < 0)
		return -errno;
	close(h->fds[1]);
	/* Where Yama is strict only a named process may trace; elsewhere this fails, and may. */
	prctl(PR_SET_PTRACER, tracer, 0, 0, 0);
	r = send_int(h->fds[0], 0);
	if (r == 0)
		r = wait_for_tracer(h->fds[0]);
	/* Before there is a tracer all calls that the filter gives it would fail. */
	return r == 0 && choice->filters ? install(choice) : r;
}

int child_split(const struct choice *choice, void (*trace)(struct child_link *link, void *arg),
		void *arg)
{
	struct helper *h = mmap(NULL, sizeof(*h), PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	sigset_t all, before;
	int r;

	if (h == MAP_FAILED)
		return -errno;
	h->link = (struct child_link) { .main_pid = getpid(), .fd = -1, .alive = -1 };
	h->link.listener.fd = -1;
	h->trace = trace;
	h->arg = arg;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, h->fds) < 0)
		return -errno;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	r = choice->listens ? split_listening(h, choice) : split_traced(h, choice);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

void child_ready(struct child_link *link, int result)
{
	/* If the application is gone there is nobody to tell. */
	if (send_int(link->fd, result) < 0)
		_exit(1);
	close(link->fd);
	link->fd = -1;
}

/* ---- what is not the tracer's ---------------------------------------------------------- */

struct keep {
	int fds[4]; /* rising; -1 none */
};

static bool is_kept(const struct keep *keep, int fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(keep->fds); i++)
		if (keep->fds[i] == fd)
			return true;
	return false;
}

/* Old profiles refuse close_range(2). The list is read while it changes, so again until done. */
static void close_listed(const struct keep *keep)
{
	bool closed = true;

	while (closed) {
		DIR *dir = opendir("/proc/self/fd");
		const struct dirent *e;

		closed = false;
		while (dir && (e = readdir(dir))) {
			int fd = atoi(e->d_name);

			if (fd > STDERR_FILENO && !is_kept(keep, fd) && fd != dirfd(dir))
				closed |= close(fd) == 0;
		}
		if (dir)
			closedir(dir);
	}
}

static bool close_range_done(unsigned int first, unsigned int last)
{
	return first > last || syscall(SYS_close_range, first, last, 0) == 0;
}

/* All but the standard streams and these. */
static void close_others(const struct keep *keep)
{
	unsigned int next = STDERR_FILENO + 1;

	for (size_t i = 0; i < ARRAY_SIZE(keep->fds); i++) {
		if (keep->fds[i] < (int)next)
			continue;
		if (!close_range_done(next, (unsigned int)keep->fds[i] - 1)) {
			close_listed(keep);
			return;
		}
		next = (unsigned int)keep->fds[i] + 1;
	}
	if (!close_range_done(next, ~0u))
		close_listed(keep);
}

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void raise_limit(int what)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)what, &limit) < 0 ||
	    limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit((__rlimit_resource_t)what, &limit);
}

void child_detach(int keep_fd, const struct child_link *link)
{
	static const int limits[] = { RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CPU,
				      RLIMIT_DATA,   RLIMIT_AS,	   RLIMIT_STACK };
	struct keep keep = { { keep_fd, link->fd, link->alive, link->listener.fd } };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	qsort(keep.fds, ARRAY_SIZE(keep.fds), sizeof(keep.fds[0]), compare_ints);
	for (int fd = 0; fd < 3; fd++) {
		if (null >= 0)
			dup2(null, fd);
		else
			close(fd);
	}
	close_others(&keep);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		raise_limit(limits[i]);
	if (chdir("/") < 0)
		return; /* then it stays where it is */
}

int child_exec(const char *file, char **argv)
{
	execve(file, argv, environ);
	return -errno;
}
