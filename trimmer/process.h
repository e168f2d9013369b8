// SPDX-License-Identifier: Apache-2.0
/*
 * process.h - other programs; the one door to fork and exec
 *
 * Programs are found by PATH and run without a shell, with no signal blocked and SIGPIPE as
 * the system has it.
 */
#pragma once

#include "base.h"

#include <sys/types.h>

#define PROCESS_INHERIT -1
#define PROCESS_NULL	-2 /* /dev/null */

struct process_io {
	int in, out, err; /* PROCESS_INHERIT, PROCESS_NULL or a descriptor. Borrowed */
	bool group; /* in a process group of its own: the terminal's Ctrl-C passes it by */
};

/* Starts argv[0]; the exec error comes back here. The pid, or -errno. */
pid_t process_start(char *const argv[], const struct process_io *io) MUST_CHECK;
/* Waits: exit status 0-255, 128 + signal, or -errno. */
int process_wait(pid_t pid) MUST_CHECK;
/* The same without waiting: 1 and *status if it ended, 0 if not. */
int process_poll(pid_t pid, int *status) MUST_CHECK;
/* True if it has ended; it still is to be waited for. */
bool process_ended(pid_t pid);
/* SIGKILL to it, and with it to its group if it has one of its own; waits. */
void process_kill(pid_t pid, bool group);
/* start and wait. */
int process_run(char *const argv[], const struct process_io *io) MUST_CHECK;
/*
 * Runs argv and takes its standard output (NUL added, at most max bytes: -EFBIG above);
 * stderr is taken too into *err if err is not NULL (caller frees both). In a group of its own;
 * killed after seconds (0: never): -ETIMEDOUT. Exit status or -errno.
 */
int process_output(char *const argv[], unsigned int seconds, size_t max, char **out,
		   size_t *len, char **err) MUST_CHECK;
/* True if name (no slash: by PATH) can be executed. */
bool process_exists(const char *name);

/* Splits a command as a shell's quoting would ('..', "..", \): no expansion at all. */
/* NULL-terminated, free with argv_free(); -EINVAL on an open quote. */
int process_split(const char *text, char ***argv) MUST_CHECK;
