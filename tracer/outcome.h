// SPDX-License-Identifier: Apache-2.0
/*
 * outcome.h - what the success of a call means for the log and for what we know of its thread
 */
#pragma once

#include "journal.h"
#include "locate.h"
#include "tracee.h"

struct outcome {
	struct journal *journal;
	struct tracees *tracees;
	char object[LOCATE_MAX]; /* of the request at hand */
};

/* At the return of a call that succeeded. */
void outcome_take(struct outcome *o, struct tracee *t, int64_t result);
/* At the return of a call that found nothing (ENOENT). */
void outcome_miss(struct outcome *o, const struct tracee *t);
/* Counts a note about t's call. */
void outcome_note(struct outcome *o, const struct tracee *t, enum tlog_note code);
/* The same if t stands in another mount namespace than the tracer. */
void outcome_note_namespace(struct outcome *o, struct tracee *t);
