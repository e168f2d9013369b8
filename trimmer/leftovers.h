// SPDX-License-Identifier: Apache-2.0
/*
 * leftovers.h - containers and images of runs whose imagetrim was killed
 *
 * A run's container and temporary image are called after the process that made them, so that a
 * later one can tell whose they are, and whether it still lives:
 *
 *	imagetrim-run-HOST-BOOT-NAMESPACE-PID-START-RANDOM
 *
 * hexadecimal numbers: of machine-id(5) and boot_id their beginnings (as a hash), the inode of
 * the pid namespace, pid and start time as in proc(5).
 */
#pragma once

#include "engine.h"

/* A name of our own. The caller frees. */
char *leftovers_name(void) MUST_CHECK;
/*
 * Removes what was left by processes of this machine that are gone: what bears another's name,
 * or one that cannot be looked for (another machine's, another pid namespace's), stays. Says
 * what it removes; a failure is no error.
 */
void leftovers_remove(const struct engine *engine);
