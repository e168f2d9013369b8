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
#include "locate.h"
#include "peek.h"
#include "program.h"
#include "rights.h"

#include <fcntl.h>
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
	struct event *held;
	size_t n_held, held_cap;
	char object[LOCATE_MAX];
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
	calls_index(&r->calls);
	t = tracee_add(&r->tracees, main_pid, NULL, 0);
	if (t) {
		t->started = true;
		peek_open(t);
	}
	return r;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	tracee_fini(&r->tracees);
	free(r->held);
	free(r);
}

/* ---- requests to records --------------------------------------------------------------- */

static void note_call(struct recorder *r, const struct tracee *t, enum tlog_note code)
{
	char text[64];

	if (t->row)
		snprintf(text, sizeof(text), "%s", t->row->name);
	else
		snprintf(text, sizeof(text), "%llu%s", (unsigned long long)t->nr,
			 t->abi == CALL_I386 ? " (i386)" : "");
	journal_note(r->journal, code, text);
}

/* What q led to, in r->object: by the descriptor that came out of it, or by a look. */
static int find_object(struct recorder *r, struct tracee *t, const struct request *q, int fd)
{
	bool unnamed;
	int n;

	if (fd < 0)
		return locate_object(&r->tracees, t, q, r->object, sizeof(r->object));
	n = locate_descriptor(&r->tracees, t, fd, r->object, sizeof(r->object), &unnamed);
	return n >= 0 && unnamed ? -ENOENT : n;
}

/* Opened for reading: a directory is listed, a file is read. */
static bool is_directory(struct recorder *r, struct tracee *t, const struct request *q, int fd)
{
	cleanup_fd int dir = -1;
	char name[32];

	snprintf(name, sizeof(name), "fd/%d", fd);
	dir = rights_open(t->pid, name, O_PATH | O_DIRECTORY);
	if (dir == -EACCES || dir == -EPERM)
		dir = locate_open(&r->tracees, t, q, O_PATH | O_DIRECTORY);
	return dir >= 0;
}

/* Names that are not of the image may lead to things that are: /proc/self/exe. */
static void record_hidden(struct recorder *r, struct tracee *t, const struct request *q, int fd)
{
	int n;

	if (fd < 0 && !q->unnamed && !path_below(q->abs, "/proc") &&
	    !path_below(q->abs, "/dev"))
		return;
	n = find_object(r, t, q, fd);
	if (n > 0 && !locate_hidden(r->object))
		journal_put(r->journal, r->object, (size_t)n, q->ops | TLOG_RESOLVED,
			    t->space->program, 0);
}

/* fd: the descriptor that an open made, else -1. */
static void record(struct recorder *r, struct tracee *t, const struct request *q, int fd)
{
	uint32_t ops = q->ops, id;
	size_t len;
	int n;

	if (q->unreadable) {
		note_call(r, t, TLOG_NOTE_UNREADABLE);
		return;
	}
	if (q->unnamed || locate_hidden(q->abs)) {
		record_hidden(r, t, q, fd);
		return;
	}
	len = strlen(q->abs);
	if (journal_has(r->journal, q->abs, len, ops))
		return;
	if (fd >= 0 && ops == TLOG_READ && is_directory(r, t, q, fd))
		ops = TLOG_LIST;
	id = journal_put(r->journal, q->abs, len, ops, t->space->program, 0);
	journal_mark(r->journal, q->abs, len, q->ops);
	if (ops & TLOG_REMOVE || (fd < 0 && !q->raw))
		return;
	n = find_object(r, t, q, fd);
	if (n > 0 && !locate_hidden(r->object) && strcmp(r->object, q->abs) != 0)
		journal_put(r->journal, r->object, (size_t)n, ops | TLOG_RESOLVED,
			    t->space->program, id);
}

static void record_all(struct recorder *r, struct tracee *t, int fd)
{
	for (size_t i = 0; i < t->n_requests; i++)
		record(r, t, &t->requests[i], fd);
}

/* ---- calls ----------------------------------------------------------------------------- */

static void return_paths(struct recorder *r, struct tracee *t, int64_t result UNUSED)
{
	record_all(r, t, -1);
}

static void return_open(struct recorder *r, struct tracee *t, int64_t result)
{
	bool dir = t->open_flags & (O_DIRECTORY | O_PATH) && t->n_requests;

	record_all(r, t, (int)result);
	tracee_set_dir(t, (int)result, dir ? t->requests[0].abs : NULL);
}

/* open_by_handle_at: only the result has a name. */
static void return_result(struct recorder *r, struct tracee *t, int64_t result)
{
	struct request q = { .ops = t->row->paths[0].ops, .dir = (int)result };

	record_hidden(r, t, &q, (int)result);
}

static void return_chdir(struct recorder *r, struct tracee *t, int64_t result UNUSED)
{
	record_all(r, t, -1);
	locate_set_cwd(&r->tracees, t, t->n_requests ? t->requests[0].abs : NULL);
}

static void return_places(struct recorder *r, struct tracee *t, int64_t result UNUSED)
{
	locate_moved(&r->tracees);
	record_all(r, t, -1);
}

static void return_chroot(struct recorder *r, struct tracee *t, int64_t result UNUSED)
{
	const char *root;

	record_all(r, t, -1);
	locate_moved(&r->tracees);
	root = locate_root(&r->tracees, t);
	if (root[1])
		journal_note(r->journal, TLOG_NOTE_NAMESPACE, root);
}

static void note_namespace(struct recorder *r, struct tracee *t)
{
	locate_root(&r->tracees, t);
	if (t->places->foreign)
		journal_note(r->journal, TLOG_NOTE_NAMESPACE, "another mount namespace");
}

static void return_share(struct recorder *r, struct tracee *t, int64_t result UNUSED)
{
	if (strcmp(t->row->name, "setns") == 0) {
		t->places->fresh_ns = true;
		locate_moved(&r->tracees);
	} else {
		tracee_unshare(t, t->args[0]);
	}
	note_namespace(r, t);
}

static void return_nothing(struct recorder *r UNUSED, struct tracee *t UNUSED,
			   int64_t result UNUSED)
{
}

static void (*const returns[])(struct recorder *, struct tracee *, int64_t) = {
	[CALL_PATHS] = return_paths,	 [CALL_OPEN] = return_open,
	[CALL_CREAT] = return_open,	 [CALL_OPENAT2] = return_open,
	[CALL_RESULT] = return_result,	 [CALL_EXEC] = return_nothing,
	[CALL_CHDIR] = return_chdir,	 [CALL_CHROOT] = return_chroot,
	[CALL_PLACES] = return_places,	 [CALL_ADDRESS] = return_paths,
	[CALL_MESSAGE] = return_paths,	 [CALL_SOCKETCALL] = return_paths,
	[CALL_FSCONFIG] = return_paths,	 [CALL_FORK] = return_nothing,
	[CALL_VFORK] = return_nothing,	 [CALL_CLONE] = return_nothing,
	[CALL_CLONE3] = return_nothing,	 [CALL_SHARE] = return_share,
	[CALL_EXIT] = return_nothing,	 [CALL_DENY] = return_nothing,
};

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
	if (t->row->kind == CALL_DENY) {
		if (event_deny(r->events, ev) == 0)
			note_call(r, t, TLOG_NOTE_IO_URING);
	}
}

static void take_return(struct recorder *r, const struct event *ev)
{
	struct tracee *t = tracee_find(&r->tracees, ev->pid);

	if (!t || !t->in_call)
		return;
	if (!failed(ev->result)) {
		if (t->row)
			returns[t->row->kind](r, t, ev->result);
		else
			note_call(r, t, TLOG_NOTE_UNKNOWN_CALL);
	}
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
			note_namespace(r, t);
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
		t->space->program = program_record(r->journal, &r->tracees, t,
						   seen ? &q : NULL, t->space->program);
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

/*
 * The end of PID 1 takes the tracer with it, so this is the last moment. An exit(2) of the
 * first thread alone is no end of the process.
 */
static void take_exiting(struct recorder *r, const struct event *ev)
{
	const struct tracee *t = tracee_find(&r->tracees, ev->pid);

	if (ev->pid != r->main_pid || ev->pid != 1)
		return;
	if (t && t->in_call && t->row && t->row->kind == CALL_EXIT &&
	    tracee_n_threads(&r->tracees, t->tgid) > 1)
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
