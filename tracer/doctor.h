// SPDX-License-Identifier: Apache-2.0
/*
 * doctor.h - says what of the tracer works in this place, before anything is recorded
 *
 * Nothing is left behind: each probe is made by a child that ends at once.
 */
#pragma once

#include "settings.h"

/* Each 0, or -errno as the kernel answered. */
struct doctor_probes {
	int ptrace;	/* a child may seize its parent, as the tracer does */
	int filter;	/* a seccomp filter, with no_new_privs set */
	int privileged; /* the same without it (CAP_SYS_ADMIN) */
	int listener;	/* a filter with a listener */
	int sync;	/* the listener wakes its other side on the same CPU */
	int vm_readv;	/* process_vm_readv(2) of a child */
	int mem;	/* /proc/PID/mem of a child */
	int io_uring;
};

/* Prints what it finds on stdout. Returns the exit status: 0 when recording will work. */
int doctor_run(const struct settings *s);

/* doctor_probe.c: asks the kernel; changes nothing of this process. */
void doctor_probe(struct doctor_probes *probes);
/* 0 when a file can be made in dir and holds a page; the file is gone afterwards. */
int doctor_probe_dir(const char *dir);
