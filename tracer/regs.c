// SPDX-License-Identifier: Apache-2.0
/*
 * regs.c - registers by PTRACE_GETREGSET
 *
 * In: a stopped thread. Out: its call. Keeps nothing: entry and exit are told apart by the
 * registers alone. x86: at entry the kernel has put -ENOSYS into the result; a call that
 * really returned ENOSYS looks like one more entry, which the next entry replaces.
 */
#include "regs.h"

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#if defined(__x86_64__)

/* struct user_regs_struct of a 32-bit process, words in the kernel's order. */
struct regs_i386 {
	uint32_t ebx, ecx, edx, esi, edi, ebp, eax, xds, xes, xfs, xgs, orig_eax;
	uint32_t eip, xcs, eflags, esp, xss;
};

union regs {
	struct user_regs_struct wide;
	struct regs_i386 narrow;
};

int regs_deny(pid_t pid)
{
	size_t at = offsetof(struct user, regs) + offsetof(struct user_regs_struct, orig_rax);

	/* With no valid number the kernel leaves the -ENOSYS it put into rax at entry. */
	return ptrace(PTRACE_POKEUSER, pid, at, -1L) < 0 ? -errno : 0;
}

/* A 64-bit program may call by int $0x80 (cd 80): the bytes before rip tell. */
static bool by_int80(pid_t pid, uint64_t rip)
{
	long word;

	return event_peek(pid, rip - 2, &word) == 0 && (word & 0xffff) == 0x80cd;
}

static void take_narrow(struct event *ev, uint32_t nr, const uint32_t args[CALL_N_ARGS])
{
	ev->call.abi = CALL_I386;
	ev->call.nr = nr;
	for (int i = 0; i < CALL_N_ARGS; i++)
		ev->call.args[i] = args[i];
}

static void take_wide(struct event *ev, const struct user_regs_struct *r)
{
	const uint64_t args[CALL_N_ARGS] = { r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9 };

	ev->call.abi = CALL_X86_64;
	ev->call.nr = r->orig_rax;
	memcpy(ev->call.args, args, sizeof(args));
}

static void take_call(struct event *ev, const struct user_regs_struct *r)
{
	ev->kind = EVENT_CALL;
	if (by_int80(ev->pid, r->rip)) {
		const uint32_t args[CALL_N_ARGS] = {
			(uint32_t)r->rbx, (uint32_t)r->rcx, (uint32_t)r->rdx,
			(uint32_t)r->rsi, (uint32_t)r->rdi, (uint32_t)r->rbp,
		};

		take_narrow(ev, (uint32_t)r->orig_rax, args);
	} else {
		take_wide(ev, r);
	}
}

static void take_regs_i386(struct event *ev, const struct regs_i386 *r)
{
	const uint32_t args[CALL_N_ARGS] = { r->ebx, r->ecx, r->edx, r->esi, r->edi, r->ebp };

	if ((int32_t)r->eax == -ENOSYS) {
		ev->kind = EVENT_CALL;
		take_narrow(ev, r->orig_eax, args);
	} else {
		ev->kind = EVENT_RETURN;
		ev->result = (int32_t)r->eax;
	}
}

bool regs_syscall(struct event *ev)
{
	union regs regs;
	struct iovec iov = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, ev->pid, NT_PRSTATUS, &iov) < 0)
		return false;
	if (iov.iov_len == sizeof(regs.narrow)) {
		take_regs_i386(ev, &regs.narrow);
	} else if ((int64_t)regs.wide.rax == -ENOSYS) {
		take_call(ev, &regs.wide);
	} else {
		ev->kind = EVENT_RETURN;
		ev->result = (int64_t)regs.wide.rax;
	}
	return true;
}

#elif defined(__aarch64__)

int regs_deny(pid_t pid)
{
	int nr = -1;
	struct iovec iov = { &nr, sizeof(nr) };

	/* The kernel answers -ENOSYS to a number that is none. */
	return ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &iov) < 0 ? -errno : 0;
}

bool regs_syscall(struct event *ev)
{
	struct user_regs_struct regs;
	struct iovec iov = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, ev->pid, NT_PRSTATUS, &iov) < 0)
		return false;
	/* x7 is 0 at an entry stop and 1 at an exit stop (arch/arm64/kernel/ptrace.c). */
	if (regs.regs[7]) {
		ev->kind = EVENT_RETURN;
		ev->result = (int64_t)regs.regs[0];
		return true;
	}
	ev->kind = EVENT_CALL;
	ev->call.abi = CALL_ARM64;
	ev->call.nr = regs.regs[8];
	for (int i = 0; i < CALL_N_ARGS; i++)
		ev->call.args[i] = regs.regs[i];
	return true;
}

#else
#error "regs.c knows x86-64 and arm64 only"
#endif
