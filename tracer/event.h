// SPDX-License-Identifier: Apache-2.0
/*
 * event.h - what the traced processes do, one event at a time; the only wait of the tracer
 *
 * event_next() waits and turns what the kernel reports into one event, which event_resume()
 * must answer (at once or later): until then the thread stands still. Kernel differences are
 * probed once, in event_open(). Behind this header stands an engine (event_ptrace.c); all
 * engines hand on the same events, but one may leave out those marked (*).
 */
#pragma once

#include "calls.h"

#include <sys/types.h>

enum event_kind {
	EVENT_CALL,   /* before a system call: .call; event_deny() may be used */
	EVENT_RETURN, /* (*) after it: .result. Not sure to come: death, execve */
	EVENT_NEW,    /* first stop of a new thread, before or after EVENT_CHILD */
	EVENT_CHILD,  /* (*) the thread has made .child by .call; maybe long known by then */
	EVENT_EXEC,   /* a new program is in place; pid is the leader, .former was the thread */
	EVENT_EXITING, /* (*) about to die with .status (as of wait), in .call; sure for PID 1 */
	EVENT_GONE,    /* dead with .status, nothing to resume */
	EVENT_SIGNAL,  /* .signal will be delivered by event_resume() */
	EVENT_STOPPED,	 /* stopped by job control; stays so */
	EVENT_CONTINUED, /* nothing of interest: resume */
};

#define EVENT_NO_CALL UINT64_MAX

struct event_call {
	enum call_abi abi;
	uint64_t nr; /* EVENT_NO_CALL where it could not be told */
	uint64_t args[CALL_N_ARGS];
};

struct event {
	enum event_kind kind;
	pid_t pid; /* the thread */
	struct event_call call;
	union {
		int64_t result; /* -errno on failure */
		pid_t child;
		pid_t former;
		int status;
		int signal;
	};
};

struct events;

/*
 * Begins to trace pid, which stands still (and not yet in its program) when this returns;
 * *first is how, and must be answered like all others. -EPERM and others as ptrace(2) says.
 */
int event_open(pid_t pid, struct events **events, struct event *first) MUST_CHECK;
void event_close(struct events *events);
const char *event_engine(const struct events *events);

/* 1 with an event, 0 when nobody is left, -errno when tracing cannot go on. */
int event_next(struct events *events, struct event *event) MUST_CHECK;
/* Lets the thread go on. A thread that died meanwhile is no error. */
void event_resume(struct events *events, const struct event *event);
/* At EVENT_CALL: the call will answer -ENOSYS. */
int event_deny(struct events *events, const struct event *event) MUST_CHECK;
/* One word of memory of a stopped thread, by the engine's own means; -errno. */
int event_peek(pid_t pid, uint64_t addr, long *word) MUST_CHECK;
