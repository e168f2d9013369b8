// SPDX-License-Identifier: Apache-2.0
/*
 * null_tracer.c - the least that stopping at path calls costs: each stop is answered at once
 *
 * bench-null-tracer [--floor] ptrace|notify COMMAND [ARG]...
 *
 * The same filter stops the same calls as under imagetrim-tracer, and the same listener.c
 * answers; nothing is looked at, nothing is written. What is beyond this is our work.
 *
 * --floor: for workloads whose paths are not links. Each path is read; if it is new or was
 * missing it is looked up, which a recorder cannot know otherwise (by its absolute name: to hold
 * the directory open would keep its file system from being unmounted); 24 bytes are written for
 * each new one that is there. By ptrace the registers are asked for, too, without which nobody knows
 * where the path is. A cache of paths is all that is kept in mind, and no byte is judged: this much no
 * recorder can do without.
 *
 * out:  COMMAND's exit status; 125 if it cannot be traced
 */
#include "calls.h"
#include "event.h"
#include "filter.h"
#include "listener.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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

/* ---- what cannot be avoided -------------------------------------------------------------- */

#ifdef __aarch64__
#define NATIVE CALL_ARM64
#else
#define NATIVE CALL_X86_64
#endif
#define AHEAD 256 /* bytes read at once: most paths fit */

/* Reads by process_vm_readv(2) before the memory is opened, which costs as much. */
#define FEW   16
#define CACHE 16384

static struct floor {
	bool on;
	struct call_index calls;
	struct memory {
		pid_t pid;
		int n_reads;
		int fd; /* once it is opened */
	} memories[64]; /* by thread */
	int log;
	char abs[PATH_MAX + AHEAD + 1]; /* the working directory, also of the process; a path */
	size_t cwd_len;
	uint64_t seen[CACHE]; /* hashes */
} floor_ = { .log = -1 };

static void floor_begin(void)
{
	floor_.on = true;
	floor_.log = open("floor.log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (floor_.log < 0)
		die("floor.log");
	if (!getcwd(floor_.abs, PATH_MAX))
		die("getcwd");
	floor_.cwd_len = strlen(floor_.abs);
	floor_.abs[floor_.cwd_len++] = '/';
	calls_index(&floor_.calls);
}

static ssize_t read_opened(struct memory *m, uint64_t addr, char path[AHEAD + 1])
{
	ssize_t n = m->fd > 0 ? pread(m->fd, path, AHEAD, (off_t)addr) : 0;
	char name[64];

	if (n > 0)
		return n;
	if (m->fd > 0) /* that of the program before */
		close(m->fd);
	snprintf(name, sizeof(name), "/proc/%d/mem", (int)m->pid);
	m->fd = open(name, O_RDONLY | O_CLOEXEC);
	return pread(m->fd, path, AHEAD, (off_t)addr);
}

static bool read_path(pid_t pid, uint64_t addr, char path[AHEAD + 1])
{
	struct memory *m = &floor_.memories[(size_t)pid % 64];
	struct iovec there = { .iov_len = MIN((size_t)AHEAD, 4096 - addr % 4096) };
	const struct iovec here = { path, AHEAD };
	ssize_t n;

	if (m->pid != pid)
		*m = (struct memory) { .pid = pid };
	memcpy(&there.iov_base, &addr, sizeof(there.iov_base));
	n = m->n_reads++ < FEW ? process_vm_readv(pid, &here, 1, &there, 1, 0)
			       : read_opened(m, addr, path);
	path[MAX(n, 0)] = '\0';
	return n > 0;
}

static uint64_t hash_of(const char *path)
{
	uint64_t h = 0xcbf29ce484222325u;

	while (*path)
		h = (h ^ (unsigned char)*path++) * 0x100000001b3u;
	return h;
}

static void floor_work(pid_t pid, uint64_t nr, const uint64_t args[CALL_N_ARGS])
{
	const struct call_row *row = calls_find(&floor_.calls, NATIVE, nr);
	char *name = floor_.abs + floor_.cwd_len, path[AHEAD + 1], record[24] = { 0 };
	uint64_t hash, *seen;
	struct stat st;

	if (!row || row->paths[0].path < 0 || !read_path(pid, args[row->paths[0].path], path))
		return;
	hash = hash_of(path);
	seen = &floor_.seen[hash % CACHE];
	if (*seen == hash)
		return;
	memcpy(name, path, strlen(path) + 1);
	if (lstat(path[0] == '/' ? path : floor_.abs, &st) < 0)
		return;
	*seen = hash;
	if (write(floor_.log, record, sizeof(record)) < 0)
		die("write");
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
	struct __ptrace_syscall_info info;

	if (floor_.on && event == PTRACE_EVENT_SECCOMP &&
	    ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0)
		floor_work(pid, info.seccomp.nr, info.seccomp.args);
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
	while (listener_receive(l) > 0) {
		const struct seccomp_notif *n = listener_in_hand(l);

		if (floor_.on) {
			uint64_t args[CALL_N_ARGS];

			for (int i = 0; i < CALL_N_ARGS; i++)
				args[i] = n->data.args[i];
			floor_work((pid_t)n->pid, (uint64_t)n->data.nr, args);
		}
		listener_continue(l);
	}
	if (waitpid(child, &status, 0) < 0)
		die("waitpid");
	return status_of(status);
}

int main(int argc, char **argv)
{
	bool works = argc > 1 && strcmp(argv[1], "--floor") == 0;
	bool listens;
	struct listener l;
	int fds[2], number;
	pid_t child;

	argc -= works;
	argv += works;
	if (argc < 3) {
		fprintf(stderr,
			"usage: bench-null-tracer [--floor] ptrace|notify COMMAND [ARG]...\n");
		return 2;
	}
	if (works)
		floor_begin();
	listens = strcmp(argv[1], "notify") == 0;
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
