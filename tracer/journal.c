// SPDX-License-Identifier: Apache-2.0
/*
 * journal.c - dedup by a pathset, ids of the log beside it, notes and losses counted
 *
 * In: facts. Out: records, at most one a fact. Never blocks the application for more than one
 * write(2), never gives up: a full disk may have room again.
 */
#include "journal.h"
#include "tally.h"
#include "pathset.h"
#include "voice.h"

#include <stdio.h>

/* Ops asked for directly in the low half, those of resolved objects in the high one. */
#define HALF	  16
#define LOW_HALF  0xffffu
#define N_NOTES	  128
#define NOTE_TEXT 200

_Static_assert(TLOG_N_OPS <= HALF, "ops of a path must fit half a word");

struct known {
	uint32_t id;  /* in the log, 0 not yet */
	uint32_t ops; /* two halves */
	bool made;    /* by this run: it was not there before */
};

struct note {
	enum tlog_note code;
	uint64_t total, told;
	char text[NOTE_TEXT];
};

struct journal {
	struct tlog_writer *writer;
	struct pathset *paths;
	struct known *known; /* by the path's number */
	size_t known_cap;
	struct tally *misses;  /* NULL: none yet */
	struct pathset *calls; /* texts of their notes; NULL: none yet */
	bool forgot;	       /* one of them */
	struct note notes[N_NOTES];
	size_t n_notes;
	uint64_t n_records, lost, lost_told;
	bool said;
	pid_t voice;
};

struct journal *journal_new(struct tlog_writer *writer)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->paths = pathset_new();
	if (!j->paths) {
		free(j);
		return NULL;
	}
	j->writer = writer;
	return j;
}

void journal_free(struct journal *j)
{
	if (!j)
		return;
	tlog_writer_free(j->writer);
	pathset_free(j->paths);
	tally_free(j->misses);
	pathset_free(j->calls);
	free(j->known);
	free(j);
}

void journal_set_voice(struct journal *j, pid_t pid)
{
	j->voice = pid;
}

/* ---- losses ---------------------------------------------------------------------------- */

static void say_lost(struct journal *j, const char *why)
{
	if (j->said)
		return;
	j->said = true;
	voice_say(j->voice, "the trace log %s; the application goes on, its log lacks records",
		  why);
}

/* Of a log that somebody deleted no write tells. */
static void look_deleted(struct journal *j)
{
	if (tlog_writer_deleted(j->writer))
		say_lost(j, "was deleted");
}

static void lose(struct journal *j, int err)
{
	char why[128];

	j->lost++;
	snprintf(why, sizeof(why), "cannot be written (%s)", strerror(-err));
	say_lost(j, why);
}

/* The log took a record: tell what it did not take before. */
static void tell_lost(struct journal *j)
{
	if (j->lost == j->lost_told)
		return;
	if (tlog_put_note(j->writer, TLOG_NOTE_LOST, j->lost - j->lost_told, "") == 0)
		j->lost_told = j->lost;
}

/* ---- paths ----------------------------------------------------------------------------- */

static uint32_t half(uint32_t ops)
{
	return ops & TLOG_RESOLVED ? (ops & LOW_HALF) << HALF : ops & LOW_HALF;
}

/* What is known by these: whoever opens a file has looked it up, and a look tells nothing more. */
static uint32_t half_known(uint32_t ops)
{
	const uint32_t opened = TLOG_EXEC | TLOG_READ | TLOG_LIST;

	return half(ops & opened ? ops | TLOG_STAT : ops);
}

static int64_t number_of(const struct journal *j, const char *abs, size_t len)
{
	int64_t n = pathset_find(j->paths, abs, len);

	return n >= 0 && (size_t)n < j->known_cap ? n : -ENOENT;
}

bool journal_has(const struct journal *j, const char *abs, size_t len, uint32_t ops)
{
	return journal_id(j, abs, len, ops) != 0;
}

uint32_t journal_id(const struct journal *j, const char *abs, size_t len, uint32_t ops)
{
	int64_t n = number_of(j, abs, len);

	return n >= 0 && (half(ops) & ~j->known[n].ops) == 0 ? j->known[n].id : 0;
}

bool journal_whole(const struct journal *j)
{
	return j->lost == 0;
}

void journal_mark(struct journal *j, const char *abs, size_t len, uint32_t ops)
{
	int64_t n = number_of(j, abs, len);

	if (n >= 0 && j->known[n].id)
		j->known[n].ops |= half_known(ops);
}

static int grow_known(struct journal *j, size_t n)
{
	size_t cap = j->known_cap ? j->known_cap * 2 : 256;
	struct known *known;

	if (n < j->known_cap)
		return 0;
	while (cap <= n)
		cap *= 2;
	known = realloc(j->known, cap * sizeof(*known));
	if (!known)
		return -ENOMEM;
	memset(known + j->known_cap, 0, (cap - j->known_cap) * sizeof(*known));
	j->known = known;
	j->known_cap = cap;
	return 0;
}

static int write_record(struct journal *j, struct known *k, int64_t n, uint32_t ops,
			uint32_t by, uint32_t of)
{
	size_t len;
	const char *text = pathset_get(j->paths, (size_t)n, &len);
	int64_t id;

	if (k->id)
		return tlog_put_seen(j->writer, k->id, ops, by, of);
	id = tlog_put_path(j->writer, ops, by, of, text, len);
	if (id < 0)
		return (int)id;
	k->id = (uint32_t)id;
	k->made = ops & TLOG_CREATE;
	return 0;
}

uint32_t journal_put(struct journal *j, const char *abs, size_t len, uint32_t ops, uint32_t by,
		     uint32_t of)
{
	struct known *k;
	bool fresh;
	int64_t n = pathset_add(j->paths, abs, len, &fresh);
	int r = n < 0 ? (int)n : grow_known(j, (size_t)n);

	if (r < 0) {
		lose(j, r);
		return 0;
	}
	k = &j->known[n];
	if (k->id && (half(ops) & ~k->ops) == 0)
		return k->id;
	r = write_record(j, k, n, ops, by, of);
	if (r < 0) {
		lose(j, r);
		return k->id;
	}
	k->ops |= half_known(ops);
	j->n_records++;
	tell_lost(j);
	if ((j->n_records & (j->n_records - 1)) == 0)
		look_deleted(j);
	return k->id;
}

void journal_miss(struct journal *j, const char *abs, size_t len, uint32_t program)
{
	uint32_t id = journal_id(j, abs, len, TLOG_MISS);

	/* Most are looked for once, which the record tells. */
	if (!id) {
		journal_put(j, abs, len, TLOG_MISS, program, 0);
		return;
	}
	if (!j->misses)
		j->misses = tally_new();
	if (j->misses)
		tally_add(j->misses, j->writer, program, id);
}

/* ---- notes ----------------------------------------------------------------------------- */

static void tell_note(struct journal *j, struct note *note)
{
	if (note->total == note->told)
		return;
	if (tlog_put_note(j->writer, note->code, note->total - note->told, note->text) == 0)
		note->told = note->total;
}

/* One slot for each code and text. */
static struct note *find_note(struct journal *j, enum tlog_note code, const char *text)
{
	struct note *note;

	for (size_t i = 0; i < j->n_notes; i++)
		if (j->notes[i].code == code &&
		    strncmp(j->notes[i].text, text, NOTE_TEXT - 1) == 0)
			return &j->notes[i];
	if (j->n_notes == N_NOTES) {
		/* All are taken: count it with any of its kind. */
		for (size_t i = 0; i < j->n_notes; i++)
			if (j->notes[i].code == code)
				return &j->notes[i];
		return NULL;
	}
	note = &j->notes[j->n_notes++];
	note->code = code;
	snprintf(note->text, sizeof(note->text), "%s", text);
	return note;
}

void journal_note(struct journal *j, enum tlog_note code, const char *text)
{
	struct note *note = find_note(j, code, text);

	if (!note)
		return;
	note->total++;
	if ((note->total & (note->total - 1)) == 0)
		tell_note(j, note);
}

bool journal_syscall(struct journal *j, const char *text)
{
	bool fresh;

	if (tlog_put_note(j->writer, TLOG_NOTE_SYSCALL, 1, text) < 0)
		return false;
	if (!j->calls)
		j->calls = pathset_new();
	j->forgot |= !j->calls || pathset_add(j->calls, text, strlen(text), &fresh) < 0;
	return true;
}

void journal_flush(struct journal *j)
{
	for (size_t i = 0; i < j->n_notes; i++)
		tell_note(j, &j->notes[i]);
	if (j->misses)
		tally_flush(j->misses, j->writer);
	tell_lost(j);
}

void journal_end(struct journal *j)
{
	char records[24], paths[24], lost[24];
	const struct tlog_field fields[] = {
		{ "records", records },
		{ "paths", paths },
		{ "lost", lost },
	};

	journal_flush(j);
	look_deleted(j);
	snprintf(records, sizeof(records), "%llu", (unsigned long long)j->n_records);
	snprintf(paths, sizeof(paths), "%zu", pathset_count(j->paths));
	snprintf(lost, sizeof(lost), "%llu", (unsigned long long)j->lost);
	if (tlog_put_end(j->writer, fields, ARRAY_SIZE(fields)) < 0)
		return;
}

bool journal_facts(const struct journal *j,
		   void (*each)(void *arg, const char *text, size_t len, uint32_t what),
		   void *arg)
{
	const size_t n = MIN(pathset_count(j->paths), j->known_cap);

	if (j->lost || j->forgot)
		return false;
	for (size_t i = 0; j->calls && i < pathset_count(j->calls); i++) {
		size_t len;
		const char *text = pathset_get(j->calls, i, &len);

		each(arg, text, len, TLOG_NOTE_SYSCALL);
	}
	for (size_t i = 0; i < n; i++) {
		const struct known *k = &j->known[i];
		size_t len;
		const char *text = pathset_get(j->paths, i, &len);

		if (k->id && !k->made)
			each(arg, text, len, k->ops);
	}
	for (size_t i = 0; i < j->n_notes; i++)
		each(arg, j->notes[i].text, strlen(j->notes[i].text), j->notes[i].code);
	return true;
}
