// SPDX-License-Identifier: Apache-2.0
/*
 * executing.c - execve and execveat in all forms: #! chains, loaders, descriptors, memfd
 *
 * The executed program is this one again, copied: "child" only ends.
 */
#include "expect.h"

#include <sys/mman.h>

static void script(const char *name, const char *head)
{
	int fd = (int)MUST(open(name, O_CREAT | O_WRONLY | O_TRUNC, 0755));

	CHECK(write(fd, head, strlen(head)) == (ssize_t)strlen(head));
	close(fd);
}

static int setup(void)
{
	char head[PATH_MAX + 16];

	MUST(mkdir("d", 0755));
	program("plain", 0755);
	program("viafd", 0755);
	program("viadir", 0755);
	program("interp", 0755);
	program("relinterp", 0755);
	program("env", 0755);
	program("linked", 0755);
	program("vfork", 0755);
	MUST(symlink("linked", "link"));
	snprintf(head, sizeof(head), "#!%s\n", in("interp"));
	script("one", head);
	script("thread", head);
	snprintf(head, sizeof(head), "#! %s arg\n", in("one"));
	script("two", head);
	script("d/relative", "#!relinterp\n");
	/* As many as the kernel follows: five scripts, then a program. */
	script("n1", "#!n2\n");
	script("n2", "#!./n3 one argument\n");
	script("n3", "#!n4\n");
	script("n4", "#!n5\n");
	script("n5", "#!deepest\n");
	program("deepest", 0755);
	script("n0", "#!n1\n");
	program("magic", 0755);
	script("byfd", "#!byfdinterp\n");
	program("byfdinterp", 0755);
	return 0;
}

static void run_at(int dir, const char *name, int flags)
{
	char *args[] = { (char[]) { "child" }, (char[]) { "child" }, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		syscall(SYS_execveat, dir, name, args, environ, flags);
		_exit(1);
	}
	wait_for(pid);
}

static void run(const char *name)
{
	char *args[] = { (char[]) { "child" }, (char[]) { "child" }, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execve(name, args, environ);
		_exit(1);
	}
	wait_for(pid);
}

static void forms(void)
{
	int fd;

	run(in("plain"));
	expect("exec", "plain");
	run("./link");
	expect("exec", "link");
	expect("exec,resolved", "linked");
	run("./two");
	expect("exec", "two");
	expect("interp", "one");
	expect("interp", "interp");
	run("d/relative");
	expect("exec", "d/relative");
	expect("interp", "relinterp");

	fd = (int)MUST(open("viafd", O_PATH | O_CLOEXEC));
	run_at(fd, "", AT_EMPTY_PATH);
	expect("exec,stat", "viafd");
	fd = (int)MUST(open(base_dir(), O_PATH | O_CLOEXEC));
	expect("stat", "%s", "");
	run_at(fd, "viadir", 0);
	expect("exec", "viadir");
}

static void nested(void)
{
	char *args[] = { (char[]) { "child" }, (char[]) { "child" }, NULL };

	run("n1");
	expect("exec", "n1");
	for (int i = 2; i <= 5; i++)
		expect("interp", "n%d", i);
	expect("interp", "deepest");
	MUST_FAIL(execve("n0", args, environ), ELOOP);
}

/* By links of /proc, and a script by its descriptor (the interpreter opens /dev/fd/N). */
static void by_magic(void)
{
	int fd = (int)MUST(open("magic", O_PATH | O_CLOEXEC));
	char name[64];

	expect("stat", "magic");
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	run(name);
	expect("exec,resolved", "magic");
	fd = (int)MUST(open("byfd", O_RDONLY));
	run_at(fd, "", AT_EMPTY_PATH);
	expect("exec,read", "byfd");
	expect("interp", "byfdinterp");
	run("/proc/self/exe");
}

static void from_memory(void)
{
	int fd = memfd_create("x", MFD_CLOEXEC);

	MUST(fd);
	copy_self(fd);
	run_at(fd, "", AT_EMPTY_PATH);
}

static void by_vfork(void)
{
	char *args[] = { (char[]) { "child" }, (char[]) { "child" }, NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		execve("vfork", args, environ);
		_exit(1);
	}
	wait_for(pid);
	expect("exec", "vfork");
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[argc - 1], "setup") == 0)
		return setup();
	if (strcmp(argv[0], "child") == 0 || argc > 1)
		return 0;
	forms();
	nested();
	by_magic();
	from_memory();
	by_vfork();
	return 0;
}
