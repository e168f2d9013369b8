// SPDX-License-Identifier: Apache-2.0
/*
 * listener.c - the ioctls of a seccomp listener
 *
 * In: a descriptor. Out: notifications, one at a time. The kernel wants its structures in the
 * size that it has, which may be more than that of our headers, and cleared.
 */
#include "listener.h"

#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/utsname.h>

/* Since Linux 6.6, which many headers are older than. */
#define SET_FLAGS    _IOW('!', 4, uint64_t)
#define SYNC_WAKE_UP 1ul
/* The first that wakes a receiver when the last thread is gone. */
#define WAITS_MAJOR 6
#define WAITS_MINOR 11

#define ROOM 512 /* an answer and a question of any kernel to come */

struct listener_page {
	union {
		struct seccomp_notif notif;
		char notif_room[ROOM];
	};
	union {
		struct seccomp_notif_resp answer;
		char answer_room[ROOM];
	};
};

static bool kernel_waits(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname u;

	if (uname(&u) < 0 || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		return false;
	return major > WAITS_MAJOR || (major == WAITS_MAJOR && minor >= WAITS_MINOR);
}

int listener_init(struct listener *l)
{
	void *page = mmap(NULL, sizeof(struct listener_page), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return -errno;
	*l = (struct listener) { .fd = -1, .waits = kernel_waits(), .page = page };
	return 0;
}

void listener_fini(struct listener *l)
{
	if (l->page)
		munmap(l->page, sizeof(*l->page));
	if (l->fd >= 0)
		close(l->fd);
	*l = (struct listener) { .fd = -1 };
}

int listener_sync(int fd)
{
	return ioctl(fd, SET_FLAGS, SYNC_WAKE_UP) < 0 ? -errno : 0;
}

bool listener_unused(const struct listener *l)
{
	struct pollfd p = { .fd = l->fd };

	return poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR | POLLNVAL);
}

/* 1 when there is something to receive, 0 when there never will be. */
static int wait_for_one(const struct listener *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLIN };

	for (;;) {
		int n = poll(&p, 1, -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0 && p.revents & POLLIN)
			return 1;
		if (n > 0)
			return 0;
	}
}

int listener_receive(struct listener *l)
{
	struct seccomp_notif *notif = &l->page->notif;

	for (;;) {
		int r = l->waits ? 1 : wait_for_one(l);

		if (r <= 0)
			return r;
		if (ioctl(l->fd, SECCOMP_IOCTL_NOTIF_RECV, notif) == 0)
			return 1;
		/* A thread that was killed before it was taken, or no more threads. */
		if (errno == ENOENT && listener_unused(l))
			return 0;
		if (errno != EINTR && errno != ENOENT)
			return -errno;
		memset(l->page->notif_room, 0, ROOM);
	}
}

const struct seccomp_notif *listener_in_hand(const struct listener *l)
{
	return &l->page->notif;
}

bool listener_valid(const struct listener *l)
{
	return ioctl(l->fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &l->page->notif.id) == 0;
}

static void send_answer(struct listener *l, int value, uint32_t flags)
{
	struct seccomp_notif_resp *answer = &l->page->answer;

	answer->id = l->page->notif.id;
	answer->val = MAX(value, 0);
	answer->error = MIN(value, 0);
	answer->flags = flags;
	/* It fails if the thread was killed meanwhile: nobody waits for an answer. */
	while (ioctl(l->fd, SECCOMP_IOCTL_NOTIF_SEND, answer) < 0 && errno == EINTR)
		;
	memset(l->page->notif_room, 0, ROOM);
}

void listener_continue(struct listener *l)
{
	send_answer(l, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

void listener_answer(struct listener *l, int value)
{
	send_answer(l, value, 0);
}
