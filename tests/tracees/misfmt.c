// SPDX-License-Identifier: Apache-2.0
/*
 * misfmt.c - binfmt_misc: the kernel opens an interpreter that no call names
 *
 * Since Linux 6.7 a user namespace has formats of its own, so nothing of the machine's changes.
 */
#include "expect.h"

#include <sched.h>
#include <sys/mount.h>

static int setup(void)
{
	int fd;

	MUST(mkdir("formats", 0755));
	program("interp", 0755);
	fd = (int)MUST(open("word.itt", O_CREAT | O_WRONLY, 0755));
	CHECK(write(fd, "no ELF", 6) == 6);
	close(fd);
	return 0;
}

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	close(fd);
	return n < 0 ? -1 : 0;
}

static void own_formats(void)
{
	char text[PATH_MAX + 64], map[32];
	char *args[] = { (char[]) { "child" }, (char[]) { "child" }, NULL };
	int uid = (int)getuid(), gid = (int)getgid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		_exit(SKIP);
	snprintf(map, sizeof(map), "0 %d 1", uid);
	MUST(put("/proc/self/uid_map", map));
	MUST(put("/proc/self/setgroups", "deny"));
	snprintf(map, sizeof(map), "0 %d 1", gid);
	MUST(put("/proc/self/gid_map", map));
	if (mount("formats", "formats", "binfmt_misc", 0, NULL) < 0)
		_exit(SKIP);
	snprintf(text, sizeof(text), ":imagetrim:E::itt::%s:", in("interp"));
	MUST(put("formats/register", text));
	execve("./word.itt", args, environ);
	_exit(1);
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc > 1 && strcmp(argv[argc - 1], "setup") == 0)
		return setup();
	if (argc > 1)
		return 0;
	pid = fork();
	if (pid == 0)
		own_formats();
	MUST(waitpid(pid, &status, 0));
	if (WIFEXITED(status) && WEXITSTATUS(status) == SKIP)
		return SKIP;
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	expect("change", "formats");
	expect("write", "formats/register");
	expect("exec", "word.itt");
	expect("interp,resolved", "interp");
	printf("note namespace another mount namespace\n");
	return 0;
}
