// SPDX-License-Identifier: Apache-2.0
/*
 * dropping.c - a root process becomes another user, without an execve (nginx workers) and with
 * one (gosu), or makes itself undumpable: its paths are still seen
 */
#include "expect.h"

#include <grp.h>
#include <sys/prctl.h>

#define USER 1000

static int setup(void)
{
	static const char *const dirs[] = { "w", "w/sub", "e", "u" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		MUST(mkdir(dirs[i], 0755));
	touch("w/abs");
	touch("w/rel");
	touch("w/sub/rel");
	touch("w/sub/at");
	touch("w/before");
	touch("e/rel");
	touch("e/at");
	touch("u/rel");
	program("program", 0755);
	MUST(symlink("rel", "w/link"));
	return 0;
}

static void drop(void)
{
	MUST(setgroups(0, NULL));
	MUST(setresgid(USER, USER, USER));
	MUST(setresuid(USER, USER, USER));
}

/* After setuid, without execve: nobody may look into /proc/PID any more. */
static void worker(void)
{
	struct stat st;
	int dir = (int)MUST(open("w", O_PATH | O_DIRECTORY)), late;

	drop();
	MUST(chdir("w"));
	MUST(open("rel", O_RDONLY));
	MUST(open(in("w/abs"), O_RDONLY));
	MUST(openat(dir, "before", O_RDONLY));
	late = (int)MUST(open("sub", O_RDONLY | O_DIRECTORY));
	MUST(openat(late, "at", O_RDONLY));
	MUST(chdir("sub"));
	MUST(stat("rel", &st));
	MUST(stat("../link", &st));
	_exit(0);
}

static void expect_worker(void)
{
	expect("stat,enter", "w");
	expect("read", "w/rel");
	expect("read", "w/abs");
	expect("read", "w/before");
	expect("list,enter", "w/sub");
	expect("read", "w/sub/at");
	expect("stat", "w/sub/rel");
	expect("stat", "w/sub/../link");
	expect("stat,resolved", "w/rel");
}

/* The new program of the new user. */
static int again(void)
{
	int dir;

	MUST(chdir("e"));
	MUST(access("rel", R_OK));
	dir = (int)MUST(open(".", O_RDONLY));
	MUST(openat(dir, "at", O_RDONLY));
	return 0;
}

static void stepper(void)
{
	char *args[] = { (char[]) { "program" }, (char[]) { "again" }, NULL };

	drop();
	execv("./program", args);
	_exit(1);
}

static void undumpable(void)
{
	MUST(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	MUST(chdir("u"));
	MUST(open("rel", O_RDONLY));
	_exit(0);
}

static void in_child(void (*what)(void))
{
	pid_t pid = fork();

	if (pid == 0)
		what();
	wait_for(pid);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "setup") == 0)
		return setup();
	if (argc > 1)
		return again();
	in_child(undumpable);
	expect("enter", "u");
	expect("read", "u/rel");
	if (geteuid() != 0)
		return 0;
	in_child(worker);
	expect_worker();
	in_child(stepper);
	expect("exec", "program");
	expect("list,enter", "e");
	expect("stat", "e/rel");
	expect("read", "e/at");
	return 0;
}
