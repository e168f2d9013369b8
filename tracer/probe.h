// SPDX-License-Identifier: Apache-2.0
/*
 * probe.h - asks the kernel what works in this place, by trying it
 *
 * Mostly in children, for some of it cannot be undone; nothing of this process changes, not even a
 * SIGCHLD is left behind.
 */
#pragma once

#include "base.h"

enum probe {
	PROBE_PTRACE,	  /* a child may seize its parent, as the tracer does */
	PROBE_FILTER,	  /* a seccomp filter, with no_new_privs set */
	PROBE_PRIVILEGED, /* the same without setting it (CAP_SYS_ADMIN, or set already) */
	PROBE_LISTENER,	  /* a filter with a listener */
	PROBE_SYNC,	  /* ... that wakes its other side on the same CPU */
	PROBE_VM_READV,	  /* process_vm_readv(2) of a child */
	PROBE_MEM,	  /* /proc/PID/mem of a child */
	PROBE_IO_URING,
	PROBE_N,
};

/* 0, or -errno as the kernel answered. */
int probe_try(enum probe what) MUST_CHECK;
/* 0 if a filter may come with a listener; whether there is one already only installing it tells. */
int probe_listener(void) MUST_CHECK;
/* 0 when a file can be made in dir and holds a page; the file is gone afterwards. */
int probe_dir(const char *dir) MUST_CHECK;
