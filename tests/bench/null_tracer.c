// SPDX-License-Identifier: Apache-2.0
/*
 * null_tracer.c - the least that stopping at path calls costs: each stop is answered at once
 *
 * bench-null-tracer ptrace|notify COMMAND [ARG]...
 *
 * The same filter stops the same calls as under imagetrim-tracer, and the same listener.c
 * answers; nothing is looked at, nothing is written. What is beyond this is our work.
 *
 * out:  COMMAND's exit status; 125 if it cannot be traced
 */
#include "event.h"
#include "filter.h"
#include "listener.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define FAILED 125

static _Noreturn void die(const char *what)
{
	perror(what);
	_exit(FAILED);
}

static void send_int(int fd, int value)
{
	if (write(fd, &value, sizeof(value)) != sizeof(value))
		die("write");
}

static int receive_int(int fd)
{
	int value;

	if (read(fd, &value, sizeof(value)) != sizeof(value))
		die("read");
	return value;
}

/* In the child: waits, puts the filter on, says the listener's number (or 0), becomes argv. */
static _Noreturn void become(int fd, bool listens, char **argv)
{
	const struct filter_aim aim = {
		.action = listens ? SECCOMP_RET_USER_NOTIF : EVENT_TRACE_ACTION,
		.lives = listens,
		.abis = FILTER_NATIVE,
	};
	struct filter f;
	int r;

	filter_build(&f, &aim);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	receive_int(fd);
	r = filter_install(&f, SECCOMP_FILTER_FLAG_SPEC_ALLOW |
				       (listens ? SECCOMP_FILTER_FLAG_NEW_LISTENER |
							  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
						: 0));
	send_int(fd, r);
	receive_int(fd);
	execvp(argv[0], argv);
	die(argv[0]);
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- ptrace ---------------------------------------------------------------------------- */

static void seize(pid_t pid)
{
	long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		       PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;

	if (ptrace(PTRACE_SEIZE, pid, 0, options) < 0)
		die("PTRACE_SEIZE");
}

static void let_go(pid_t pid, int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);

	if (event == PTRACE_EVENT_STOP && signal != SIGTRAP)
		ptrace(PTRACE_LISTEN, pid, 0, 0);
	else
		ptrace(PTRACE_CONT, pid, 0, event ? 0L : (long)signal);
}

static int by_ptrace(pid_t child)
{
	int status, result = FAILED;
	pid_t pid;

	while ((pid = wait4(-1, &status, __WALL, NULL)) > 0) {
		if (WIFSTOPPED(status))
			let_go(pid, status);
		else if (pid == child)
			result = status_of(status);
	}
	return result;
}

/* ---- notify ---------------------------------------------------------------------------- */

static int take_listener(pid_t pid, int number)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0);
	int fd = (int)syscall(SYS_pidfd_getfd, process, number, 0);

	if (fd < 0)
		die("pidfd_getfd");
	close(process);
	return fd;
}

static int by_listener(pid_t child, struct listener *l)
{
	int status;

	if (listener_sync(l->fd) < 0)
		fprintf(stderr, "no synchronous wake-up here\n");
	while (listener_receive(l) > 0)
		listener_continue(l);
	if (waitpid(child, &status, 0) < 0)
		die("waitpid");
	return status_of(status);
}

int main(int argc, char **argv)
{
	bool listens = argc > 2 && strcmp(argv[1], "notify") == 0;
	struct listener l;
	int fds[2], number;
	pid_t child;

	if (argc < 3) {
		fprintf(stderr, "usage: bench-null-tracer ptrace|notify COMMAND [ARG]...\n");
		return 2;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0 ||
	    listener_init(&l) < 0)
		die("start");
	child = fork();
	if (child == 0)
		become(fds[1], listens, argv + 2);
	close(fds[1]);
	if (!listens)
		seize(child);
	send_int(fds[0], 0);
	number = receive_int(fds[0]);
	if (number < 0)
		return FAILED;
	if (listens)
		l.fd = take_listener(child, number);
	send_int(fds[0], 0);
	return listens ? by_listener(child, &l) : by_ptrace(child);
}
