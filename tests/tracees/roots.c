// SPDX-License-Identifier: Apache-2.0
/* roots.c - chroot and mount namespaces: names as the tracer sees them, and a note */
#include "expect.h"

#include <sched.h>
#include <sys/mount.h>

static int setup(void)
{
	MUST(mkdir("jail", 0755));
	MUST(mkdir("jail/etc", 0755));
	MUST(mkdir("jail/sub", 0755));
	touch("jail/etc/conf");
	touch("jail/etc/stat");
	touch("jail/etc/rel");
	touch("jail/etc/target");
	MUST(symlink("/etc/target", "jail/etc/link"));
	MUST(mkdir("mnt", 0755));
	MUST(mkdir("src", 0755));
	touch("src/file");
	return 0;
}

static void jailed(void)
{
	struct stat st;

	MUST(chroot("jail"));
	MUST(chdir("/"));
	MUST(open("/etc/conf", O_RDONLY));
	MUST(stat("//etc/./stat", &st));
	MUST(open("etc/rel", O_RDONLY));
	MUST(stat("/etc/link", &st));
	MUST(access("/../../etc/conf", R_OK));
}

static void mounting(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		exit(1);
	MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
	MUST(mount(in("src"), "mnt", NULL, MS_BIND, NULL));
	MUST(open("mnt/file", O_RDONLY));
	MUST(umount2("mnt", MNT_DETACH));
}

int main(int argc, char **argv UNUSED)
{
	pid_t pid;

	if (argc > 1)
		return setup();
	if (geteuid() != 0)
		return SKIP;
	pid = fork();
	if (pid == 0) {
		jailed();
		_exit(0);
	}
	wait_for(pid);
	expect("enter", "jail");
	expect("read", "jail/etc/conf");
	expect("stat", "jail/etc/stat");
	expect("read", "jail/etc/rel");
	expect("stat", "jail/etc/link");
	expect("stat,resolved", "jail/etc/target");
	expect("stat", "jail/../../etc/conf");
	expect("stat,resolved", "jail/etc/conf");
	printf("note namespace %s\n", in("jail"));

	pid = fork();
	if (pid == 0) {
		mounting();
		_exit(0);
	}
	wait_for(pid);
	expect("stat", "src");
	expect("change", "mnt");
	expect("read", "mnt/file");
	printf("note namespace another mount namespace\n");
	return 0;
}
