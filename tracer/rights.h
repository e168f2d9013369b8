// SPDX-License-Identifier: Apache-2.0
/*
 * rights.h - being the tracee's user for a moment
 *
 * A root tracer without CAP_SYS_PTRACE (Docker's default) may not look into /proc/PID of a
 * process that became another user; with that user's file-system ids it may. It must switch
 * only after EACCES (for a root tracee the switch would take rights away), and back at once.
 */
#pragma once

#include "base.h"

#include <sys/types.h>

/* True if the ids were switched; then rights_return() is due. Keeps errno. */
bool rights_borrow(pid_t pid);
void rights_return(void);

/* open(2) and readlink(2) of /proc/PID/NAME, with the switch where it is needed. -errno. */
int rights_open(pid_t pid, const char *name, int flags) MUST_CHECK;
ssize_t rights_readlink(pid_t pid, const char *name, char *buf, size_t size) MUST_CHECK;

/* True if this process has the capability, CAP_*. */
bool rights_capable(int cap);

/*
 * What decides as whom a process looks at files: its ids, groups and those of its capabilities
 * that matter, as one number; 0 unknown. Equal for two processes that the kernel answers alike.
 */
uint64_t rights_of(pid_t pid);
