// SPDX-License-Identifier: Apache-2.0
/*
 * listener.h - the other end of a seccomp filter: who stops there asks here (seccomp_unotify(2))
 *
 * One thread at a time is in hand, in a page that the tracer and its keeper share: if the
 * tracer dies the keeper can let go of that one too.
 */
#pragma once

#include "base.h"

#include <linux/seccomp.h>

struct listener_page;

struct listener {
	int fd;
	bool waits; /* receiving ends when nobody is left (Linux 6.11), else poll(2) must tell */
	struct listener_page *page;
};

/* A page to be shared by those who are forked afterwards; no descriptor yet. */
int listener_init(struct listener *l) MUST_CHECK;
void listener_fini(struct listener *l);

/* The listener wakes its other side on the same CPU: Linux 6.6. 0 or -errno. */
int listener_sync(int fd) MUST_CHECK;

/* Takes the next stopped thread in hand: 1, 0 when nobody is left, or -errno. */
int listener_receive(struct listener *l) MUST_CHECK;
/* The thread in hand: .id 0 is none. */
const struct seccomp_notif *listener_in_hand(const struct listener *l);
/* True while that thread stands there: then its number means no other one. */
bool listener_valid(const struct listener *l);
/* Lets it make its call. */
void listener_continue(struct listener *l);
/* Its call is not made, and answers value: -errno or a result. */
void listener_answer(struct listener *l, int value);
/* True when no thread with this filter is left. */
bool listener_unused(const struct listener *l);
