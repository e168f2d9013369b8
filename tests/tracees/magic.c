// SPDX-License-Identifier: Apache-2.0
/*
 * magic.c - objects without a name of their own in the call: links of /proc, empty paths,
 * handles, descriptors from elsewhere; and threads whose process has lost its first
 */
#include "expect.h"

#include <pthread.h>
#include <sys/socket.h>

static int setup(void)
{
	static const char *const files[] = {
		"dir/cwd",   "dir/thread",  "dir/parent", "handle",
		"emptylink", "passed/file", "left/file",  "named"
	};

	MUST(mkdir("dir", 0755));
	MUST(mkdir("passed", 0755));
	MUST(mkdir("left", 0755));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		touch(files[i]);
	MUST(symlink("named", "link"));
	return 0;
}

static void links(void)
{
	char name[64];
	int dir;

	MUST(chdir("dir"));
	expect("stat,enter", "dir");
	MUST(access("/proc/self/cwd/cwd", R_OK));
	expect("stat,resolved", "dir/cwd");
	MUST(chdir(base_dir()));
	dir = (int)MUST(open("dir", O_PATH));
	snprintf(name, sizeof(name), "/proc/thread-self/fd/%d/thread", dir);
	MUST(open(name, O_RDONLY));
	expect("read,resolved", "dir/thread");
	/* Another process's. */
	snprintf(name, sizeof(name), "/proc/%d/fd/%d/parent", (int)getpid(), dir);
	wait_for(fork() ?: (_exit(open(name, O_RDONLY) < 0), 0));
	expect("read,resolved", "dir/parent");
}

/* The descriptor itself, by AT_EMPTY_PATH. */
static void empty(void)
{
	int fd = (int)MUST(open("emptylink", O_RDONLY));
	int link = (int)MUST(open("link", O_PATH | O_NOFOLLOW));
	struct stat st;
	char buf[64];

	expect("read", "emptylink");
	/* Looks at what is open already add nothing. */
	if (linkat(fd, "", AT_FDCWD, "linked", AT_EMPTY_PATH) == 0)
		expect("create", "linked");
	expect("lstat", "link");
	MUST(readlinkat(link, "", buf, sizeof(buf)));
	MUST(fstatat(link, "", &st, AT_EMPTY_PATH));
	CHECK(S_ISLNK(st.st_mode));
	MUST(syscall(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH));
}

static void handles(void)
{
	union {
		struct file_handle handle;
		char room[256];
	} h = { .handle = { .handle_bytes = 128 } };
	int mount, fd = (int)MUST(open(".", O_RDONLY | O_DIRECTORY));

	expect("list,enter", "%s", "");
	if (name_to_handle_at(AT_FDCWD, "handle", &h.handle, &mount, 0) < 0)
		return;
	expect("lstat", "handle");
	if (open_by_handle_at(fd, &h.handle, O_RDONLY) >= 0)
		expect("read,resolved", "handle");
}

/* A directory that came by a socket. */
static void passed(void)
{
	struct msghdr msg = { 0 };
	struct iovec iov = { (char[]) { "x" }, 1 };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	int fds[2], dir;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	msg.msg_iov = &iov;
	msg.msg_iovlen = 1;
	msg.msg_control = &control;
	msg.msg_controllen = sizeof(control);
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	dir = (int)MUST(open("passed", O_PATH));
	expect("stat", "passed");
	memcpy(CMSG_DATA(&control.head), &dir, sizeof(dir));
	MUST(sendmsg(fds[0], &msg, 0));
	close(dir);
	MUST(recvmsg(fds[1], &msg, 0));
	memcpy(&dir, CMSG_DATA(&control.head), sizeof(dir));
	MUST(openat(dir, "file", O_RDONLY));
	expect("read", "passed/file");
}

static void *alone(void *leader)
{
	pthread_join(*(pthread_t *)leader, NULL);
	_exit(open("left/file", O_RDONLY) < 0);
}

/* The first thread is a zombie: /proc/PID of the process tells nothing any more. */
static void leaderless(void)
{
	static pthread_t leader, other;
	pid_t pid = fork();

	if (pid == 0) {
		leader = pthread_self();
		if (pthread_create(&other, NULL, alone, &leader) != 0)
			_exit(1);
		pthread_exit(NULL);
	}
	wait_for(pid);
	expect("read", "left/file");
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	links();
	empty();
	handles();
	passed();
	leaderless();
	return 0;
}
