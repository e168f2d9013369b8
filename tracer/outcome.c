// SPDX-License-Identifier: Apache-2.0
/*
 * outcome.c - one function a kind of call, most of them only record the row's paths
 *
 * In: a stopped thread at the entry of a call, with its requests, and if need be again at the
 * return. Out: records of what was asked and, where it differs, of what it led to. What the log
 * has already costs no look, and most of the rest no return.
 */
#include "outcome.h"
#include "peek.h"
#include "program.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>

/* Links of /proc end at PATH_MAX; a directory's own name may be longer than that asked for. */
#define DEEP 2048

static const struct outcome_source nowhere = { -1, NULL };

static void record_all(struct outcome *o, struct tracee *t, const struct outcome_source *from)
{
	for (size_t i = 0; i < t->n_requests; i++)
		outcome_record(o, t, &t->requests[i], from);
}

/* ---- at the return ----------------------------------------------------------------------------- */

static void return_paths(struct outcome *o, struct tracee *t, int64_t result UNUSED)
{
	record_all(o, t, &nowhere);
}

static void return_open(struct outcome *o, struct tracee *t, int64_t result)
{
	const struct outcome_source from = { (int)result, NULL };
	bool dir = t->open_flags & (O_DIRECTORY | O_PATH) && t->n_requests;

	record_all(o, t, &from);
	if (result >= 0)
		shares_set_dir(t->dirs, (int)result, dir ? t->requests[0].abs : NULL);
}

/* open_by_handle_at: only the result has a name. */
static void return_result(struct outcome *o, struct tracee *t, int64_t result)
{
	const struct outcome_source from = { (int)result, NULL };
	struct request q = { .ops = t->row->paths[0].ops, .dir = (int)result };

	if (result >= 0)
		outcome_record_hidden(o, t, &q, &from);
	else
		outcome_note(o, t, TLOG_NOTE_UNREADABLE);
}

static void return_chdir(struct outcome *o, struct tracee *t, int64_t result UNUSED)
{
	record_all(o, t, &nowhere);
	locate_set_cwd(o->tracees, t, t->n_requests ? t->requests[0].abs : NULL);
}

static void return_places(struct outcome *o, struct tracee *t, int64_t result UNUSED)
{
	locate_moved(o->tracees);
	for (size_t i = 0; i < t->n_requests; i++)
		o->tracees->mounted |= (t->requests[i].ops & TLOG_CHANGE) != 0;
	record_all(o, t, &nowhere);
}

static void return_chroot(struct outcome *o, struct tracee *t, int64_t result UNUSED)
{
	const char *root;

	record_all(o, t, &nowhere);
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

/* NULL: nothing to do at the return. */
static void (*const returns[CALL_N_KINDS])(struct outcome *, struct tracee *, int64_t) = {
	[CALL_PATHS] = return_paths,	  [CALL_STAT] = return_paths,
	[CALL_ACCESS] = return_paths,	  [CALL_XATTR] = return_paths,
	[CALL_MORE] = return_paths,	  [CALL_OPEN] = return_open,
	[CALL_CREAT] = return_open,	  [CALL_OPENAT2] = return_open,
	[CALL_RESULT] = return_result,	  [CALL_CHDIR] = return_chdir,
	[CALL_CHROOT] = return_chroot,	  [CALL_PLACES] = return_places,
	[CALL_ADDRESS] = return_paths,	  [CALL_MESSAGE] = return_paths,
	[CALL_SOCKETCALL] = return_paths, [CALL_FSCONFIG] = return_paths,
	[CALL_CLONE] = return_clone,	  [CALL_SHARE] = return_share,
};

static void succeed(struct outcome *o, struct tracee *t, int64_t result)
{
	if (!t->row)
		outcome_note(o, t, TLOG_NOTE_UNKNOWN_CALL);
	else if (returns[t->row->kind])
		returns[t->row->kind](o, t, result);
}

void outcome_take(struct outcome *o, struct tracee *t, int64_t result)
{
	if (result >= 0 || result < -4095)
		succeed(o, t, result);
	else if (result == -ENOENT)
		outcome_record_miss(o, t);
}

void outcome_guess(struct outcome *o, struct tracee *t)
{
	bool pivoted;

	if (t->row && !calls_exists(t->row))
		return;
	if (!t->row && t->abi != CALL_OTHER && !calls_newer_kernel())
		return;
	/* pivot_root(2): the names went with the root; at the entry both were there. */
	pivoted = t->row && t->row->kind == CALL_CHROOT && t->n_requests > 1;
	for (size_t i = 0; i < t->n_requests && !pivoted; i++)
		if (!look_back(o->tracees, t, i))
			return;
	succeed(o, t, -1);
}

/* ---- at the entry ---------------------------------------------------------------------- */

enum request_state {
	REQUEST_KNOWN, /* or nothing of interest comes of it */
	REQUEST_RECORDED,
	REQUEST_FAILS,
	REQUEST_OPEN,
};

static enum request_state enter_request(struct outcome *o, struct tracee *t, size_t n)
{
	struct request *q = &t->requests[n];
	enum request_state state = REQUEST_OPEN;
	struct look look;

	if (outcome_is_known(o, q))
		return REQUEST_KNOWN;
	look_at(&o->memory, o->tracees, t, n, &look);
	if (look.mode && returns[t->row->kind] == return_open)
		q->ops &= ~(uint32_t)TLOG_CREATE; /* it is there already */
	if (look.answer == LOOK_FAILS) {
		state = REQUEST_FAILS;
		if (look.error == ENOENT)
			outcome_record_miss(o, t);
	} else if (look.answer == LOOK_SUCCEEDS && t->n_requests == 1) {
		state = REQUEST_RECORDED;
		outcome_record(o, t, q, &(const struct outcome_source) { -1, &look });
	} else if (outcome_is_known(o, q)) {
		state = REQUEST_KNOWN;
	}
	look_end(&look);
	return state;
}

static enum outcome_next enter_all(struct outcome *o, struct tracee *t)
{
	enum outcome_next next = OUTCOME_DONE;

	for (size_t i = 0; i < t->n_requests; i++) {
		enum request_state state = enter_request(o, t, i);

		if (state == REQUEST_FAILS)
			return OUTCOME_DONE;
		if (state == REQUEST_OPEN)
			next = OUTCOME_RETURN;
	}
	return next;
}

static enum outcome_next enter_open(struct outcome *o, struct tracee *t)
{
	const struct request *q = &t->requests[0];
	bool dir = t->open_flags & (O_DIRECTORY | O_PATH) && t->n_requests && q->abs;
	enum outcome_next next = enter_all(o, t);

	/* Where /proc will not tell what it is called, its number must be known. */
	if (!dir || (!o->want_dirs && q->len < DEEP))
		return next;
	if (!o->tracees->entries_only)
		return OUTCOME_RETURN;
	if (t->space->hides || q->len >= DEEP)
		locate_note_dir(o->tracees, t, q);
	return next;
}

/* Known or not, it changes where the thread stands, if it does not fail. */
static enum outcome_next enter_move(struct outcome *o, struct tracee *t)
{
	for (size_t i = 0; i < t->n_requests; i++)
		if (enter_request(o, t, i) == REQUEST_FAILS)
			return OUTCOME_DONE;
	o->tracees->strayed |= t->row->kind == CALL_CHROOT;
	tracee_move(o->tracees, t);
	return OUTCOME_RETURN;
}

static enum outcome_next enter_exec(struct outcome *o, struct tracee *t)
{
	enum request_state state = t->n_requests ? enter_request(o, t, 0) : REQUEST_KNOWN;

	if (o->misses && state != REQUEST_FAILS && state != REQUEST_KNOWN)
		program_lack(o->journal, o->tracees, t, &t->requests[0], outcome_program(o, t));
	/* That it executes the same again shows only by its memory (sight.c). */
	if (o->tracees->entries_only && t->space->executed)
		peek_open(t);
	return state == REQUEST_FAILS ? OUTCOME_DONE : OUTCOME_EXEC;
}

/* Afterwards /proc may tell nothing any more of where the thread stands and what it has open. */
static enum outcome_next enter_hiding(struct outcome *o, struct tracee *t)
{
	locate_places(o->tracees, t);
	peek_open(t);
	if (o->want_dirs && o->tracees->entries_only)
		locate_note_dirs(t);
	t->space->hides = true;
	return OUTCOME_DONE;
}

static enum outcome_next enter_dumpable(struct outcome *o, struct tracee *t)
{
	return t->args[0] == PR_SET_DUMPABLE ? enter_hiding(o, t) : OUTCOME_DONE;
}

/* From the next look on it counts as whom the thread then looks. */
static enum outcome_next enter_rights(struct outcome *o, struct tracee *t)
{
	t->rights = 0;
	return enter_hiding(o, t);
}

static enum outcome_next enter_share(struct outcome *o, struct tracee *t)
{
	o->tracees->namespaces = o->tracees->strayed = true;
	peek_open(t);
	tracee_move(o->tracees, t);
	t->rights = 0;
	return OUTCOME_RETURN;
}

/* Opened by a handle. */
static enum outcome_next enter_result(struct outcome *o, struct tracee *t)
{
	struct request q = { .ops = t->row->paths[0].ops, .dir = -1, .unnamed = true };
	struct look look;

	look_at_handle(o->tracees, t, &look);
	if (look.answer == LOOK_SUCCEEDS)
		outcome_record_hidden(o, t, &q, &(const struct outcome_source) { -1, &look });
	look_end(&look);
	return look.answer == LOOK_UNSURE ? OUTCOME_RETURN : OUTCOME_DONE;
}

static enum outcome_next enter_clone(struct outcome *o, struct tracee *t)
{
	uint64_t flags = t->clone_flags;

	if (flags & CLONE_NEWNS)
		o->tracees->namespaces = true;
	o->tracees->strayed |= (flags & (CLONE_NEWNS | CLONE_NEWUSER)) != 0;
	if (!o->tracees->entries_only)
		return flags & CLONE_UNTRACED ? OUTCOME_RETURN : OUTCOME_DONE;
	/* Nobody will tell which process it is. */
	if (flags & CLONE_FS && !(flags & CLONE_THREAD))
		t->places->loose = o->tracees->loose = true;
	return OUTCOME_DONE;
}

static enum outcome_next (*const entries[CALL_N_KINDS])(struct outcome *, struct tracee *) = {
	[CALL_PATHS] = enter_all,     [CALL_STAT] = enter_all,
	[CALL_ACCESS] = enter_all,    [CALL_XATTR] = enter_all,
	[CALL_MORE] = enter_all,      [CALL_OPEN] = enter_open,
	[CALL_CREAT] = enter_open,    [CALL_OPENAT2] = enter_open,
	[CALL_RESULT] = enter_result, [CALL_EXEC] = enter_exec,
	[CALL_CHDIR] = enter_move,    [CALL_CHROOT] = enter_move,
	[CALL_PLACES] = enter_move,   [CALL_ADDRESS] = enter_all,
	[CALL_MESSAGE] = enter_all,   [CALL_SOCKETCALL] = enter_all,
	[CALL_FSCONFIG] = enter_all,  [CALL_CLONE] = enter_clone,
	[CALL_CLONE3] = enter_clone,  [CALL_SHARE] = enter_share,
	[CALL_RIGHTS] = enter_rights, [CALL_DUMPABLE] = enter_dumpable,
};

enum outcome_next outcome_enter(struct outcome *o, struct tracee *t)
{
	if (!t->row)
		return OUTCOME_RETURN;
	return entries[t->row->kind] ? entries[t->row->kind](o, t) : OUTCOME_DONE;
}
