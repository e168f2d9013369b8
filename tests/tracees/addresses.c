// SPDX-License-Identifier: Apache-2.0
/* addresses.c - unix sockets: bind, connect, sendto, sendmsg; abstract names are no paths */
#include "expect.h"

#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un address(const char *name)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	strncpy(un.sun_path, name, sizeof(un.sun_path) - 1);
	return un;
}

static int bound(const char *name, int type)
{
	struct sockaddr_un un = address(name);
	int fd = (int)MUST(socket(AF_UNIX, type, 0));

	MUST(bind(fd, (struct sockaddr *)&un, sizeof(un)));
	return fd;
}

static int setup(void)
{
	return 0;
}

int main(int argc, char **argv UNUSED)
{
	struct sockaddr_un un = address("dgram");
	struct iovec iov = { (char[]) { "x" }, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int listener, fd;

	if (argc > 1)
		return setup();
	listener = bound("stream", SOCK_STREAM);
	bound("dgram", SOCK_DGRAM);
	bound("message", SOCK_DGRAM);
	MUST(listen(listener, 5));
	expect("create,connect", "stream");
	expect("create,connect", "dgram");
	expect("create,connect", "message");

	fd = (int)MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
	MUST(sendto(fd, "x", 1, 0, (struct sockaddr *)&un, sizeof(un)));
	un = address("message");
	msg.msg_name = &un;
	msg.msg_namelen = sizeof(un);
	MUST(sendmsg(fd, &msg, 0));

	un = address("stream");
	fd = (int)MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	MUST(connect(fd, (struct sockaddr *)&un, sizeof(un)));
	/* Abstract. */
	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	snprintf(un.sun_path + 1, 20, "t%d", getpid());
	fd = (int)MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	MUST(bind(fd, (struct sockaddr *)&un, 10));
	return 0;
}
