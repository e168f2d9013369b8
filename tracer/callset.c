// SPDX-License-Identifier: Apache-2.0
/*
 * callset.c - a call into a note of its ABI and number
 *
 * In: each call, before it is made. Out: notes. What comes before the first execve(2) is the tracer's
 * own doing; what ends a signal is the kernel's.
 */
#include "callset.h"

#include <stdio.h>

#define X32_BIT 0x40000000u

void callset_note(struct callset *set, struct journal *journal, const struct call_index *calls,
		  const struct event_call *call)
{
	static const char *const names[] = {
		[CALL_X86_64] = "x86_64",
		[CALL_I386] = "i386",
		[CALL_ARM64] = "arm64",
		[CALL_OTHER] = "arm",
	};
	const struct call_row *row;
	uint64_t nr = call->nr;
	uint8_t bit = (uint8_t)(1u << nr % 8);
	bool x32 = call->abi == CALL_X86_64 && nr & X32_BIT, small;
	char text[40];

	small = call->abi < CALL_N_ABIS && nr < CALL_N_NUMBERS;
	if (small && set->told[call->abi][nr / 8] & bit)
		return;
	row = calls_find(calls, call->abi, call->nr);
	set->started |= row && row->kind == CALL_EXEC;
	if (!set->started || (row && row->kind == CALL_RESUME))
		return;
	snprintf(text, sizeof(text), "%s %u", x32 ? "x32" : names[call->abi],
		 (unsigned int)nr & ~(x32 ? X32_BIT : 0));
	/* One that could not be written is tried again at the next call. */
	if (journal_syscall(journal, text) && small)
		set->told[call->abi][nr / 8] |= bit;
}
