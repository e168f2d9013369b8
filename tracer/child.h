// SPDX-License-Identifier: Apache-2.0
/*
 * child.h - the tracer steps out of the application's way
 *
 * The process that was started becomes the application: it keeps its number (PID 1 in a
 * container), terminal, signals and exit status. The tracer is its child, cloned with exit
 * signal 0, which no waitpid(-1) of the application sees.
 */
#pragma once

#include "choice.h"
#include "listener.h"

#include <sys/types.h>

struct child_link {
	int fd; /* to the other side */
	pid_t main_pid;
	bool listens,
		filtered; /* the application carries a filter for a listener; for ptrace */
	struct listener listener; /* if it listens: the tracer's */
	pid_t keeper;		  /* ... the other who has it; 0 none */
	int alive;		  /* and what it must hold open while it lives; else -1 */
	int refused; /* in the application: a listener was, with this errno; 0 no */
};

/*
 * Splits the process. Returns 1 in the tracer (child_detach(), child_await(), then watch
 * link->main_pid, then child_ready()), 0 in the application once the tracer is ready: it may
 * execute. -errno in the application when there is no tracer or it reported this failure; if a
 * listener was refused nothing has changed but no_new_privs. The
 * tracer's side never returns into the caller's caller: it must _exit().
 */
int child_split(struct child_link *link, const struct choice *choice) MUST_CHECK;

/* In the tracer: waits until the application is to be traced. 0, or -errno if that failed. */
int child_await(struct child_link *link) MUST_CHECK;

/* In the tracer: tells the application to go on (0), or why it cannot be traced (-errno). */
void child_ready(struct child_link *link, int result);

/*
 * In the tracer, at first: lets go of everything that is the application's: descriptors but keep_fd
 * and the link's, directory, limits. Standard streams become /dev/null.
 */
void child_detach(int keep_fd, const struct child_link *link);

/* In the application: becomes the command. Returns only on failure, -errno. */
int child_exec(const char *file, char **argv) MUST_CHECK;
