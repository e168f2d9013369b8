// SPDX-License-Identifier: Apache-2.0
/*
 * storm.c - many children at once, killed, stopped and executing at any moment: nothing hangs,
 * every end is seen by its parent as it was
 */
#include "expect.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#define ROUNDS	 30
#define CHILDREN 12

static void *busy(void *arg UNUSED)
{
	for (int i = 0; i < 50; i++)
		access("/", R_OK);
	return NULL;
}

static void threads(void)
{
	pthread_t ids[4];

	for (int i = 0; i < 4; i++)
		if (pthread_create(&ids[i], NULL, busy, NULL) != 0)
			_exit(1);
	pthread_join(ids[0], NULL);
}

static void by_vfork(void)
{
	if (vfork() == 0)
		_exit(0);
}

static void grandchildren(void)
{
	by_vfork();
	if (fork() == 0)
		_exit(0);
	by_vfork();
	while (wait(NULL) > 0)
		;
}

static void thread_exec(const char *program)
{
	char *args[] = { (char[]) { "storm" }, (char[]) { "end" }, NULL };
	pthread_t id;

	pthread_create(&id, NULL, busy, NULL);
	execv(program, args);
}

static void child(int what, const char *program)
{
	char *args[] = { (char[]) { "storm" }, (char[]) { "end" }, NULL };

	signal(SIGUSR1, SIG_DFL);
	switch (what % 5) {
	case 0:
		threads();
		break;
	case 1:
		grandchildren();
		break;
	case 2:
		execv(program, args);
		break;
	case 3:
		thread_exec(program);
		break;
	default:
		busy(NULL);
	}
	_exit(0);
}

/* Ends children in several ways while they are at it. */
static void disturb(pid_t pid, unsigned int how)
{
	switch (how % 4) {
	case 0:
		kill(pid, SIGKILL);
		break;
	case 1:
		kill(pid, SIGSTOP);
		kill(pid, SIGCONT);
		break;
	case 2:
		kill(pid, SIGSTOP);
		kill(pid, SIGKILL);
		break;
	}
}

int main(int argc, char **argv)
{
	const char *program = argv[0];
	unsigned int seed = 1;

	if (argc > 1)
		return 0;
	for (int round = 0; round < ROUNDS; round++) {
		pid_t pids[CHILDREN];
		int status, n = 0;

		for (int i = 0; i < CHILDREN; i++) {
			pids[i] = fork();
			if (pids[i] == 0)
				child(i, program);
			MUST(pids[i]);
		}
		usleep((useconds_t)rand_r(&seed) % 3000);
		for (int i = 0; i < CHILDREN; i++)
			disturb(pids[i], (unsigned int)rand_r(&seed));
		while (wait(&status) > 0) {
			CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
			      (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
			n++;
		}
		CHECK(n == CHILDREN);
	}
	return 0;
}
