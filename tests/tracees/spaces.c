// SPDX-License-Identifier: Apache-2.0
/*
 * spaces.c - pivot_root, user namespaces, and roots that threads share: where names mean
 * something else than the tracer sees, a note says so
 */
#include "expect.h"

#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/vfs.h>

static char stack[65536];

static int setup(void)
{
	MUST(mkdir("new", 0755));
	MUST(mkdir("new/old", 0755));
	MUST(mkdir("user", 0755));
	MUST(mkdir("shared", 0755));
	touch("new/file");
	touch("user/before");
	touch("user/file");
	touch("user/after");
	touch("shared/file");
	return 0;
}

/* The first root of a machine stays where it is (pivot_root(2)): an initramfs. */
static bool can_pivot(void)
{
	struct statfs fs;

	return statfs("/", &fs) == 0 && fs.f_type != RAMFS_MAGIC && fs.f_type != TMPFS_MAGIC;
}

/* As a container runtime enters its root. Names there are the new root's, hence only a note. */
static void pivoting(void)
{
	MUST(unshare(CLONE_NEWNS));
	MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	MUST(mount(in("new"), in("new"), NULL, MS_BIND, NULL));
	MUST(syscall(SYS_pivot_root, in("new"), in("new/old")));
	MUST(chdir("/"));
	MUST(access("/file", R_OK));
}

/* Another user namespace alone changes no name. */
static void becoming(void)
{
	MUST(access("user/before", R_OK));
	if (unshare(CLONE_NEWUSER) < 0)
		_exit(SKIP);
	MUST(open("user/file", O_RDONLY));
}

static int into_jail(void *dir)
{
	return chroot(dir) < 0 || chdir("/") < 0;
}

/* CLONE_FS: the child puts its parent into another root. */
static void sharing(void)
{
	wait_for(clone(into_jail, stack + sizeof(stack), CLONE_FS | SIGCHLD,
		       (char[]) { "shared" }));
	MUST(access("/file", R_OK));
}

/* Back in the first namespace names are plain again. */
static void returning(void)
{
	int ns = (int)MUST(open("/proc/self/ns/mnt", O_RDONLY));

	MUST(unshare(CLONE_NEWNS));
	MUST(setns(ns, CLONE_NEWNS));
	MUST(chdir(base_dir()));
	MUST(access("user/after", R_OK));
}

static int in_child(void (*run)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		run();
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0));
	CHECK(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SKIP));
	return WEXITSTATUS(status);
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	expect("stat", "user/before");
	if (in_child(becoming) == 0)
		expect("read", "user/file");
	if (geteuid() != 0)
		return 0;
	if (can_pivot()) {
		in_child(pivoting);
		expect("stat,enter,change", "new");
		expect("stat", "new/old");
	}
	printf("note namespace another mount namespace\n");
	in_child(sharing);
	expect("enter", "shared");
	expect("stat", "shared/file");
	printf("note namespace %s\n", in("shared"));
	in_child(returning);
	expect("enter", "%s", "");
	expect("stat", "user/after");
	return 0;
}
