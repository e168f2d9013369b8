// SPDX-License-Identifier: Apache-2.0
/*
 * keeper.c - sleeps until the tracer or the application ends
 *
 * In: two descriptors. Out: answers, if the tracer is gone. Never looks at a call. It wakes for
 * no notification: a poll(2) for nothing is woken by a hang-up only.
 */
#include "keeper.h"
#include "voice.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>

static bool closed(const struct pollfd *p)
{
	return p->revents & (POLLHUP | POLLERR | POLLNVAL);
}

/* True when the tracer is gone and the application is not. */
static bool needed(const struct listener *l, int alive)
{
	struct pollfd fds[] = { { .fd = l->fd }, { .fd = alive } };

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			break;
	/* Both end together at a clean end. */
	return !closed(&fds[0]) && closed(&fds[1]) && !listener_unused(l);
}

void keeper_run(struct listener *l, int alive, pid_t voice)
{
	prctl(PR_SET_NAME, "imagetrim-keep", 0, 0, 0);
	if (!needed(l, alive))
		_exit(0);
	/* What the tracer had in hand. */
	if (listener_in_hand(l)->id)
		listener_continue(l);
	voice_say(voice, "the tracer ended early; the application goes on, its log is cut");
	while (listener_receive(l) > 0)
		listener_continue(l);
	_exit(0);
}
