// SPDX-License-Identifier: Apache-2.0
/*
 * sight.c - threads made known by /proc, new programs by what became of the old one's memory
 *
 * In: the number of a thread that stands at a call. Out: the thread. Reads no paths.
 *
 * Whether an execve(2) has succeeded shows at the next call. Mostly there is nothing any more where it
 * was made: no program takes away its own code and goes on. Else the kernel's mark of who has executed
 * nothing yet tells; or, of a process that has, the memory that was open before, which is gone then
 * and reads as ended.
 *
 * A file of /proc/PID costs more than all else that is done for a process which executes a program at
 * once, makes a few calls and ends: so who made it is asked when that is needed, mostly never.
 */
#include "sight.h"
#include "peek.h"
#include "status.h"

#include <signal.h>

/* What its process is, and by that who has made it, if that is not known yet. */
static int ask(struct tracees *tracees, struct tracee *t, struct status_task *task)
{
	int r = status_task(t->tgid, task);

	if (r < 0)
		return r;
	t->space->began = task->began;
	if (t->space->unrelated)
		tracee_relate(tracees, t, task->parent);
	return 0;
}

void sight_relate(struct tracees *tracees, struct tracee *t)
{
	struct status_task task;

	if (t->space->unrelated && ask(tracees, t, &task) < 0)
		t->space->unrelated = false; /* it has ended */
}

static bool has_executed(struct tracees *tracees, struct tracee *by, const struct tracee *t)
{
	struct status_task task;

	if ((by->ip && peek_unmapped(t, by->ip)) || peek_gone(by))
		return true;
	if (!by->space->executed)
		return ask(tracees, by, &task) == 0 && !task.forked;
	/* Where memory cannot be kept: what was looked up before tells that it should have. */
	return by->space->mem < 0 && by == t;
}

static enum sight after_exec(struct tracees *tracees, struct tracee *t)
{
	struct tracee *by = tracee_find(tracees, t->space->exec_by);

	if (by && by->space == t->space && has_executed(tracees, by, t))
		return SIGHT_EXECUTED;
	/* It goes on, or others do while it is still at it. */
	if (!by || by == t)
		t->space->exec_by = 0;
	return SIGHT_KNOWN;
}

/* False if the number is another process's by now. */
static bool is_same(struct tracees *tracees, const struct events *events, struct tracee *t)
{
	struct status_task task;

	if (!events->blind)
		return true;
	if (!t->space->began)
		return ask(tracees, t, &task) == 0;
	return status_task(t->tgid, &task) == 0 && task.began == t->space->began;
}

/* A process, not one of its other threads: the signal is none. */
static bool is_process(pid_t pid)
{
	return tgkill(pid, pid, 0) == 0 || errno != ESRCH;
}

static struct tracee *meet_process(struct tracees *tracees, struct events *events, pid_t pid)
{
	const struct status_kin nobody = { .tgid = pid };
	struct tracee *t = tracee_meet(tracees, pid, &nobody);

	if (!t)
		return NULL;
	t->space->unrelated = true;
	events->blind |= event_watch(events, pid) < 0;
	return t;
}

static struct tracee *meet(struct tracees *tracees, struct events *events, pid_t pid)
{
	struct status_kin kin;

	if (is_process(pid))
		return meet_process(tracees, events, pid);
	status_kin(pid, &kin);
	if (!tracee_find(tracees, kin.tgid) && !meet_process(tracees, events, kin.tgid))
		return NULL;
	return kin.tgid == pid ? tracee_find(tracees, pid) : tracee_meet(tracees, pid, &kin);
}

struct tracee *sight_of(struct tracees *tracees, struct events *events, pid_t pid,
			bool executes, enum sight *what)
{
	struct tracee *t = tracee_find(tracees, pid);
	struct status_task task;

	*what = t ? SIGHT_KNOWN : SIGHT_NEW;
	if (t && !is_same(tracees, events, t)) {
		tracee_all_gone(tracees, t->tgid);
		t = NULL;
	}
	if (t && t->space->exec_by)
		*what = after_exec(tracees, t);
	if (!t)
		t = meet(tracees, events, pid);
	if (!t || !t->space->unrelated || t->space->executed || *what == SIGHT_EXECUTED ||
	    (executes && !tracees->loose))
		return t;
	if (ask(tracees, t, &task) == 0 && event_valid(events))
		return t;
	/* It is dead: what was read by its number may be another's. */
	tracee_all_gone(tracees, t->tgid);
	return NULL;
}

struct tracee *sight_first(struct tracees *tracees, struct events *events, pid_t pid)
{
	struct tracee *t = meet_process(tracees, events, pid);

	if (t) {
		t->executed = t->space->executed = true;
		t->space->unrelated = false;
		peek_open(t);
	}
	return t;
}
