// SPDX-License-Identifier: Apache-2.0
/*
 * event.h - what the traced processes do, one event at a time; the only wait of the tracer
 *
 * event_next() waits and turns what the kernel reports into one event, which event_resume()
 * must answer (at once or later): until then the thread stands still. Kernel differences are
 * probed once, when an engine is opened. Behind this header stands a table of functions an engine
 * (event_ptrace.c, event_notify.c); all hand on the same events, but one may leave out those marked (*).
 */
#pragma once

#include "calls.h"
#include "listener.h"

#include <sys/types.h>

enum event_kind {
	EVENT_CALL,   /* before a system call: .call; event_answer() may be used */
	EVENT_RETURN, /* (*) after it: .result. Not sure to come: death, execve */
	EVENT_NEW,    /* first stop of a new thread, before or after EVENT_CHILD */
	EVENT_CHILD,  /* (*) the thread has made .child by .call; maybe long known by then */
	EVENT_EXEC,   /* a new program is in place; pid is the leader, .former was the thread */
	EVENT_EXITING, /* (*) about to die with .status (as of wait), in .call; sure for PID 1 */
	EVENT_GONE,    /* dead with .status (as of wait, or unknown), nothing to resume */
	EVENT_SIGNAL,  /* .signal will be delivered by event_resume() */
	EVENT_STOPPED,	 /* stopped by job control; stays so */
	EVENT_CONTINUED, /* nothing of interest: resume */
};

#define EVENT_NO_CALL UINT64_MAX

/* No status of wait(2) looks so. */
#define EVENT_STATUS_UNKNOWN (-1)

struct event_call {
	enum call_abi abi;
	uint64_t nr; /* EVENT_NO_CALL where it could not be told */
	uint64_t args[CALL_N_ARGS];
	uint64_t ip; /* where it was made; 0 untold */
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

/*
 * An engine: each of these as the function of that name below. The state of one at work begins
 * with struct events.
 */
struct events;
struct event_engine {
	/*
	 * Only EVENT_CALL, and EVENT_GONE of whole processes: how a call ended, new threads and
	 * new programs are for the recorder to find out at the next call.
	 */
	bool entries_only;
	int (*next)(struct events *events, struct event *event);
	void (*resume)(struct events *events, const struct event *event);
	bool (*want_return)(struct events *events, const struct event *event); /* NULL: never */
	int (*answer)(struct events *events, const struct event *event, int value);
	int (*set_first)(struct events *events, const struct event *event,
			 uint64_t value);		   /* NULL: never */
	int (*watch)(struct events *events, pid_t tgid);   /* NULL: not needed */
	bool (*forget)(struct events *events, pid_t tgid); /* NULL: never */
	bool (*valid)(struct events *events);		   /* NULL: always */
	void (*close)(struct events *events);
};

struct events {
	const struct event_engine *engine;
	const char *name;
	bool blind; /* nobody tells the ends of some */
};

/* What a filter must answer for the ptrace engine: SECCOMP_RET_TRACE and a mark of ours. */
#define EVENT_TRACE_MARK   0x4954u
#define EVENT_TRACE_ACTION (0x7ff00000u | EVENT_TRACE_MARK)

/*
 * Begins to trace pid, which stands still (and not yet in its program) when this returns;
 * *first is how, and must be answered like all others. filtered: it carries such a filter; then
 * it and all its children are killed if the tracer dies, because without a tracer each of these
 * calls would fail with ENOSYS. -EPERM and others as ptrace(2) says.
 */
int event_ptrace_open(pid_t pid, bool filtered, struct events **events,
		      struct event *first) MUST_CHECK;

/*
 * Begins to take what the filter of this listener (taken) stops; *first is nothing of interest.
 */
int event_notify_open(pid_t pid, struct listener *listener, struct events **events,
		      struct event *first) MUST_CHECK;

static inline void event_close(struct events *events)
{
	events->engine->close(events);
}

/* 1 with an event, 0 when nobody is left, -errno when tracing cannot go on. */
MUST_CHECK static inline int event_next(struct events *events, struct event *event)
{
	return events->engine->next(events, event);
}

/* Lets the thread go on. A thread that died meanwhile is no error. */
static inline void event_resume(struct events *events, const struct event *event)
{
	events->engine->resume(events, event);
}

/*
 * At EVENT_CALL, before event_resume(): asks for the EVENT_RETURN of this call. Returns of which
 * nobody asked may come, too. False if this engine has none: then what became of the call shows
 * at the thread's next event.
 */
static inline bool event_want_return(struct events *events, const struct event *event)
{
	return events->engine->want_return && events->engine->want_return(events, event);
}

/* At EVENT_CALL: the call is not made, and answers value (-errno or a result). 0 or -errno. */
MUST_CHECK static inline int event_answer(struct events *events, const struct event *event,
					  int value)
{
	return events->engine->answer(events, event, value);
}

/*
 * At EVENT_CALL, before event_resume(): the call is made with another first argument, which the
 * thread then finds in its register. 0 or -errno.
 */
MUST_CHECK static inline int event_set_first(struct events *events, const struct event *event,
					     uint64_t value)
{
	if (!events->engine->set_first)
		return -ENOSYS;
	return events->engine->set_first(events, event, value);
}

/*
 * At an EVENT_CALL: the process tgid is known from now on, and EVENT_GONE shall tell its end.
 * -errno: nobody will; the number may be another process's one day.
 */
MUST_CHECK static inline int event_watch(struct events *events, pid_t tgid)
{
	return events->engine->watch ? events->engine->watch(events, tgid) : 0;
}

/* At the last call of a process: true if its end will not be told, which then costs nothing. */
MUST_CHECK static inline bool event_forget(struct events *events, pid_t tgid)
{
	return events->engine->forget && events->engine->forget(events, tgid);
}

/*
 * At an EVENT_CALL: the thread still stands there, so what was read of it by its number since
 * the event came is its own. Where it may be killed any time; elsewhere true.
 */
static inline bool event_valid(struct events *events)
{
	return !events->engine->valid || events->engine->valid(events);
}

/*
 * One word of memory of a thread stopped by ptrace(2); -errno, -ESRCH where another engine is
 * at work.
 */
int event_peek(pid_t pid, uint64_t addr, long *word) MUST_CHECK;
