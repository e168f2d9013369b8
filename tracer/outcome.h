// SPDX-License-Identifier: Apache-2.0
/*
 * outcome.h - what a call means for the log and for what we know of its thread
 */
#pragma once

#include "journal.h"
#include "locate.h"
#include "look.h"
#include "tracee.h"

struct outcome {
	struct journal *journal;
	struct tracees *tracees;
	bool misses;	/* record what is looked for and not there, too */
	bool want_dirs; /* descriptors of directories must be known from their opening */
	struct look_memory memory;
	char object[LOCATE_MAX]; /* of the request at hand */
};

enum outcome_next {
	OUTCOME_DONE,	/* nothing more to do about this call */
	OUTCOME_RETURN, /* its result decides: outcome_take(), or outcome_guess() without one */
	OUTCOME_EXEC,	/* a new program decides */
};

/* At the entry of a decoded call. */
enum outcome_next outcome_enter(struct outcome *o, struct tracee *t);
/* At its return. */
void outcome_take(struct outcome *o, struct tracee *t, int64_t result);
/* Some time after it, without its result: records it if it seems to have succeeded. */
void outcome_guess(struct outcome *o, struct tracee *t);
/* Counts a note about t's call. */
void outcome_note(struct outcome *o, const struct tracee *t, enum tlog_note code);
/* The same if t stands in another mount namespace than the tracer. */
void outcome_note_namespace(struct outcome *o, struct tracee *t);
