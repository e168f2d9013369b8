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
 *	send "go on"		->	setsid, PTRACE_SEIZE, PTRACE_INTERRUPT
 *	(stopped here)		<-	send 0 or -errno
 *	execve
 */
#include "child.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

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

static int start_tracer(struct child_link *link, int fds[2])
{
	int go;

	close(fds[0]);
	/* Up and away from the standard streams, which may have been closed before. */
	link->fd = fcntl(fds[1], F_DUPFD_CLOEXEC, LINK_FD_MIN);
	if (link->fd < 0)
		link->fd = fds[1];
	else
		close(fds[1]);
	setsid();
	if (receive_int(link->fd, &go) < 0)
		_exit(1);
	return 1;
}

static int wait_for_tracer(pid_t tracer, int fd)
{
	int result = 0, r;

	/* Where Yama is strict only a named process may trace; elsewhere this fails, and may. */
	prctl(PR_SET_PTRACER, tracer, 0, 0, 0);
	r = send_int(fd, 0);
	if (r == 0)
		r = receive_int(fd, &result);
	close(fd);
	return r < 0 ? r : result;
}

int child_split(struct child_link *link)
{
	sigset_t all, before;
	int fds[2], err;
	long pid;

	link->main_pid = getpid();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	/* No flags: a fork whose end sends no signal. */
	pid = syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
	if (pid == 0)
		return start_tracer(link, fds);
	err = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return -err;
	}
	return wait_for_tracer((pid_t)pid, fds[0]);
}

void child_ready(struct child_link *link, int result)
{
	/* If the application is gone there is nobody to tell. */
	if (send_int(link->fd, result) < 0)
		_exit(1);
	close(link->fd);
	link->fd = -1;
}

/* Old profiles refuse close_range(2). The list is read while it changes, so again until done. */
static void close_listed(int a, int b)
{
	bool closed = true;

	while (closed) {
		DIR *dir = opendir("/proc/self/fd");
		const struct dirent *e;

		closed = false;
		while (dir && (e = readdir(dir))) {
			int fd = atoi(e->d_name);

			if (fd > STDERR_FILENO && fd != a && fd != b && fd != dirfd(dir))
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

/* All but the standard streams and two. */
static void close_others(int a, int b)
{
	unsigned int low = (unsigned int)MIN(a, b), high = (unsigned int)MAX(a, b);

	if (!close_range_done(3, low - 1) || !close_range_done(low + 1, high - 1) ||
	    !close_range_done(high + 1, ~0u))
		close_listed(a, b);
}

static void raise_limit(int what)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)what, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit((__rlimit_resource_t)what, &limit);
}

void child_detach(int keep_fd, const struct child_link *link)
{
	static const int limits[] = { RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CPU,
				      RLIMIT_DATA,   RLIMIT_AS,	   RLIMIT_STACK };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3; fd++) {
		if (null >= 0)
			dup2(null, fd);
		else
			close(fd);
	}
	close_others(keep_fd, link->fd);
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
