// SPDX-License-Identifier: Apache-2.0
/*
 * setid.c - what a tracer without CAP_SYS_PTRACE must tell: set-id programs lost their
 * privilege, a program that may be executed but not read could not be looked into
 */
#include "expect.h"

static int setup(void)
{
	program("setuid", 04755);
	program("execonly", 0111);
	return 0;
}

static void run(const char *name, char *arg)
{
	char *args[] = { (char[]) { "child" }, arg, NULL };
	int null = (int)MUST(open("/dev/null", O_WRONLY | O_CLOEXEC));
	pid_t pid = fork();

	if (pid == 0) {
		dup2(null, 1);
		execv(name, args);
		_exit(1);
	}
	wait_for(pid);
}

#define SU "/usr/bin/su"

int main(int argc, char **argv)
{
	struct stat st;

	if (argc > 1)
		return strcmp(argv[1], "setup") == 0 ? setup() : 0;
	/* Ours already: nothing is gained or lost. */
	run("./setuid", (char[]) { "child" });
	expect("exec", "setuid");
	if (stat(SU, &st) == 0 && st.st_uid == 0 && st.st_mode & S_ISUID) {
		run(SU, (char[]) { "--version" });
		if (geteuid() != 0)
			printf("note setid " SU "\n");
	}
	run("./execonly", (char[]) { "child" });
	expect("exec", "execonly");
	if (geteuid() != 0) {
		printf("note unreadable %s\n", in("execonly"));
		printf("note unreadable openat\n");
		/* Whether there was an /etc/ld.so.preload only the result tells. */
		if (strcmp(getenv("ENGINE"), "notify") == 0)
			printf("note unreadable access\n");
	}
	return 0;
}
