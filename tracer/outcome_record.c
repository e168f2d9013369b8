// SPDX-License-Identifier: Apache-2.0
/*
 * outcome_record.c - what one request has become in the log
 *
 * In: a request of a call that succeeds, or finds nothing. Out: a record of what was asked for, and where
 * that differs, of what it led to. What the log has already costs no look.
 */
#include "outcome.h"
#include "rights.h"
#include "sight.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

void outcome_note(struct outcome *o, const struct tracee *t, enum tlog_note code)
{
	char text[64];

	if (t->row)
		snprintf(text, sizeof(text), "%s", t->row->name);
	else if (t->abi == CALL_OTHER)
		snprintf(text, sizeof(text), "32-bit calls");
	else
		snprintf(text, sizeof(text), "%llu%s", (unsigned long long)t->nr,
			 t->abi == CALL_I386 ? " (i386)" : "");
	journal_note(o->journal, code, text);
}

uint32_t outcome_program(struct outcome *o, struct tracee *t)
{
	if (t->space->unrelated && !t->space->executed)
		sight_relate(o->tracees, t);
	return t->space->program;
}

/* What q led to, in o->object. */
static int find_object(struct outcome *o, struct tracee *t, const struct request *q,
		       const struct outcome_source *from)
{
	bool unnamed;
	int n;

	if (from->look)
		return look_name(from->look, q, o->object, sizeof(o->object));
	if (from->fd < 0)
		return locate_object(o->tracees, t, q, o->object, sizeof(o->object));
	n = locate_descriptor(o->tracees, t, from->fd, o->object, sizeof(o->object), &unnamed);
	return n >= 0 && unnamed ? -ENOENT : n;
}

/* Opened for reading: a directory is listed, a file is read. */
static bool is_directory(struct outcome *o, struct tracee *t, const struct request *q,
			 const struct outcome_source *from)
{
	cleanup_fd int dir = -1;
	char name[32];

	if (from->look)
		return S_ISDIR(from->look->mode);
	if (from->fd >= 0) {
		snprintf(name, sizeof(name), "fd/%d", from->fd);
		dir = rights_open(t->pid, name, O_PATH | O_DIRECTORY);
	}
	if (from->fd < 0 || dir == -EACCES || dir == -EPERM)
		dir = locate_open(o->tracees, t, q, O_PATH | O_DIRECTORY);
	return dir >= 0;
}

/* Names that are not of the image may lead to things that are: /proc/self/exe. */
static bool leads_out(const char *abs)
{
	static const char *const magic[] = { "/exe", "/cwd", "/root", "/fd/", "/map_files/" };

	if (path_below(abs, "/dev"))
		return true;
	for (size_t i = 0; path_below(abs, "/proc") && i < ARRAY_SIZE(magic); i++)
		if (strstr(abs, magic[i]))
			return true;
	return false;
}

void outcome_record_hidden(struct outcome *o, struct tracee *t, const struct request *q,
			   const struct outcome_source *from)
{
	int n;

	if (from->fd < 0 && !q->unnamed && !leads_out(q->abs))
		return;
	n = find_object(o, t, q, from);
	if (n > 0 && !locate_hidden(o->object))
		journal_put(o->journal, o->object, (size_t)n, q->ops | TLOG_RESOLVED,
			    outcome_program(o, t), 0);
}

bool outcome_is_known(const struct outcome *o, const struct request *q)
{
	if (!q->abs || q->unnamed)
		return false;
	if (locate_hidden(q->abs))
		return !leads_out(q->abs);
	return journal_has(o->journal, q->abs, q->len, q->ops);
}

void outcome_record(struct outcome *o, struct tracee *t, const struct request *q,
		    const struct outcome_source *from)
{
	uint32_t ops = q->ops, id;
	int n;

	if (!q->abs) {
		outcome_note(o, t, TLOG_NOTE_UNREADABLE);
		return;
	}
	if (q->unnamed || locate_hidden(q->abs)) {
		outcome_record_hidden(o, t, q, from);
		return;
	}
	if (journal_has(o->journal, q->abs, q->len, ops))
		return;
	if (ops == TLOG_READ && is_directory(o, t, q, from))
		ops = TLOG_LIST;
	id = journal_put(o->journal, q->abs, q->len, ops, outcome_program(o, t), 0);
	journal_mark(o->journal, q->abs, q->len, q->ops);
	if (ops & TLOG_REMOVE || (from->fd < 0 && !q->raw) ||
	    (from->look && from->look->itself))
		return;
	n = find_object(o, t, q, from);
	if (n > 0 && !locate_hidden(o->object) && strcmp(o->object, q->abs) != 0)
		journal_put(o->journal, o->object, (size_t)n, ops | TLOG_RESOLVED,
			    outcome_program(o, t), id);
}

/*
 * Looked for and not there. Of two paths nobody knows which it was, and what should have been
 * made was not looked for.
 */
void outcome_record_miss(struct outcome *o, struct tracee *t)
{
	const struct request *q = &t->requests[0];

	if (!o->misses || t->n_requests != 1 || !q->abs || q->unnamed || q->ops & TLOG_CREATE ||
	    locate_hidden(q->abs))
		return;
	journal_miss(o->journal, q->abs, q->len, outcome_program(o, t));
}
