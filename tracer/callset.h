// SPDX-License-Identifier: Apache-2.0
/*
 * callset.h - which system calls are made, each told once (--syscalls)
 */
#pragma once

#include "event.h"
#include "journal.h"

struct callset {
	bool started;					   /* the application has */
	uint8_t told[CALL_N_ABIS][CALL_N_NUMBERS / 8 + 1]; /* a bit a number */
};

/* Before the call is made. */
void callset_note(struct callset *set, struct journal *journal, const struct call_index *calls,
		  const struct event_call *call);
