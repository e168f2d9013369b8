// SPDX-License-Identifier: Apache-2.0
/*
 * decode.h - from the row and arguments of a call to the paths it asks for
 */
#pragma once

#include "locate.h"

#include <limits.h>

/* The texts of one call's requests, until tracee_keep_call() or the next call. */
struct decode_room {
	char abs[CALL_N_PATHS][LOCATE_MAX];
	char raw[CALL_N_PATHS][PATH_MAX];
};

/*
 * At the entry of a call (t->row, abi, args are set): fills t's requests, clone_flags and
 * open_flags. A path that could not be read becomes a request marked unreadable.
 */
void decode_call(const struct tracees *tracees, struct tracee *t, struct decode_room *room);
