// SPDX-License-Identifier: Apache-2.0
/*
 * regs.h - the registers of a stopped thread, for the ptrace engine
 *
 * The one place that knows the machine: turning a call into an invalid one, and telling calls
 * on kernels before 5.3, which have no PTRACE_GET_SYSCALL_INFO.
 */
#pragma once

#include "event.h"

#define REGS_AUDIT_X86_64 0xc000003eu
#define REGS_AUDIT_I386	  0x40000003u
#define REGS_AUDIT_ARM64  0xc00000b7u

/* At the entry of a call: it is not made, and answers value. */
int regs_answer(pid_t pid, int value) MUST_CHECK;
/* The call that a thread stands in, wherever in it. -errno. */
int regs_call(pid_t pid, struct event_call *call) MUST_CHECK;
/* Fills ev as EVENT_CALL or EVENT_RETURN; false if the registers cannot be read. */
bool regs_syscall(struct event *ev);

/*
 * Another first argument for the call at whose entry pid stands, made by the rules of abi.
 * 0 or -errno.
 */
int regs_set_first(pid_t pid, enum call_abi abi, uint64_t value) MUST_CHECK;
