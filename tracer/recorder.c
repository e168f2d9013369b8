// SPDX-License-Identifier: Apache-2.0
/*
 * recorder.c - what each event means for the log
 *
 * In: events, one at a time. Out: records, each in the kernel before the thread that caused it
 * runs on. A call is decoded at its entry, when directories and memory are what it sees, and
 * recorded at its return, if it succeeded. Never decides what a path is good for.
 */
#include "recorder.h"
#include "decode.h"
#include "outcome.h"
#include "peek.h"
#include "program.h"

#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>

/* A new thread may report before its maker does: it waits here. */
#define HELD_MAX 4096

struct recorder {
	struct events *events;
	struct journal *journal;
	struct tracees tracees;
	struct call_index calls;
	pid_t main_pid;
	bool exit_told;
	bool misses;
	struct event *held;
	size_t n_held, held_cap;
	struct outcome outcome;
};

struct recorder *recorder_new(struct events *events, struct journal *journal, pid_t main_pid)
{
	struct recorder *r = calloc(1, sizeof(*r));
	struct tracee *t;

	if (!r)
		return NULL;
	r->events = events;
	r->journal = journal;
	r->main_pid = main_pid;
	r->tracees.moves = 1;
	r->outcome.journal = journal;
	r->outcome.tracees = &r->tracees;
	calls_index(&r->calls);
	t = tracee_add(&r->tracees, main_pid, NULL, 0);
	if (t) {
		t->started = true;
		peek_open(t);
	}
	return r;
}

void recorder_want_misses(struct recorder *r)
{
	r->misses = true;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	tracee_fini(&r->tracees);
	free(r->held);
	free(r);
}

/* ---- calls ----------------------------------------------------------------------------- */

static bool failed(int64_t result)
{
	return result < 0 && result >= -4095;
}

static struct tracee *known(struct recorder *r, pid_t pid)
{
	struct tracee *t = tracee_find(&r->tracees, pid);

	if (t)
		return t;
	t = tracee_add(&r->tracees, pid, NULL, 0);
	if (t) {
		t->started = true;
		peek_open(t);
	}
	return t;
}

static void take_call(struct recorder *r, const struct event *ev)
{
	struct tracee *t = known(r, ev->pid);

	if (!t)
		return;
	tracee_end_call(t);
	t->row = calls_find(&r->calls, ev->call.abi, ev->call.nr);
	if (!t->row && !calls_unknown(ev->call.abi, ev->call.nr))
		return;
	t->in_call = true;
	t->abi = ev->call.abi;
	t->nr = ev->call.nr;
	memcpy(t->args, ev->call.args, sizeof(t->args));
	if (!t->row)
		return;
	decode_call(&r->tracees, t);
	if (t->row->kind == CALL_DENY && event_deny(r->events, ev) == 0)
		outcome_note(&r->outcome, t, TLOG_NOTE_IO_URING);
}

static void take_return(struct recorder *r, const struct event *ev)
{
	struct tracee *t = tracee_find(&r->tracees, ev->pid);

	if (!t || !t->in_call)
		return;
	if (!failed(ev->result))
		outcome_take(&r->outcome, t, ev->result);
	else if (ev->result == -ENOENT && r->misses)
		outcome_miss(&r->outcome, t);
	tracee_end_call(t);
}

/* ---- processes ------------------------------------------------------------------------- */

static void start(struct recorder *r, struct tracee *t, const struct event *ev)
{
	t->started = true;
	peek_open(t);
	event_resume(r->events, ev);
}

static void hold(struct recorder *r, const struct event *ev)
{
	struct event *held;

	if (r->n_held == r->held_cap) {
		size_t cap = r->held_cap ? r->held_cap * 2 : 16;

		held = cap > HELD_MAX ? NULL : realloc(r->held, cap * sizeof(*held));
		if (!held) {
			event_resume(r->events, ev);
			return;
		}
		r->held = held;
		r->held_cap = cap;
	}
	r->held[r->n_held++] = *ev;
}

/* Removes the held first stop of pid; false if there is none. */
static bool unhold(struct recorder *r, pid_t pid, struct event *ev)
{
	for (size_t i = 0; i < r->n_held; i++) {
		if (r->held[i].pid != pid)
			continue;
		*ev = r->held[i];
		r->held[i] = r->held[--r->n_held];
		return true;
	}
	return false;
}

/* Their maker died before it could report them: they must not wait for ever. */
static void adopt_held(struct recorder *r)
{
	while (r->n_held) {
		struct event ev = r->held[--r->n_held];

		if (known(r, ev.pid))
			event_resume(r->events, &ev);
	}
}

static void take_child(struct recorder *r, const struct event *ev)
{
	struct tracee *parent = known(r, ev->pid), *t;
	struct event first;

	if (parent && ev->child && !tracee_find(&r->tracees, ev->child)) {
		t = tracee_add(&r->tracees, ev->child, parent, parent->clone_flags);
		if (t && unhold(r, ev->child, &first))
			start(r, t, &first);
		if (t && parent->clone_flags & CLONE_NEWNS)
			outcome_note_namespace(&r->outcome, t);
	}
	event_resume(r->events, ev);
}

static void take_new(struct recorder *r, const struct event *ev)
{
	struct tracee *t = tracee_find(&r->tracees, ev->pid);

	if (!t)
		hold(r, ev);
	else if (!t->started)
		start(r, t, ev);
	else
		event_resume(r->events, ev);
}

static void take_exec(struct recorder *r, const struct event *ev)
{
	struct request q = { 0 };
	struct tracee *t = tracee_find(&r->tracees, ev->former);
	bool seen = t && t->in_call && t->row && t->row->kind == CALL_EXEC && t->n_requests;

	if (seen) {
		q = t->requests[0];
		t->n_requests = 0;
	}
	t = tracee_exec(&r->tracees, ev->pid, ev->former);
	if (t) {
		tracee_end_call(t);
		peek_open(t);
		if (q.unreadable)
			journal_note(r->journal, TLOG_NOTE_UNREADABLE, "execve");
		t->space->program = program_record(r->journal, &r->tracees, t, seen ? &q : NULL,
						   t->space->program);
	}
	free(q.abs);
	free(q.raw);
	adopt_held(r);
}

static void tell_exit(struct recorder *r, int status)
{
	char text[32];

	if (r->exit_told)
		return;
	r->exit_told = true;
	if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "killed %d", WTERMSIG(status));
	else
		snprintf(text, sizeof(text), "exited %d", WEXITSTATUS(status));
	journal_note(r->journal, TLOG_NOTE_EXIT, text);
}

/* An exit(2) of one thread is no end of its process while others live. */
static bool ends_process(struct recorder *r, const struct tracee *t)
{
	bool alone = t->in_call && t->row && t->row->kind == CALL_EXIT;

	return !alone || tracee_n_living(&r->tracees, t->tgid) == 0;
}

/* The end of PID 1 takes the tracer with it, so this is the last moment. */
static void take_exiting(struct recorder *r, const struct event *ev)
{
	struct tracee *t = tracee_find(&r->tracees, ev->pid);

	if (!t)
		return;
	t->exiting = true;
	if (t->tgid != 1 || r->main_pid != 1 || r->exit_told || !ends_process(r, t))
		return;
	tell_exit(r, ev->status);
	journal_end(r->journal);
}

static void take_gone(struct recorder *r, const struct event *ev)
{
	struct tracee *t = tracee_find(&r->tracees, ev->pid);
	struct event first;

	if (ev->pid == r->main_pid)
		tell_exit(r, ev->status);
	unhold(r, ev->pid, &first);
	if (!t)
		return;
	if (t->in_call && t->row && t->row->kind >= CALL_FORK && t->row->kind <= CALL_CLONE3)
		adopt_held(r);
	tracee_remove(&r->tracees, t);
}

static void take_nothing(struct recorder *r UNUSED, const struct event *ev UNUSED)
{
}

static const struct {
	void (*take)(struct recorder *, const struct event *);
	bool resumes; /* itself */
} takers[] = {
	[EVENT_CALL] = { take_call, false },	   [EVENT_RETURN] = { take_return, false },
	[EVENT_NEW] = { take_new, true },	   [EVENT_CHILD] = { take_child, true },
	[EVENT_EXEC] = { take_exec, false },	   [EVENT_EXITING] = { take_exiting, false },
	[EVENT_GONE] = { take_gone, true },	   [EVENT_SIGNAL] = { take_nothing, false },
	[EVENT_STOPPED] = { take_nothing, false }, [EVENT_CONTINUED] = { take_nothing, false },
};

void recorder_take(struct recorder *r, const struct event *event)
{
	takers[event->kind].take(r, event);
	if (!takers[event->kind].resumes)
		event_resume(r->events, event);
}

void recorder_end(struct recorder *r)
{
	journal_end(r->journal);
}
