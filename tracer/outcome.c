// SPDX-License-Identifier: Apache-2.0
/*
 * outcome.c - one function a kind of call, most of them only record the row's paths
 *
 * In: a stopped thread at the return of a call, with the requests made at its entry. Out:
 * records of what was asked and, where it differs, of what it led to. What the log
 * has already costs no look.
 */
#include "outcome.h"
#include "locate.h"
#include "rights.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>

void outcome_note(struct outcome *o, const struct tracee *t, enum tlog_note code)
{
	char text[64];

	if (t->row)
		snprintf(text, sizeof(text), "%s", t->row->name);
	else
		snprintf(text, sizeof(text), "%llu%s", (unsigned long long)t->nr,
			 t->abi == CALL_I386 ? " (i386)" : "");
	journal_note(o->journal, code, text);
}

/* What q led to, in o->object: by the descriptor that came out of it, or by a look. */
static int find_object(struct outcome *o, struct tracee *t, const struct request *q, int fd)
{
	bool unnamed;
	int n;

	if (fd < 0)
		return locate_object(o->tracees, t, q, o->object, sizeof(o->object));
	n = locate_descriptor(o->tracees, t, fd, o->object, sizeof(o->object), &unnamed);
	return n >= 0 && unnamed ? -ENOENT : n;
}

/* Opened for reading: a directory is listed, a file is read. */
static bool is_directory(struct outcome *o, struct tracee *t, const struct request *q, int fd)
{
	cleanup_fd int dir = -1;
	char name[32];

	snprintf(name, sizeof(name), "fd/%d", fd);
	dir = rights_open(t->pid, name, O_PATH | O_DIRECTORY);
	if (dir == -EACCES || dir == -EPERM)
		dir = locate_open(o->tracees, t, q, O_PATH | O_DIRECTORY);
	return dir >= 0;
}

/* Names that are not of the image may lead to things that are: /proc/self/exe. */
static void record_hidden(struct outcome *o, struct tracee *t, const struct request *q, int fd)
{
	int n;

	if (fd < 0 && !q->unnamed && !path_below(q->abs, "/proc") &&
	    !path_below(q->abs, "/dev"))
		return;
	n = find_object(o, t, q, fd);
	if (n > 0 && !locate_hidden(o->object))
		journal_put(o->journal, o->object, (size_t)n, q->ops | TLOG_RESOLVED,
			    t->space->program, 0);
}

/* fd: the descriptor that an open made, else -1. */
static void record(struct outcome *o, struct tracee *t, const struct request *q, int fd)
{
	uint32_t ops = q->ops, id;
	size_t len;
	int n;

	if (q->unreadable) {
		outcome_note(o, t, TLOG_NOTE_UNREADABLE);
		return;
	}
	if (q->unnamed || locate_hidden(q->abs)) {
		record_hidden(o, t, q, fd);
		return;
	}
	len = strlen(q->abs);
	if (journal_has(o->journal, q->abs, len, ops))
		return;
	if (fd >= 0 && ops == TLOG_READ && is_directory(o, t, q, fd))
		ops = TLOG_LIST;
	id = journal_put(o->journal, q->abs, len, ops, t->space->program, 0);
	journal_mark(o->journal, q->abs, len, q->ops);
	if (ops & TLOG_REMOVE || (fd < 0 && !q->raw))
		return;
	n = find_object(o, t, q, fd);
	if (n > 0 && !locate_hidden(o->object) && strcmp(o->object, q->abs) != 0)
		journal_put(o->journal, o->object, (size_t)n, ops | TLOG_RESOLVED,
			    t->space->program, id);
}

static void record_all(struct outcome *o, struct tracee *t, int fd)
{
	for (size_t i = 0; i < t->n_requests; i++)
		record(o, t, &t->requests[i], fd);
}

/* ---- calls ----------------------------------------------------------------------------- */

static void return_paths(struct outcome *o, struct tracee *t, int64_t result UNUSED)
{
	record_all(o, t, -1);
}

static void return_open(struct outcome *o, struct tracee *t, int64_t result)
{
	bool dir = t->open_flags & (O_DIRECTORY | O_PATH) && t->n_requests;

	record_all(o, t, (int)result);
	tracee_set_dir(t, (int)result, dir ? t->requests[0].abs : NULL);
}

/* open_by_handle_at: only the result has a name. */
static void return_result(struct outcome *o, struct tracee *t, int64_t result)
{
	struct request q = { .ops = t->row->paths[0].ops, .dir = (int)result };

	record_hidden(o, t, &q, (int)result);
}

static void return_chdir(struct outcome *o, struct tracee *t, int64_t result UNUSED)
{
	record_all(o, t, -1);
	locate_set_cwd(o->tracees, t, t->n_requests ? t->requests[0].abs : NULL);
}

static void return_places(struct outcome *o, struct tracee *t, int64_t result UNUSED)
{
	locate_moved(o->tracees);
	record_all(o, t, -1);
}

static void return_chroot(struct outcome *o, struct tracee *t, int64_t result UNUSED)
{
	const char *root;

	record_all(o, t, -1);
	locate_moved(o->tracees);
	root = locate_root(o->tracees, t);
	if (root[1])
		journal_note(o->journal, TLOG_NOTE_NAMESPACE, root);
}

void outcome_note_namespace(struct outcome *o, struct tracee *t)
{
	locate_root(o->tracees, t);
	if (t->places->foreign)
		journal_note(o->journal, TLOG_NOTE_NAMESPACE, "another mount namespace");
}

static void return_share(struct outcome *o, struct tracee *t, int64_t result UNUSED)
{
	if (strcmp(t->row->name, "setns") == 0) {
		t->places->fresh_ns = true;
		locate_moved(o->tracees);
	} else {
		tracee_unshare(t, t->args[0]);
	}
	outcome_note_namespace(o, t);
}

/* The kernel lets such a child go untraced. */
static void return_clone(struct outcome *o, struct tracee *t, int64_t result UNUSED)
{
	if (t->clone_flags & CLONE_UNTRACED)
		journal_note(o->journal, TLOG_NOTE_UNKNOWN_CALL, "clone with CLONE_UNTRACED");
}

static void return_nothing(struct outcome *o UNUSED, struct tracee *t UNUSED,
			   int64_t result UNUSED)
{
}

static void (*const returns[])(struct outcome *, struct tracee *, int64_t) = {
	[CALL_PATHS] = return_paths,	  [CALL_STAT] = return_paths,
	[CALL_OPEN] = return_open,	  [CALL_CREAT] = return_open,
	[CALL_OPENAT2] = return_open,	  [CALL_RESULT] = return_result,
	[CALL_EXEC] = return_nothing,	  [CALL_CHDIR] = return_chdir,
	[CALL_CHROOT] = return_chroot,	  [CALL_PLACES] = return_places,
	[CALL_ADDRESS] = return_paths,	  [CALL_MESSAGE] = return_paths,
	[CALL_SOCKETCALL] = return_paths, [CALL_FSCONFIG] = return_paths,
	[CALL_FORK] = return_nothing,	  [CALL_VFORK] = return_nothing,
	[CALL_CLONE] = return_clone,	  [CALL_CLONE3] = return_clone,
	[CALL_SHARE] = return_share,	  [CALL_EXIT] = return_nothing,
	[CALL_DENY] = return_nothing,
};

void outcome_take(struct outcome *o, struct tracee *t, int64_t result)
{
	if (t->row)
		returns[t->row->kind](o, t, result);
	else
		outcome_note(o, t, TLOG_NOTE_UNKNOWN_CALL);
}

/*
 * Of two paths nobody knows which was not there, and what should have been made was not looked
 * for.
 */
void outcome_miss(struct outcome *o, const struct tracee *t)
{
	const struct request *q = &t->requests[0];

	if (t->n_requests != 1 || !q->abs || q->unnamed || q->ops & TLOG_CREATE ||
	    locate_hidden(q->abs))
		return;
	journal_put(o->journal, q->abs, strlen(q->abs), TLOG_MISS, t->space->program, 0);
}
