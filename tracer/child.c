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
 * With a listener it is the other way round: the filter is installed while the tracer gets ready,
 * and the listener handed over, by the one call that the filter lets pass for that. From then on
 * any call of the application may stop.
 *
 *	application			tracer			keeper
 *	clone, exit signal 0
 *	install the filter		setsid, let go of what is not its own
 *	send the listener	->	fork, CLONE_PARENT	->
 *	(stopped here)		<-	send 0 or -errno	sleep
 *	execve				listen
 */
#include "child.h"
#include "event.h"
#include "filter.h"
#include "keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/rseq.h>
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

/* ---- what is not the tracer's ---------------------------------------------------------- */

struct keep {
	int fds[2]; /* -1 none */
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

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static bool close_range_done(unsigned int first, unsigned int last)
{
	return first > last || syscall(SYS_close_range, first, last, 0) == 0;
}

/* All but the standard streams and these. */
static void close_others(struct keep *keep)
{
	unsigned int next = STDERR_FILENO + 1;

	qsort(keep->fds, ARRAY_SIZE(keep->fds), sizeof(keep->fds[0]), compare_ints);
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

/* ---- with a listener ------------------------------------------------------------------- */

union handover {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

/* Sends the listener; takes it. */
static int hand_over(int fd, int listener)
{
	union handover control = { 0 };
	int word = 0;
	struct iovec words = { &word, sizeof(word) };
	struct msghdr msg = { .msg_iov = &words,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };

	control.head = (struct cmsghdr) { .cmsg_level = SOL_SOCKET,
					  .cmsg_type = SCM_RIGHTS,
					  .cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(&control.head), &listener, sizeof(listener));
	return sendmsg(fd, &msg, FILTER_HANDOVER) < 0 ? -errno : 0;
}

static int take_over(int fd, struct listener *listener)
{
	union handover control = { 0 };
	int word, number, r;
	struct iovec words = { &word, sizeof(word) };
	struct msghdr msg = { .msg_iov = &words,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };

	if (recvmsg(fd, &msg, MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	if (msg.msg_controllen < CMSG_LEN(sizeof(int)) || control.head.cmsg_type != SCM_RIGHTS)
		return -ESRCH;
	memcpy(&number, CMSG_DATA(&control.head), sizeof(number));
	r = listener_init(listener);
	listener->fd = number;
	return r;
}

/* Without a keeper it is more dangerous, but works. */
static void start_keeper(struct child_link *link)
{
	int alive[2];

	if (pipe2(alive, O_CLOEXEC) < 0)
		return;
	link->keeper = quiet_fork(CLONE_PARENT);
	if (link->keeper == 0) {
		struct keep keep = { { link->listener.fd, alive[0] } };

		setsid();
		close_others(&keep);
		keeper_run(&link->listener, alive[0], link->main_pid);
	}
	close(alive[0]);
	link->alive = alive[1];
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
		;
}

/* Calls may stop once the filter is there, and go on when the tracer listens. */
static int split_listening(const struct choice *choice, pid_t tracer, int fd, int *refused)
{
	int listener = install(choice), r;

	if (listener < 0) {
		close(fd);
		reap(tracer);
		*refused = -listener;
		return listener;
	}
	r = hand_over(fd, listener);
	/* Else the application would be the one who does not answer if the tracer ends now. */
	close(listener);
	return r < 0 ? r : wait_for_tracer(fd);
}

/* ---- by ptrace ------------------------------------------------------------------------- */

static int split_traced(const struct choice *choice, pid_t tracer, int fd)
{
	int r;

	/* Where Yama is strict only a named process may trace; elsewhere this fails, and may. */
	prctl(PR_SET_PTRACER, tracer, 0, 0, 0);
	r = send_int(fd, 0);
	if (r == 0)
		r = wait_for_tracer(fd);
	/* Before there is a tracer all calls that the filter gives it would fail. */
	return r == 0 && choice->filters ? install(choice) : r;
}

/* ---- both ------------------------------------------------------------------------------ */

int child_split(struct child_link *link, const struct choice *choice)
{
	sigset_t all, before;
	int fds[2], r;
	pid_t tracer;

	*link = (struct child_link) { .main_pid = getpid(),
				      .fd = -1,
				      .alive = -1,
				      .listener.fd = -1,
				      .listens = choice->listens,
				      .filtered = choice->filters && !choice->listens };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	tracer = quiet_fork(0);
	if (tracer == 0) {
		close(fds[0]);
		link->fd = lift(fds[1]);
		setsid();
		return 1;
	}
	r = tracer < 0 ? -errno : 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fds[1]);
	if (r == 0)
		r = choice->listens ? split_listening(choice, tracer, fds[0], &link->refused)
				    : split_traced(choice, tracer, fds[0]);
	return r;
}

int child_await(struct child_link *link)
{
	int go, r = link->listens ? take_over(link->fd, &link->listener)
				  : receive_int(link->fd, &go);

	if (r == 0 && link->listens)
		start_keeper(link);
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

/* ---- the tracer's own ------------------------------------------------------------------ */

static void raise_limit(int what)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)what, &limit) < 0 ||
	    limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit((__rlimit_resource_t)what, &limit);
}

/*
 * What glibc asks the kernel for, a word about the CPU after each switch to us, is of no use here, and
 * costs at each. (Its size is that of the first version at least; where it is another, nothing happens.)
 */
static void leave_rseq(void)
{
	char *self = __builtin_thread_pointer();

	if (__rseq_size)
		syscall(SYS_rseq, self + __rseq_offset, MAX(__rseq_size, 32u),
			RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}

void child_detach(int keep_fd, const struct child_link *link)
{
	static const int limits[] = { RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CPU,
				      RLIMIT_DATA,   RLIMIT_AS,	   RLIMIT_STACK };
	struct keep keep = { { keep_fd, link->fd } };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3; fd++) {
		if (null >= 0)
			dup2(null, fd);
		else
			close(fd);
	}
	close_others(&keep);
	leave_rseq();
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
