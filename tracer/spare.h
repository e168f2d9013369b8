// SPDX-License-Identifier: Apache-2.0
/*
 * spare.h - signals that no process can stand off, sent to all: not to the tracer
 *
 * A supervisor as process 1 ends or stops all others by kill(-1, SIGKILL) before it goes on to
 * its last steps (s6, killall5). The tracer and its keeper are among them, and without them its
 * calls would fail or wait for ever. So such a call is made by the tracer itself, who spares both.
 */
#pragma once

#include "base.h"

#include <sys/types.h>

/* pid's call kill(target, signal): true, and its answer, if it must not be made as it is. */
bool spare_kill(pid_t pid, pid_t keeper, pid_t target, int signal, int *answer);
