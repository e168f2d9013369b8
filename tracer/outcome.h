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

/* ---- outcome_*.c's doors to each other ------------------------------------------------------- */

/* Where an object is known from: a descriptor of the thread, a look; or neither. */
struct outcome_source {
	int fd;			 /* -1: none */
	const struct look *look; /* NULL: none */
};

/* What t runs: its maker's program, until it has executed one. */
uint32_t outcome_program(struct outcome *o, struct tracee *t);
/* True if recording q would change nothing. */
bool outcome_is_known(const struct outcome *o, const struct request *q);
void outcome_record(struct outcome *o, struct tracee *t, const struct request *q,
		    const struct outcome_source *from);
/* What has no name of its own, or none of the image: what it led to, if that has. */
void outcome_record_hidden(struct outcome *o, struct tracee *t, const struct request *q,
			   const struct outcome_source *from);
/* t has looked for something that is not there. */
void outcome_record_miss(struct outcome *o, struct tracee *t);
