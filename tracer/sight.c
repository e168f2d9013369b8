// SPDX-License-Identifier: Apache-2.0
/*
 * sight.c - threads made known by /proc, new programs by what became of the old one's memory
 *
 * In: the number of a thread that stands at a call. Out: the thread. Reads no paths.
 *
 * Whether an execve(2) has succeeded shows at the next call: then the memory that was open before
 * is gone, and reads as ended. Only a child of vfork(2) shares its maker's, which lives on; but
 * the kernel marks who has executed nothing yet.
 */
#include "sight.h"
#include "peek.h"
#include "status.h"

static bool has_executed(const struct tracee *by, pid_t pid)
{
	struct status_task task;

	if (peek_gone(by))
		return true;
	if (by->pid == pid && !by->executed)
		return status_task(pid, &task) == 0 && !task.forked;
	/* Where memory cannot be kept: what was looked up before tells that it should have. */
	return by->space->mem < 0 && by->pid == pid;
}

static enum sight after_exec(const struct tracees *tracees, struct tracee *t)
{
	const struct tracee *by = tracee_find(tracees, t->space->exec_by);

	if (by && by->space == t->space && has_executed(by, t->pid))
		return SIGHT_EXECUTED;
	/* It goes on, or others do while it is still at it. */
	if (!by || by == t)
		t->space->exec_by = 0;
	return SIGHT_KNOWN;
}

/* False if the number is another process's by now. */
static bool is_same(const struct tracee *t)
{
	struct status_task task;

	return !t->space->unwatched ||
	       (status_task(t->tgid, &task) == 0 && task.began == t->space->unwatched);
}

static void watch(struct events *events, struct tracee *t)
{
	struct status_task task = { .began = 1 };

	if (event_watch(events, t->tgid) == 0)
		return;
	t->space->unwatched = status_task(t->tgid, &task) == 0 ? task.began : 1;
}

static struct tracee *meet(struct tracees *tracees, struct events *events, pid_t pid)
{
	size_t before = tracees->n_tracees;
	struct tracee *t = tracee_meet(tracees, pid);
	bool thread = t && t->tgid != pid && tracees->n_tracees == before + 1;

	if (!t)
		return NULL;
	if (!thread)
		watch(events, t);
	peek_open(t);
	return t;
}

struct tracee *sight_of(struct tracees *tracees, struct events *events, pid_t pid,
			enum sight *what)
{
	struct tracee *t = tracee_find(tracees, pid);

	*what = SIGHT_KNOWN;
	if (t && !is_same(t)) {
		tracee_all_gone(tracees, t->tgid);
		t = NULL;
	}
	if (t && t->space->exec_by)
		*what = after_exec(tracees, t);
	if (t)
		return t;
	*what = SIGHT_NEW;
	t = meet(tracees, events, pid);
	if (!t || event_valid(events))
		return t;
	/* What was opened by its number may be another's. */
	tracee_all_gone(tracees, t->tgid);
	return NULL;
}

struct tracee *sight_first(struct tracees *tracees, struct events *events, pid_t pid)
{
	struct tracee *t = meet(tracees, events, pid);

	if (t)
		t->executed = true;
	return t;
}
