// SPDX-License-Identifier: Apache-2.0
/*
 * tracee.c - threads by number, and their counted shared objects
 *
 * In: pids and clone flags. Out: struct tracee. Reads nothing but /proc/PID/status, and never
 * aborts when memory is short: the tracer goes on without that thread's paths.
 */
#include "tracee.h"
#include "peek.h"

#include <sched.h>
#include <time.h>

#define SHARE(object) ((object)->refs++, (object))

/* ---- the table ------------------------------------------------------------------------- */

static struct tracee **bucket(struct tracees *table, pid_t pid)
{
	return &table->buckets[(unsigned int)pid % TRACEE_BUCKETS];
}

static struct tracee *look_up(const struct tracees *table, pid_t pid)
{
	struct tracee *t = table->buckets[(unsigned int)pid % TRACEE_BUCKETS];

	while (t && t->pid != pid)
		t = t->next;
	return t;
}

struct tracee *tracee_find(const struct tracees *table, pid_t pid)
{
	struct tracee *t = look_up(table, pid);

	return t && !t->gone ? t : NULL;
}

static void unshare_all(struct tracee *t)
{
	shares_space_unref(t->space);
	shares_places_unref(t->places);
	shares_dirs_unref(t->dirs);
	t->space = NULL;
	t->places = NULL;
	t->dirs = NULL;
}

static void tracee_free(struct tracees *table, struct tracee *t)
{
	tracee_end_call(table, t);
	unshare_all(t);
	free(t);
}

/* Gives t what clone(2) with these flags does. */
static void inherit(struct tracee *t, const struct tracee *parent, uint64_t flags)
{
	t->tgid = flags & CLONE_THREAD ? parent->tgid : t->pid;
	t->rights = parent->rights;
	t->space = flags & CLONE_VM ? SHARE(parent->space) : shares_space();
	if (t->space && !(flags & CLONE_VM))
		t->space->program = parent->space->program;
	t->places = flags & CLONE_FS ? SHARE(parent->places) : shares_places(parent->places);
	t->dirs = flags & CLONE_FILES ? SHARE(parent->dirs) : shares_dirs(parent->dirs);
	if (t->places && flags & CLONE_NEWNS)
		t->places->fresh_ns = true;
}

/* Takes t, which nobody else knows yet. */
static struct tracee *insert(struct tracees *table, struct tracee *t)
{
	if (!t->space || !t->places || !t->dirs) {
		tracee_free(table, t);
		return NULL;
	}
	t->next = *bucket(table, t->pid);
	*bucket(table, t->pid) = t;
	table->n_tracees++;
	return t;
}

static void remove_one(struct tracees *table, struct tracee *t)
{
	struct tracee **p = bucket(table, t->pid);

	while (*p && *p != t)
		p = &(*p)->next;
	if (!*p)
		return;
	*p = t->next;
	table->n_tracees--;
	tracee_free(table, t);
}

/* Of a process only where it came from is known. It may have moved since, and its maker too. */
static void derive(const struct tracees *table, struct tracee *t, const struct tracee *maker)
{
	inherit(t, maker, 0);
	t->rights = 0;
	if (!t->places)
		return;
	t->places->seen_at = 0;
	t->places->fresh_ns |= !table->entries_only || table->namespaces;
}

/* All that a thread shares can be told from its process. */
struct tracee *tracee_meet(struct tracees *table, pid_t pid, const struct status_kin *kin)
{
	struct tracee *t = look_up(table, pid);
	const struct tracee *from;
	struct status_kin is;

	if (t && !t->gone)
		return t;
	if (t)
		remove_one(table, t);
	t = calloc_small(sizeof(*t));
	if (!t)
		return NULL;
	if (kin)
		is = *kin;
	else
		status_kin(pid, &is);
	t->pid = pid;
	t->guessed = !table->entries_only;
	from = tracee_find(table, is.tgid != pid ? is.tgid : is.parent);
	if (from && is.tgid != pid) {
		inherit(t, from, CLONE_THREAD | CLONE_VM | CLONE_FS | CLONE_FILES);
	} else if (from) {
		derive(table, t, from);
	} else {
		t->tgid = is.tgid;
		t->space = shares_space();
		t->places = shares_places(NULL);
		t->dirs = shares_dirs(NULL);
	}
	return insert(table, t);
}

void tracee_relate(struct tracees *table, struct tracee *t, pid_t maker)
{
	const struct tracee *from = tracee_find(table, maker);
	struct dirs *dirs = from ? shares_dirs(from->dirs) : NULL;

	t->space->unrelated = false;
	if (!from)
		return;
	t->space->program = from->space->program;
	t->places->loose |= from->places->loose;
	if (dirs) {
		shares_dirs_unref(t->dirs);
		t->dirs = dirs;
	}
}

/* What a guess could not know. Its memory is new after an execve, and so are its descriptors. */
static void merge(struct tracee *t, const struct tracee *parent, uint64_t flags)
{
	if (flags & CLONE_FS && t->places != parent->places && !t->unshared) {
		shares_places_unref(t->places);
		t->places = SHARE(parent->places);
	}
	if (flags & CLONE_VM && !t->executed && t->space != parent->space) {
		shares_space_unref(t->space);
		t->space = SHARE(parent->space);
	}
	if (flags & CLONE_FILES && !t->executed && t->dirs != parent->dirs) {
		shares_dirs_unref(t->dirs);
		t->dirs = SHARE(parent->dirs);
	}
	if (!t->executed && !t->space->program)
		t->space->program = parent->space->program;
	t->guessed = false;
}

struct tracee *tracee_born(struct tracees *table, pid_t pid, const struct tracee *parent,
			   uint64_t clone_flags)
{
	struct tracee *t = look_up(table, pid);
	bool gone = t && t->gone;

	if (t && clone_flags & CLONE_FS)
		parent->places->seen_at = 0; /* it may have moved both before we knew */
	if (t && t->guessed && !gone) {
		merge(t, parent, clone_flags);
		return t;
	}
	/* Without a guess it is a number used again whose end nobody told. */
	if (t)
		remove_one(table, t);
	if (gone)
		return NULL;
	t = calloc_small(sizeof(*t));
	if (!t)
		return NULL;
	t->pid = pid;
	inherit(t, parent, clone_flags);
	return insert(table, t);
}

void tracee_gone(struct tracees *table, struct tracee *t)
{
	if (!t->guessed) {
		remove_one(table, t);
		return;
	}
	tracee_end_call(table, t);
	unshare_all(t);
	t->gone = true;
}

/* Removes all threads of a process but keep. */
static void remove_threads(struct tracees *table, pid_t tgid, const struct tracee *keep)
{
	for (size_t i = 0; i < TRACEE_BUCKETS; i++) {
		struct tracee *t = table->buckets[i], *next;

		for (; t; t = next) {
			next = t->next;
			if (t->tgid == tgid && t != keep)
				remove_one(table, t);
		}
	}
}

void tracee_all_gone(struct tracees *table, pid_t tgid)
{
	remove_threads(table, tgid, NULL);
}

void tracee_each(struct tracees *table, void (*visit)(void *, struct tracee *), void *arg)
{
	for (size_t i = 0; i < TRACEE_BUCKETS; i++)
		for (struct tracee *t = table->buckets[i], *next; t; t = next) {
			next = t->next;
			visit(arg, t);
		}
}

/* The thread that called execve becomes the leader: it takes the leader's number. */
static void renumber(struct tracees *table, struct tracee *t, pid_t pid)
{
	struct tracee **p = bucket(table, t->pid);

	while (*p != t)
		p = &(*p)->next;
	*p = t->next;
	t->pid = pid;
	t->next = *bucket(table, pid);
	*bucket(table, pid) = t;
}

struct tracee *tracee_exec(struct tracees *table, pid_t pid, pid_t former)
{
	struct tracee *t = tracee_find(table, former);
	struct space *space = shares_space();
	struct dirs *dirs;

	if (!t)
		t = tracee_meet(table, pid, NULL);
	if (!t || !space) {
		free(space);
		return NULL;
	}
	remove_threads(table, t->tgid, t);
	if (t->pid != pid)
		renumber(table, t, pid);
	t->tgid = pid;
	t->executed = true;
	t->rights = 0;
	space->program = t->space->program;
	space->executed = true;
	space->began = t->space->began;
	space->unrelated = t->space->unrelated;
	shares_space_unref(t->space);
	t->space = space;
	if (t->dirs->refs > 1) {
		dirs = shares_dirs(t->dirs);
		if (dirs) {
			shares_dirs_unref(t->dirs);
			t->dirs = dirs;
		}
	}
	return t;
}

void tracee_unshare(struct tracee *t, uint64_t flags)
{
	struct places *places;
	struct dirs *dirs;

	if (flags & (CLONE_FS | CLONE_NEWNS | CLONE_NEWUSER)) {
		t->unshared = true;
		places = shares_places(t->places);
		if (places) {
			shares_places_unref(t->places);
			places->fresh_ns |= (flags & CLONE_NEWNS) != 0;
			t->places = places;
		}
	}
	if (flags & CLONE_FILES) {
		dirs = shares_dirs(t->dirs);
		if (dirs) {
			shares_dirs_unref(t->dirs);
			t->dirs = dirs;
		}
	}
}

size_t tracee_n_living(const struct tracees *table, pid_t tgid)
{
	size_t n = 0;

	for (size_t i = 0; i < TRACEE_BUCKETS; i++)
		for (const struct tracee *t = table->buckets[i]; t; t = t->next)
			n += t->tgid == tgid && !t->exiting && !t->gone;
	return n;
}

void tracee_fini(struct tracees *table)
{
	for (size_t i = 0; i < TRACEE_BUCKETS; i++)
		while (table->buckets[i])
			remove_one(table, table->buckets[i]);
}

static void keep_text(char **text, bool *lost)
{
	if (*text)
		*text = strdup(*text);
	*lost |= !*text;
}

void tracee_keep_call(struct tracee *t)
{
	if (t->kept)
		return;
	t->kept = true;
	for (size_t i = 0; i < t->n_requests; i++) {
		struct request *q = &t->requests[i];
		bool lost = false, no_raw = !q->raw;

		keep_text(&q->abs, &lost);
		if (!no_raw)
			keep_text(&q->raw, &lost);
		q->unreadable |= lost;
	}
}

static time_t coarse_now(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

void tracee_move(struct tracees *table, struct tracee *t)
{
	if (t->moving)
		return;
	t->moving = true;
	table->movers++;
	table->moved_at = coarse_now();
}

/*
 * Where nobody tells the end of a call it shows at the thread's next one, which may be never.
 * Such a call takes no time: after this much it is over.
 */
#define MOVE_S 2

bool tracee_moving(const struct tracees *table)
{
	return table->movers && coarse_now() - table->moved_at <= MOVE_S;
}

void tracee_end_call(struct tracees *table, struct tracee *t)
{
	for (size_t i = 0; t->kept && i < t->n_requests; i++) {
		free(t->requests[i].abs);
		free(t->requests[i].raw);
	}
	t->kept = false;
	t->n_requests = 0;
	t->in_call = false;
	t->awaited = false;
	t->row = NULL;
	if (!t->moving)
		return;
	t->moving = false;
	table->movers--;
	table->moves++;
}
