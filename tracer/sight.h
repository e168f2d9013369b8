// SPDX-License-Identifier: Apache-2.0
/*
 * sight.h - who it is that makes a call, where calls are all that an engine tells (entries_only)
 *
 * New threads and new programs are not announced there, and the numbers of those that have ended
 * come again: all of it is found out when a call comes.
 */
#pragma once

#include "event.h"
#include "tracee.h"

enum sight {
	SIGHT_KNOWN,
	SIGHT_NEW,
	SIGHT_EXECUTED, /* ->space->exec_by has executed a program since */
};

/*
 * At an EVENT_CALL (executes: an execve(2)): the thread pid, its process watched; NULL if it has died
 * meanwhile, or when out of memory.
 */
struct tracee *sight_of(struct tracees *tracees, struct events *events, pid_t pid,
			bool executes, enum sight *what);
/* Who made t's process is known from now on, if it is to be known. */
void sight_relate(struct tracees *tracees, struct tracee *t);
/* The same for the first process of all, before its first call. */
struct tracee *sight_first(struct tracees *tracees, struct events *events, pid_t pid);
