// SPDX-License-Identifier: Apache-2.0
/*
 * recorder.h - from events to the log
 */
#pragma once

#include "event.h"
#include "journal.h"

struct recorder;

struct recorder_wants {
	bool misses;	     /* also what is looked for and not there (ENOENT) */
	bool syscalls;	     /* also which system calls are made */
	bool allow_io_uring; /* count it, but let it work */
	pid_t keeper;	     /* 0 none */
	bool no_new_privs;   /* the tracer has set it: programs lose privilege by it */
};

/* main_pid: the process whose end the log tells. Borrows events and journal. */
struct recorder *recorder_new(struct events *events, struct journal *journal, pid_t main_pid,
			      const struct recorder_wants *wants);
void recorder_free(struct recorder *r);
/* Takes one event and resumes its thread. */
void recorder_take(struct recorder *r, const struct event *event);
/* All are gone. */
void recorder_end(struct recorder *r);
