// SPDX-License-Identifier: Apache-2.0
/*
 * waiter.c - sigtimedwait: children, signals and time
 *
 * In: pids and a time. Out: one event. Never kills, never prints. Children are looked at
 * before each sleep: an end after that look leaves its SIGCHLD pending, so none is missed.
 */
#include "waiter.h"
#include "process.h"

#include <time.h>

static const int counted[] = { SIGINT, SIGTERM, SIGHUP };

void waiter_begin(struct waiter *w)
{
	*w = (struct waiter) { 0 };
	sigemptyset(&w->set);
	sigaddset(&w->set, SIGCHLD);
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++) {
		struct sigaction old;

		/* nohup and background jobs have it ignored: it stays so. */
		sigaction(counted[i], NULL, &old);
		if (old.sa_handler != SIG_IGN)
			sigaddset(&w->set, counted[i]);
	}
	sigprocmask(SIG_BLOCK, &w->set, &w->saved);
}

void waiter_end(struct waiter *w)
{
	sigprocmask(SIG_SETMASK, &w->saved, NULL);
}

double waiter_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Sleeps at most `seconds` for one of set; true if a counted signal came. */
static bool doze(struct waiter *w, const sigset_t *set, double seconds)
{
	struct timespec t;
	int sig;

	seconds = seconds < 0 ? 0 : MIN(seconds, 3600);
	t.tv_sec = (time_t)seconds;
	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	sig = sigtimedwait(set, NULL, &t);
	if (sig <= 0 || sig == SIGCHLD)
		return false;
	w->n_signals++;
	w->last_signal = sig;
	return true;
}

unsigned int waiter_signals(struct waiter *w)
{
	sigset_t set = w->set;

	sigdelset(&set, SIGCHLD);
	while (doze(w, &set, 0))
		;
	return w->n_signals;
}

int waiter_next(struct waiter *w, pid_t child, int *status, double until)
{
	for (;;) {
		int r = child > 0 ? process_poll(child, status) : 0, app_status;
		double now;

		if (r != 0)
			return r < 0 ? r : WAITER_CHILD;
		if (w->app > 0 && !w->app_ended) {
			r = process_poll(w->app, &app_status);
			w->app_ended = r != 0;
			if (r != 0)
				return WAITER_APP;
		}
		now = waiter_now();
		if (now >= until)
			return WAITER_TIME;
		if (doze(w, &w->set, until - now))
			return WAITER_SIGNAL;
	}
}
