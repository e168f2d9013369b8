// SPDX-License-Identifier: Apache-2.0
/* family.c - children by fork, vfork, clone, clone3 and as threads, each with its own file */
#include "expect.h"

#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

static char stack[65536];

static int setup(void)
{
	char name[32];

	MUST(mkdir("d", 0755));
	MUST(mkdir("e", 0755));
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "d/f%d", i);
		close((int)MUST(open(name, O_CREAT | O_WRONLY, 0644)));
		snprintf(name, sizeof(name), "e/t%d", i);
		close((int)MUST(open(name, O_CREAT | O_WRONLY, 0644)));
	}
	return 0;
}

static void look(const char *name)
{
	if (syscall(SYS_faccessat, AT_FDCWD, name, R_OK) < 0)
		_exit(1);
}

static int in_clone(void *name)
{
	look(name);
	return 0;
}

/* CLONE_FS: the child moves its parent. */
static int moving(void *dir)
{
	return chdir(dir) < 0;
}

static void processes(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		look("f0");
		_exit(0);
	}
	wait_for(pid);
	pid = vfork();
	if (pid == 0) {
		look("f1");
		_exit(0);
	}
	wait_for(pid);
	wait_for(clone(in_clone, stack + sizeof(stack), SIGCHLD, (char[]) { "f2" }));
	wait_for(clone(in_clone, stack + sizeof(stack), CLONE_VM, (char[]) { "f3" }));
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		look("f4");
		_exit(0);
	}
	wait_for(pid);
	/* CLONE_UNTRACED: no way out. */
	wait_for(clone(in_clone, stack + sizeof(stack), CLONE_UNTRACED | SIGCHLD,
		       (char[]) { "f6" }));
	wait_for(clone(moving, stack + sizeof(stack), CLONE_FS | SIGCHLD, (char[]) { "../e" }));
	look("t0");
	wait_for(clone(moving, stack + sizeof(stack), SIGCHLD, (char[]) { "../d" }));
	look("t1");
}

/* An orphan: its parent ends before it looks. */
static void orphan(void)
{
	int fds[2];
	pid_t pid;
	char c;

	MUST(pipe(fds));
	pid = fork();
	if (pid == 0) {
		if (fork() == 0) {
			while (getppid() == pid)
				usleep(1000);
			usleep(20000);
			look("../d/f5");
		}
		_exit(0);
	}
	wait_for(pid);
	close(fds[1]);
	/* Reads the end when the orphan is gone. */
	CHECK(read(fds[0], &c, 1) == 0);
}

static void *thread(void *name)
{
	look(name);
	return NULL;
}

static void threads(void)
{
	static char names[8][8];
	pthread_t ids[8];

	for (int i = 2; i < 8; i++) {
		snprintf(names[i], sizeof(names[i]), "t%d", i);
		CHECK(pthread_create(&ids[i], NULL, thread, names[i]) == 0);
	}
	for (int i = 2; i < 8; i++)
		pthread_join(ids[i], NULL);
}

static void expectations(void)
{
	expect("enter", "d");
	expect("enter", "d/../e");
	expect("enter,resolved", "e");
	expect("enter", "e/../d");
	expect("enter,resolved", "d");
	for (int i = 0; i < 5; i++)
		expect("stat", "d/f%d", i);
	for (int i = 0; i < 8; i++)
		expect("stat", "e/t%d", i);
	expect("stat", "d/f6");
	expect("stat", "e/../d/f5");
	expect("stat,resolved", "d/f5");
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	MUST(chdir("d"));
	processes();
	orphan();
	threads();
	expectations();
	return 0;
}
