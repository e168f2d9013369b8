// SPDX-License-Identifier: Apache-2.0
/*
 * probe.c - tries things in children, which cannot be undone in a process itself
 *
 * In: nothing. Out: 0 or -errno each. A child tells by its exit status, which an errno fits.
 */
#include "probe.h"
#include "listener.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* sizeof(struct io_uring_params) */
#define RING_PARAMS 120

/* 0 or -errno by exit status; a child that a profile kills had no such call. */
static int result_of(pid_t pid)
{
	int status = 0;
	pid_t got;

	do {
		got = waitpid(pid, &status, __WALL);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ENOSYS;
}

/* A child whose end sends no signal, which might be the application's to see. */
static pid_t quiet_fork(void)
{
	return (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
}

#define STACK_SIZE 16384

static int run_probe(void *arg)
{
	return -(*(int (*const *)(void))arg)();
}

/*
 * As vfork(2), a third of fork's price: what is tried changes this one task only, and its
 * descriptors are its own.
 */
static int in_child(int (*probe)(void))
{
	static _Alignas(16) char stack[STACK_SIZE];
	pid_t pid = clone(run_probe, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK, &probe);

	return pid < 0 ? -errno : result_of(pid);
}

/* ---- ptrace ---------------------------------------------------------------------------- */

static int try_ptrace(void)
{
	int fds[2];
	pid_t tracer;
	char go = 0;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	tracer = quiet_fork();
	if (tracer < 0)
		return -errno;
	if (tracer == 0) {
		if (read(fds[0], &go, 1) != 1)
			_exit(ESRCH);
		_exit(ptrace(PTRACE_SEIZE, getppid(), 0, 0) < 0 ? errno : 0);
	}
	prctl(PR_SET_PTRACER, tracer, 0, 0, 0);
	if (write(fds[1], &go, 1) != 1)
		return -errno;
	/* It ends without letting go, which the kernel does for it. */
	return result_of(tracer);
}

/* ---- seccomp --------------------------------------------------------------------------- */

/* The descriptor of a listener, or 0 without one. */
static int set_filter(unsigned int flags)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &allow };
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

	return fd < 0 ? -errno : (int)fd;
}

static int no_new_privs(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/* Without a tracer a call that a filter gives it fails. Where another's listener goes first, not. */
static int try_privileged(void)
{
	struct sock_filter give[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_K | BPF_JEQ, SYS_openat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(give), give };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return -errno;
	return syscall(SYS_openat, -1, NULL, 0) < 0 && errno == ENOSYS ? 0 : -EBUSY;
}

static int try_filter(void)
{
	int r = no_new_privs();

	return r < 0 ? r : try_privileged();
}

static int try_listener(void)
{
	int r = no_new_privs();

	if (r == 0)
		r = set_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER);
	return MIN(r, 0);
}

static int try_sync(void)
{
	int r = no_new_privs();

	if (r == 0)
		r = set_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER);
	return r < 0 ? r : listener_sync(r);
}

/* ---- memory ---------------------------------------------------------------------------- */

static int word = 1;

static int read_by_call(pid_t pid)
{
	int copy = 0;
	struct iovec here = { &copy, sizeof(copy) }, there = { &word, sizeof(word) };

	return process_vm_readv(pid, &here, 1, &there, 1, 0) < 0 ? -errno : 0;
}

static int read_by_file(pid_t pid)
{
	cleanup_fd int fd = -1;
	char name[32];
	int copy;

	snprintf(name, sizeof(name), "/proc/%d/mem", (int)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return pread_all(fd, &copy, sizeof(copy), (uintptr_t)&word);
}

static int try_memory(int (*reader)(pid_t))
{
	pid_t pid = quiet_fork();
	int r, end;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		for (;;)
			pause();
	r = reader(pid);
	kill(pid, SIGKILL);
	end = result_of(pid);
	return end == -ENOSYS ? r : end;
}

static int try_vm_readv(void)
{
	return try_memory(read_by_call);
}

static int try_mem(void)
{
	return try_memory(read_by_file);
}

/* ---- others ---------------------------------------------------------------------------- */

static int try_io_uring(void)
{
	uint64_t params[RING_PARAMS / 8] = { 0 };

	return syscall(SYS_io_uring_setup, 1, params) < 0 ? -errno : 0;
}

static int (*const probes[PROBE_N])(void) = {
	[PROBE_PTRACE] = try_ptrace,
	[PROBE_FILTER] = try_filter,
	[PROBE_PRIVILEGED] = try_privileged,
	[PROBE_LISTENER] = try_listener,
	[PROBE_SYNC] = try_sync,
	[PROBE_VM_READV] = try_vm_readv,
	[PROBE_MEM] = try_mem,
	[PROBE_IO_URING] = try_io_uring,
};

int probe_try(enum probe what)
{
	return in_child(probes[what]);
}

/* The kernel looks at the flags before it reads the filter. */
int probe_listener(void)
{
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			 NULL);

	return r < 0 && errno != EFAULT ? -errno : 0;
}

int probe_dir(const char *dir)
{
	static const char page[4096];
	cleanup_free char *name = xasprintf("%s/.doctor-%d", dir, (int)getpid());
	cleanup_fd int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, page, sizeof(page));
	if (unlink(name) < 0 && r == 0)
		r = -errno;
	return r;
}
