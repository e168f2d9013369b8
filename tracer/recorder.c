// SPDX-License-Identifier: Apache-2.0
/*
 * recorder.c - what each event means for the log
 *
 * In: events, one at a time. Out: records, each in the kernel before the thread that caused it
 * runs on. A call is decoded at its entry, when directories and memory are what it sees, and if a
 * look can tell that it will succeed, it is recorded there; else at its return. Never decides what
 * a path is good for.
 */
#include "recorder.h"
#include "callset.h"
#include "decode.h"
#include "outcome.h"
#include "program.h"
#include "rights.h"
#include "sight.h"
#include "spare.h"
#include "status.h"

#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>

struct recorder {
	struct events *events;
	struct journal *journal;
	struct tracees tracees;
	struct call_index calls;
	pid_t main_pid, keeper;
	bool exit_told;
	int exit_asked; /* by the main process's last call, as of wait; or unknown */
	bool allow_io_uring;
	bool syscalls;
	struct callset made;
	struct outcome outcome;
	struct program_memory programs;
	struct decode_room room;
};

/*
 * The thread. Nobody waits to be announced: which of a maker's report and a new thread's first call
 * comes first is not sure.
 */
static struct tracee *known(struct recorder *r, pid_t pid)
{
	struct tracee *t = tracee_find(&r->tracees, pid);

	return t ? t : tracee_meet(&r->tracees, pid, NULL);
}

struct recorder *recorder_new(struct events *events, struct journal *journal, pid_t main_pid,
			      const struct recorder_wants *wants)
{
	struct recorder *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->events = events;
	r->journal = journal;
	r->main_pid = main_pid;
	r->keeper = wants->keeper;
	r->tracees.moves = 1;
	r->allow_io_uring = wants->allow_io_uring;
	r->syscalls = wants->syscalls;
	r->tracees.set_no_new_privs = wants->no_new_privs;
	r->outcome.misses = wants->misses;
	r->outcome.journal = journal;
	r->outcome.tracees = &r->tracees;
	r->tracees.rights = rights_of(getpid());
	r->tracees.root = geteuid() == 0;
	r->tracees.reads_all =
		rights_capable(CAP_DAC_OVERRIDE) || rights_capable(CAP_DAC_READ_SEARCH);
	r->outcome.want_dirs = r->tracees.root && !rights_capable(CAP_SYS_PTRACE);
	r->exit_asked = EVENT_STATUS_UNKNOWN;
	r->tracees.entries_only = events->engine->entries_only;
	calls_index(&r->calls);
	if (r->tracees.entries_only)
		sight_first(&r->tracees, events, main_pid);
	else
		known(r, main_pid);
	return r;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	tracee_fini(&r->tracees);
	free(r);
}

/* ---- programs -------------------------------------------------------------------------- */

/* Who executed it is asked if that is to be recorded. */
static void record_program(struct recorder *r, struct tracee *t, const struct request *q)
{
	uint32_t id = program_known(&r->programs, r->journal, &r->tracees, t, q);

	if (!id) {
		sight_relate(&r->tracees, t);
		id = program_record(&r->programs, r->journal, &r->tracees, t, q,
				    t->space->program);
	}
	t->space->program = id;
}

/* A new program is in place: pid is its process, former was the thread that asked for it. */
static void executed(struct recorder *r, pid_t pid, pid_t former)
{
	struct request q = { 0 };
	struct tracee *t = tracee_find(&r->tracees, former);
	bool seen = t && t->in_call && t->row && t->row->kind == CALL_EXEC && t->n_requests;

	if (seen) {
		q = t->requests[0];
		t->n_requests = 0;
	}
	t = tracee_exec(&r->tracees, pid, former);
	if (t) {
		tracee_end_call(&r->tracees, t);
		if (q.unreadable)
			journal_note(r->journal, TLOG_NOTE_UNREADABLE, "execve");
		record_program(r, t, seen ? &q : NULL);
	}
	free(q.abs);
	free(q.raw);
}

static void take_exec(struct recorder *r, const struct event *ev)
{
	executed(r, ev->pid, ev->former);
}

/* Who makes a call, with all that happened to it unseen. */
static struct tracee *caller(struct recorder *r, const struct event *ev)
{
	const struct call_row *row;
	enum sight what;
	struct tracee *t;
	pid_t pid = ev->pid;

	if (!r->tracees.entries_only)
		return known(r, pid);
	row = calls_find(&r->calls, ev->call.abi, ev->call.nr);
	t = sight_of(&r->tracees, r->events, pid, row && row->kind == CALL_EXEC, &what);
	if (t && what == SIGHT_EXECUTED) {
		executed(r, t->tgid, t->space->exec_by);
		return tracee_find(&r->tracees, pid);
	}
	if (t && what == SIGHT_NEW && r->tracees.namespaces)
		outcome_note_namespace(&r->outcome, t);
	return t;
}

/* ---- calls ----------------------------------------------------------------------------- */

/* Sets out t's call and what it asks for; false if it is of no interest. */
static bool begin_call(struct recorder *r, struct tracee *t, const struct event_call *call)
{
	tracee_end_call(&r->tracees, t);
	t->row = calls_find(&r->calls, call->abi, call->nr);
	r->tracees.strayed |= !t->row;
	if (!t->row && !calls_unknown(call->abi, call->nr))
		return false;
	if (calls_refused(call->abi, call->nr))
		return false;
	t->in_call = true;
	t->abi = call->abi;
	t->nr = call->nr;
	memcpy(t->args, call->args, sizeof(t->args));
	t->ip = call->ip;
	if (t->row)
		decode_call(&r->tracees, t, &r->room);
	return true;
}

/* What became of a call whose return nobody tells, at the thread's next event. */
static void settle(struct recorder *r, struct tracee *t)
{
	bool waits = t->in_call && t->kept && !t->awaited;

	if (waits && !(t->row && t->row->kind == CALL_EXEC))
		outcome_guess(&r->outcome, t);
	tracee_end_call(&r->tracees, t);
}

/* ---- ends ------------------------------------------------------------------------------ */

static void tell_exit(struct recorder *r, int status)
{
	char text[32];

	if (r->exit_told)
		return;
	r->exit_told = true;
	if (status == EVENT_STATUS_UNKNOWN)
		snprintf(text, sizeof(text), "killed");
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "killed %d", WTERMSIG(status));
	else
		snprintf(text, sizeof(text), "exited %d", WEXITSTATUS(status));
	journal_note(r->journal, TLOG_NOTE_EXIT, text);
}

static void settle_one(void *r, struct tracee *t)
{
	settle(r, t);
}

/* The end of PID 1 takes the tracer with it, so this is the last moment. */
static void end_with_pid1(struct recorder *r, int status)
{
	tracee_each(&r->tracees, settle_one, r);
	tell_exit(r, status);
	journal_end(r->journal);
}

static bool ends_thread(const struct call_row *row)
{
	return row->kind == CALL_EXIT || row->kind == CALL_EXIT_GROUP;
}

/* Where nobody tells of ends: t asks for its own, or that of its process. */
static void take_last_call(struct recorder *r, struct tracee *t)
{
	bool whole = t->row->kind == CALL_EXIT_GROUP || status_number(t->pid, "Threads", 1) < 2;
	int status = (int)(t->args[0] & 0xff) << 8;

	tracee_end_call(&r->tracees, t);
	if (whole && t->tgid == r->main_pid)
		r->exit_asked = status;
	if (whole && t->tgid == 1 && r->main_pid == 1)
		end_with_pid1(r, status);
	/* The number of a process stays taken until its last thread has ended. */
	if (!whole && t->pid != t->tgid) {
		tracee_gone(&r->tracees, t);
	} else if (whole && t->pid == t->tgid && t->space->refs == 1 &&
		   event_forget(r->events, t->pid)) {
		tracee_gone(&r->tracees, t);
	}
}

/* ---- events ---------------------------------------------------------------------------- */

static void take_kill(struct recorder *r, const struct event *ev, const struct tracee *t)
{
	int answer;

	/* If it cannot be answered it is made, too: nobody gets a signal that was not sent. */
	if (spare_kill(t->pid, r->keeper, (pid_t)t->args[0], (int)t->args[1], &answer) &&
	    event_answer(r->events, ev, answer) < 0)
		return;
}

/*
 * The kernel would let the child go untraced, and with a filter each of its calls fail: it is made
 * as any other. (clone3(2) has its flags in memory, where no filter sees them; with this one no
 * library calls it.)
 */
static void keep_traced(struct recorder *r, const struct event *ev, struct tracee *t)
{
	uint64_t flags = t->args[0] & ~(uint64_t)CLONE_UNTRACED;

	if (event_set_first(r->events, ev, flags) == 0)
		t->clone_flags = flags;
}

static bool is_unreadable(const struct tracee *t)
{
	bool unreadable = false;

	for (size_t i = 0; i < t->n_requests; i++)
		unreadable |= t->requests[i].unreadable;
	return unreadable;
}

/* As begin_call(). What cannot be read of t may be known of who made it. */
static bool read_call(struct recorder *r, struct tracee *t, const struct event_call *call)
{
	bool begun = begin_call(r, t, call);

	if (!begun || !t->space->unrelated || !is_unreadable(t))
		return begun;
	sight_relate(&r->tracees, t);
	return begin_call(r, t, call);
}

static void take_call(struct recorder *r, const struct event *ev)
{
	struct tracee *t = caller(r, ev);
	enum outcome_next next;

	if (r->syscalls)
		callset_note(&r->made, r->journal, &r->calls, &ev->call);
	if (!t)
		return;
	settle(r, t);
	if (!read_call(r, t, &ev->call))
		return;
	/* What could not be read of a thread that was killed meanwhile is no loss. */
	if (is_unreadable(t) && !event_valid(r->events)) {
		tracee_end_call(&r->tracees, t);
		return;
	}
	if (r->tracees.entries_only && t->row && ends_thread(t->row)) {
		take_last_call(r, t);
		return;
	}
	if (t->row && t->row->kind == CALL_DENY && r->allow_io_uring)
		journal_note(r->outcome.journal, TLOG_NOTE_IO_URING, TLOG_IO_URING_ALLOWED);
	else if (t->row && t->row->kind == CALL_DENY &&
		 event_answer(r->events, ev, -ENOSYS) == 0)
		outcome_note(&r->outcome, t, TLOG_NOTE_IO_URING);
	if (t->row && t->row->kind == CALL_KILL)
		take_kill(r, ev, t);
	if (t->row && t->row->kind == CALL_CLONE && t->clone_flags & CLONE_UNTRACED)
		keep_traced(r, ev, t);
	next = outcome_enter(&r->outcome, t);
	if (next == OUTCOME_DONE) {
		tracee_end_call(&r->tracees, t);
		return;
	}
	tracee_keep_call(t);
	if (next == OUTCOME_RETURN)
		t->awaited = event_want_return(r->events, ev);
	else
		t->space->exec_by = t->pid;
}

static void take_return(struct recorder *r, const struct event *ev)
{
	struct tracee *t = tracee_find(&r->tracees, ev->pid);

	if (!t || !t->in_call)
		return;
	if (t->awaited)
		outcome_take(&r->outcome, t, ev->result);
	tracee_end_call(&r->tracees, t);
}

static void take_child(struct recorder *r, const struct event *ev)
{
	struct tracee *parent = known(r, ev->pid), *t;
	uint64_t flags;

	if (!parent || !ev->child)
		return;
	flags = begin_call(r, parent, &ev->call) ? parent->clone_flags : 0;
	r->tracees.strayed |= (flags & (CLONE_NEWNS | CLONE_NEWUSER)) != 0;
	t = tracee_born(&r->tracees, ev->child, parent, flags);
	if (t && flags & CLONE_NEWNS)
		outcome_note_namespace(&r->outcome, t);
	tracee_end_call(&r->tracees, parent);
}

/* An exit(2) of one thread is no end of its process while others live. */
static bool ends_process(struct recorder *r, const struct tracee *t,
			 const struct event_call *call)
{
	const struct call_row *row = calls_find(&r->calls, call->abi, call->nr);
	bool alone = row && row->kind == CALL_EXIT;

	return !alone || tracee_n_living(&r->tracees, t->tgid) == 0;
}

static void take_exiting(struct recorder *r, const struct event *ev)
{
	struct tracee *t = tracee_find(&r->tracees, ev->pid);

	if (!t)
		return;
	t->exiting = true;
	if (t->tgid != 1 || r->main_pid != 1 || r->exit_told || !ends_process(r, t, &ev->call))
		return;
	end_with_pid1(r, ev->status);
}

struct ended {
	struct recorder *recorder;
	pid_t tgid, exec_by;
};

static void settle_thread(void *arg, struct tracee *t)
{
	struct ended *ended = arg;

	if (t->tgid != ended->tgid)
		return;
	if (t->space->exec_by == t->pid)
		ended->exec_by = t->pid;
	else
		settle(ended->recorder, t);
}

/* A program that never made a call of interest has most likely run all the same. */
static void process_gone(struct recorder *r, pid_t tgid)
{
	struct ended ended = { r, tgid, 0 };

	tracee_each(&r->tracees, settle_thread, &ended);
	if (ended.exec_by)
		executed(r, tgid, ended.exec_by);
	tracee_all_gone(&r->tracees, tgid);
}

static void take_gone(struct recorder *r, const struct event *ev)
{
	int status = ev->status == EVENT_STATUS_UNKNOWN ? r->exit_asked : ev->status;
	struct tracee *t = tracee_find(&r->tracees, ev->pid);

	if (ev->pid == r->main_pid && status != EVENT_STATUS_UNKNOWN)
		tell_exit(r, status);
	if (!t)
		return;
	if (r->tracees.entries_only) {
		process_gone(r, ev->pid);
	} else {
		settle(r, t);
		tracee_gone(&r->tracees, t);
	}
}

static void take_nothing(struct recorder *r UNUSED, const struct event *ev UNUSED)
{
}

static void (*const takers[])(struct recorder *, const struct event *) = {
	[EVENT_CALL] = take_call,	[EVENT_RETURN] = take_return,
	[EVENT_NEW] = take_nothing,	[EVENT_CHILD] = take_child,
	[EVENT_EXEC] = take_exec,	[EVENT_EXITING] = take_exiting,
	[EVENT_GONE] = take_gone,	[EVENT_SIGNAL] = take_nothing,
	[EVENT_STOPPED] = take_nothing, [EVENT_CONTINUED] = take_nothing,
};

void recorder_take(struct recorder *r, const struct event *event)
{
	takers[event->kind](r, event);
	event_resume(r->events, event);
}

void recorder_end(struct recorder *r)
{
	if (r->tracees.entries_only)
		tell_exit(r, r->exit_asked);
	journal_end(r->journal);
}
