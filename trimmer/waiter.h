// SPDX-License-Identifier: Apache-2.0
/*
 * waiter.h - one place to wait for children, signals and time at once
 *
 * While a waiter lives, SIGINT, SIGTERM, SIGHUP and SIGCHLD are blocked: the first three are
 * counted instead of ending the program, so that what was made can be removed again. Times
 * are seconds of the monotonic clock; INFINITY is never.
 */
#pragma once

#include "base.h"

#include <math.h>
#include <signal.h>
#include <sys/types.h>

struct waiter {
	sigset_t set, saved;
	unsigned int n_signals;
	int last_signal;
	pid_t app;	/* watched all the time; 0 before it is started */
	bool app_ended; /* and was waited for */
};

enum waiter_event {
	WAITER_CHILD, /* the child asked for ended */
	WAITER_APP,   /* the application ended: told once */
	WAITER_SIGNAL,
	WAITER_TIME,
};

void waiter_begin(struct waiter *w);
/* Gives signals their old effect; one that is pending acts at once. */
void waiter_end(struct waiter *w);
/* Counts what has come; how many signals there were. */
unsigned int waiter_signals(struct waiter *w);
/* What comes first. child: 0 for none; *status: its exit status. -errno when it is lost. */
int waiter_next(struct waiter *w, pid_t child, int *status, double until) MUST_CHECK;
double waiter_now(void);
