// SPDX-License-Identifier: Apache-2.0
/*
 * stopping.c - children that are stopped and continued at once, from their very first moment on:
 * the end of a stop looks like the first stop of a new thread. Each must go on, and be recorded.
 */
#include "expect.h"

#include <pthread.h>
#include <signal.h>

#define CHILDREN 30
#define TIMES	 5

static int setup(void)
{
	touch("thread");
	touch("process");
	return 0;
}

static void *look(void *name)
{
	for (int i = 0; i < 20; i++)
		MUST(access(name, R_OK));
	return NULL;
}

static void child(void)
{
	static char names[2][8] = { "thread", "process" };
	pthread_t id;

	CHECK(pthread_create(&id, NULL, look, names[0]) == 0);
	look(names[1]);
	pthread_join(id, NULL);
	_exit(3);
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	for (int i = 0; i < CHILDREN; i++) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			child();
		MUST(pid);
		for (int n = 0; n < TIMES; n++) {
			kill(pid, n % 2 ? SIGTSTP : SIGSTOP);
			kill(pid, SIGCONT);
		}
		MUST(waitpid(pid, &status, 0));
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	}
	expect("stat", "thread");
	expect("stat", "process");
	return 0;
}
