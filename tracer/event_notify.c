// SPDX-License-Identifier: Apache-2.0
/*
 * event_notify.c - the engine on seccomp_unotify(2): a call asks a listener before it is made
 *
 * In: notifications, and the ends of the processes that the recorder knows. Out: EVENT_CALL and
 * EVENT_GONE, nothing else. Never looks at memory or paths.
 *
 * Numbers of processes are used again, so what is known of one must be forgotten before another
 * gets its number: each is watched by a pidfd, and those that became readable are told soon. Most
 * end by a call of their own before that is worth while (event_forget()): only what has lived for
 * some calls is added to the epoll. A thread ends by a call of its own (exit, which the filter stops)
 * or with its process.
 */
#include "event.h"
#include "fdroom.h"

#include <linux/audit.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#define DEATHS_MAX 32

/*
 * A look at every call would cost a tenth of it. Numbers are given out in turn: the kernel gives
 * none again before hundreds of others (RESERVED_PIDS), and each process makes a call at its end.
 */
#define LOOK_EVERY 32
#define YOUNG_MAX  64

struct notify_events {
	struct events base;
	struct listener listener;
	int deaths; /* epoll of pidfds, but of the ... */
	struct young {
		pid_t tgid;
		unsigned int seen; /* n_calls then */
	} young[YOUNG_MAX];
	int n_young;
	pid_t main_pid; /* 0 when it has ended; then */
	pid_t last_pid;
	int main_pidfd;
	bool in_hand;
	bool answered; /* the call in hand is not made, but answered with ... */
	int answer;
	struct epoll_event dead[DEATHS_MAX];
	int n_dead;
	unsigned int n_watched, n_calls;
	bool look; /* for the dead */
};

/* struct pidfd_info of Linux 6.15; later ones have more fields behind these. */
struct pidfd_exit_info {
	uint64_t mask, cgroup;
	uint32_t ids[11];
	int32_t exit_code;
};
#define GET_INFO  _IOWR(0xFF, 11, struct pidfd_exit_info)
#define INFO_EXIT (1u << 3)

#define END_MS 1000

_Static_assert(sizeof(struct pidfd_exit_info) == 64, "PIDFD_INFO_SIZE_VER0");

/* ---- ends ------------------------------------------------------------------------------ */

/*
 * How the process ended, as wait(2) has it, or EVENT_STATUS_UNKNOWN. The kernel tells when it
 * was waited for, which this waits for in turn, but not for ever.
 */
static int exit_status(int pidfd)
{
	struct pidfd_exit_info info = { .mask = INFO_EXIT };
	struct pollfd reaped = { .fd = pidfd };

	poll(&reaped, 1, END_MS);
	if (ioctl(pidfd, GET_INFO, &info) < 0 || !(info.mask & INFO_EXIT))
		return EVENT_STATUS_UNKNOWN;
	return info.exit_code;
}

static uint64_t pack(int pidfd, pid_t tgid)
{
	return (uint64_t)(uint32_t)pidfd << 32 | (uint32_t)tgid;
}

/* 0, or -errno: it has ended (-ESRCH), or nobody will tell when. */
static int watch(struct notify_events *e, pid_t tgid)
{
	long opened = syscall(SYS_pidfd_open, tgid, 0);
	int fd = fdroom_keep(opened < 0 ? -errno : (int)opened);
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = pack(fd, tgid) };

	if (fd < 0)
		return fd;
	if (epoll_ctl(e->deaths, EPOLL_CTL_ADD, fd, &ev) == 0)
		return 0;
	close(fd);
	return -ENOMEM;
}

/* Those that have lived for so many calls are watched from now on. */
static void grow_up(struct notify_events *e, unsigned int n_calls)
{
	int n = 0;

	for (int i = 0; i < e->n_young; i++) {
		struct young y = e->young[i];
		int r;

		if (e->n_calls - y.seen < n_calls || e->n_dead == DEATHS_MAX) {
			e->young[n++] = y;
			continue;
		}
		r = watch(e, y.tgid);
		if (r == -ESRCH)
			e->dead[e->n_dead++].data.u64 = pack(-1, y.tgid);
		else if (r < 0)
			e->n_watched--;
		e->base.blind |= r < 0 && r != -ESRCH;
	}
	e->n_young = n;
}

static int notify_watch(struct events *events, pid_t tgid)
{
	struct notify_events *e = (struct notify_events *)events;
	int r = 0;

	if (tgid == e->main_pid || e->n_young == YOUNG_MAX)
		r = watch(e, tgid);
	else
		e->young[e->n_young++] = (struct young) { tgid, e->n_calls };
	e->n_watched += r == 0;
	return r;
}

static bool notify_forget(struct events *events, pid_t tgid)
{
	struct notify_events *e = (struct notify_events *)events;

	for (int i = 0; i < e->n_young; i++)
		if (e->young[i].tgid == tgid) {
			e->young[i] = e->young[--e->n_young];
			e->n_watched--;
			return true;
		}
	return false;
}

static void tell_gone(struct event *ev, pid_t pid, int status)
{
	*ev = (struct event) { .kind = EVENT_GONE, .pid = pid };
	ev->status = status;
}

/* Closing ends the watch. How the main process ended is told when there is time to wait. */
static void take_dead(struct notify_events *e, struct event *ev)
{
	uint64_t packed = e->dead[--e->n_dead].data.u64;
	int fd = (int)(packed >> 32);
	pid_t pid = (pid_t)(uint32_t)packed;

	e->n_watched--;
	tell_gone(ev, pid, EVENT_STATUS_UNKNOWN);
	if (pid == e->main_pid) {
		e->main_pidfd = fd;
		e->main_pid = 0;
		epoll_ctl(e->deaths, EPOLL_CTL_DEL, fd, NULL);
		e->last_pid = pid;
	} else if (fd >= 0) {
		close(fd);
	}
}

/* The very last event. */
static int take_end(struct notify_events *e, struct event *ev)
{
	if (e->main_pidfd < 0)
		return 0;
	tell_gone(ev, e->last_pid, exit_status(e->main_pidfd));
	close(e->main_pidfd);
	e->main_pidfd = -1;
	return 1;
}

static bool find_dead(struct notify_events *e, int wait_ms)
{
	if (!e->n_dead && e->look) {
		grow_up(e, LOOK_EVERY);
		if (!e->n_dead)
			e->n_dead = MAX(epoll_wait(e->deaths, e->dead, DEATHS_MAX, wait_ms), 0);
		e->look = e->n_dead > 0;
	}
	return e->n_dead > 0;
}

/*
 * Nobody has the filter any more: those watched are ending. The end of PID 1 leaves no time, the
 * kernel ends us with it.
 */
static int end_wait(const struct notify_events *e)
{
	return e->n_watched && e->main_pid != 1 ? END_MS : 0;
}

/* ---- calls ----------------------------------------------------------------------------- */

static enum call_abi abi_of(uint32_t audit_arch)
{
	switch (audit_arch) {
	case AUDIT_ARCH_I386:
		return CALL_I386;
	case AUDIT_ARCH_AARCH64:
		return CALL_ARM64;
	case AUDIT_ARCH_X86_64:
		return CALL_X86_64;
	default:
		return CALL_OTHER;
	}
}

static void take_notif(struct notify_events *e, struct event *ev)
{
	const struct seccomp_notif *n = listener_in_hand(&e->listener);

	ev->kind = EVENT_CALL;
	ev->pid = (pid_t)n->pid;
	ev->call.abi = abi_of(n->data.arch);
	ev->call.nr = (uint32_t)n->data.nr;
	ev->call.ip = n->data.instruction_pointer;
	for (int i = 0; i < CALL_N_ARGS; i++)
		ev->call.args[i] = n->data.args[i];
}

/* Who died is told first: the number in hand may have been theirs. */
static int notify_next(struct events *events, struct event *event)
{
	struct notify_events *e = (struct notify_events *)events;
	int r;

	while (!e->in_hand) {
		r = listener_receive(&e->listener);
		e->look |= r <= 0 || ++e->n_calls % LOOK_EVERY == 0;
		if (r <= 0 && !e->n_dead)
			grow_up(e, 0);
		if (r <= 0 && find_dead(e, end_wait(e))) {
			take_dead(e, event);
			return 1;
		}
		if (r <= 0)
			return r < 0 ? r : take_end(e, event);
		e->in_hand = true;
		e->answered = false;
	}
	if (find_dead(e, 0))
		take_dead(e, event);
	else
		take_notif(e, event);
	return 1;
}

static void notify_resume(struct events *events, const struct event *event)
{
	struct notify_events *e = (struct notify_events *)events;

	if (event->kind != EVENT_CALL)
		return;
	if (e->answered)
		listener_answer(&e->listener, e->answer);
	else
		listener_continue(&e->listener);
	e->in_hand = false;
}

static int notify_answer(struct events *events, const struct event *event UNUSED, int value)
{
	struct notify_events *e = (struct notify_events *)events;

	e->answered = true;
	e->answer = value;
	return 0;
}

static bool notify_valid(struct events *events)
{
	return listener_valid(&((struct notify_events *)events)->listener);
}

static void notify_close(struct events *events)
{
	struct notify_events *e = (struct notify_events *)events;

	listener_fini(&e->listener);
	close(e->deaths);
	free(e);
}

static const struct event_engine engine = {
	.entries_only = true,
	.next = notify_next,
	.resume = notify_resume,
	.answer = notify_answer,
	.watch = notify_watch,
	.forget = notify_forget,
	.valid = notify_valid,
	.close = notify_close,
};

int event_notify_open(pid_t pid, struct listener *listener, struct events **ret,
		      struct event *first)
{
	struct notify_events *e = xcalloc(1, sizeof(*e));

	e->base.engine = &engine;
	e->main_pid = pid;
	e->main_pidfd = -1;
	e->deaths = epoll_create1(EPOLL_CLOEXEC);
	if (e->deaths < 0) {
		int r = -errno;

		free(e);
		return r;
	}
	e->base.name = listener_sync(listener->fd) == 0 ? "notify" : "notify-nosync";
	e->listener = *listener;
	*listener = (struct listener) { .fd = -1 };
	*first = (struct event) { .kind = EVENT_CONTINUED };
	*ret = &e->base;
	return 0;
}
