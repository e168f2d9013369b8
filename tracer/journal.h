// SPDX-License-Identifier: Apache-2.0
/*
 * journal.h - the log as the recorder sees it: each path and kind of access once
 *
 * Never fails: what cannot be written is counted, said once on the application's stderr, tried
 * again when the path comes up again, and told in the log as soon as that takes records again.
 */
#pragma once

#include "tlog.h"

#include <sys/types.h>

struct journal;

/* Takes the writer. NULL when out of memory. */
struct journal *journal_new(struct tlog_writer *writer);
void journal_free(struct journal *j);
/* The process on whose stderr the tracer may say something. */
void journal_set_voice(struct journal *j, pid_t pid);

/* True if abs is in the log with all these ops. */
bool journal_has(const struct journal *j, const char *abs, size_t len, uint32_t ops);
/* The id of abs if it is, else 0. */
uint32_t journal_id(const struct journal *j, const char *abs, size_t len, uint32_t ops);
/* True if all that was put is in the log. */
bool journal_whole(const struct journal *j);
/*
 * Records ops on abs unless that is known. by, of: ids as in tlog.h. Returns the id of abs, 0
 * if it could not be written.
 */
uint32_t journal_put(struct journal *j, const char *abs, size_t len, uint32_t ops, uint32_t by,
		     uint32_t of);
/* One more look of program (an id) in vain: recorded once, and counted. */
void journal_miss(struct journal *j, const char *abs, size_t len, uint32_t program);
/* Also knows abs as done with these ops, without writing: what was asked was told otherwise. */
void journal_mark(struct journal *j, const char *abs, size_t len, uint32_t ops);

/*
 * Counts a note. Written at once when it comes first, then when its count has doubled, the
 * rest by journal_flush(): the counts in the log add up.
 */
void journal_note(struct journal *j, enum tlog_note code, const char *text);
/* A system call, whose caller sees to it that it comes once. False if it is not in the log. */
bool journal_syscall(struct journal *j, const char *text);
void journal_flush(struct journal *j);
/*
 * Calls each for all that tells this log from another of the same run: paths with what was done
 * to them, but not those that the run itself made, system calls and notes. False, without a call,
 * when one of them was lost.
 */
bool journal_facts(const struct journal *j,
		   void (*each)(void *arg, const char *text, size_t len, uint32_t what),
		   void *arg);
/* The totals of a clean end (after a flush). More records may follow: the log is cut then. */
void journal_end(struct journal *j);
