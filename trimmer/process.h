// SPDX-License-Identifier: Apache-2.0
/*
 * process.h - other programs; the one door to fork and exec
 *
 * Programs are found by PATH and run without a shell.
 */
#pragma once

#include "base.h"

#include <sys/types.h>

struct process_io {
	int in, out, err; /* -1: inherited; -2: /dev/null. Borrowed */
};

/* Starts argv[0]; the exec error comes back here. The pid, or -errno. */
pid_t process_start(char *const argv[], const struct process_io *io) MUST_CHECK;
/* Waits: exit status 0-255, 128 + signal, or -errno. */
int process_wait(pid_t pid) MUST_CHECK;
/* The same without waiting: 1 and *status if it ended, 0 if not. */
int process_poll(pid_t pid, int *status) MUST_CHECK;
/* start and wait. */
int process_run(char *const argv[], const struct process_io *io) MUST_CHECK;
/*
 * Runs argv and takes its standard output (NUL added, at most max bytes); stderr is taken too
 * into *err if err is not NULL (caller frees both). Exit status or -errno.
 */
int process_output(char *const argv[], size_t max, char **out, size_t *len,
		   char **err) MUST_CHECK;

/* Splits a command as a shell's quoting would ('..', "..", \): no expansion at all. */
/* NULL-terminated, free with argv_free(); -EINVAL on an open quote. */
int process_split(const char *text, char ***argv) MUST_CHECK;
