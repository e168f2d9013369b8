// SPDX-License-Identifier: Apache-2.0
/*
 * keeper.h - a second small process beside the tracer, for the day that it dies
 *
 * While someone holds the listener the calls of the application wait for an answer; when
 * nobody does, the kernel answers ENOSYS and the application breaks. The keeper holds it, sleeps,
 * and if the tracer ends before the application does it lets each call go on, unrecorded.
 */
#pragma once

#include "listener.h"

#include <sys/types.h>

/*
 * In a process of its own with nothing but the listener, alive (which reads as closed when the
 * tracer is gone) and no standard streams: never returns. voice: on whose stderr to say that
 * the tracer is gone.
 */
_Noreturn void keeper_run(struct listener *l, int alive, pid_t voice);
