// SPDX-License-Identifier: Apache-2.0
/*
 * threadexec.c - execve by a thread that is not the first, while others are busy: the thread
 * takes the first one's number, the others vanish
 */
#include "expect.h"

#include <pthread.h>

static int setup(void)
{
	close((int)MUST(open("before", O_CREAT | O_WRONLY, 0644)));
	close((int)MUST(open("after", O_CREAT | O_WRONLY, 0644)));
	return 0;
}

static void *busy(void *arg UNUSED)
{
	for (;;)
		access("before", R_OK);
	return NULL;
}

static void *execute(void *program)
{
	char *args[] = { program, (char[]) { "again" }, NULL };

	usleep(20000);
	execv(program, args);
	_exit(1);
}

int main(int argc, char **argv)
{
	pthread_t id;

	if (argc > 1 && strcmp(argv[1], "setup") == 0)
		return setup();
	if (argc > 1) {
		MUST(access("after", R_OK));
		expect("stat", "before");
		expect("stat", "after");
		return 0;
	}
	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&id, NULL, busy, NULL) == 0);
	CHECK(pthread_create(&id, NULL, execute, argv[0]) == 0);
	/* Not pause(2), which on a busy machine is not reached: --syscalls would tell different calls. */
	busy(NULL);
	return 1;
}
