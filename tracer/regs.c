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

static int poke(pid_t pid, size_t field, long value)
{
	size_t at = offsetof(struct user, regs) + field;

	return ptrace(PTRACE_POKEUSER, pid, at, value) < 0 ? -errno : 0;
}

int regs_answer(pid_t pid, int value)
{
	int r = poke(pid, offsetof(struct user_regs_struct, orig_rax), -1L);

	/* With no valid number the kernel leaves the result as it is. */
	return r < 0 ? r : poke(pid, offsetof(struct user_regs_struct, rax), value);
}

int regs_set_first(pid_t pid, enum call_abi abi, uint64_t value)
{
	size_t field = abi == CALL_I386 ? offsetof(struct user_regs_struct, rbx)
					: offsetof(struct user_regs_struct, rdi);

	return poke(pid, field, (long)value);
}

/* A 64-bit program may call by int $0x80 (cd 80): the bytes before rip tell. */
static bool by_int80(pid_t pid, uint64_t rip)
{
	long word;

	return event_peek(pid, rip - 2, &word) == 0 && (word & 0xffff) == 0x80cd;
}

static void take_narrow(struct event_call *call, uint32_t nr, const uint32_t args[CALL_N_ARGS])
{
	call->abi = CALL_I386;
	call->nr = nr;
	for (int i = 0; i < CALL_N_ARGS; i++)
		call->args[i] = args[i];
}

static void take_wide(struct event_call *call, const struct user_regs_struct *r)
{
	const uint64_t args[CALL_N_ARGS] = { r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9 };

	call->abi = CALL_X86_64;
	call->nr = r->orig_rax;
	memcpy(call->args, args, sizeof(args));
}

static int read_regs(pid_t pid, union regs *regs, bool *narrow)
{
	struct iovec iov = { regs, sizeof(*regs) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov) < 0)
		return -errno;
	*narrow = iov.iov_len == sizeof(regs->narrow);
	return 0;
}

static void take_call(pid_t pid, const union regs *regs, bool narrow, struct event_call *call)
{
	const struct user_regs_struct *r = &regs->wide;
	const struct regs_i386 *n = &regs->narrow;

	if (narrow) {
		const uint32_t args[CALL_N_ARGS] = { n->ebx, n->ecx, n->edx,
						     n->esi, n->edi, n->ebp };

		take_narrow(call, n->orig_eax, args);
	} else if (by_int80(pid, r->rip)) {
		const uint32_t args[CALL_N_ARGS] = {
			(uint32_t)r->rbx, (uint32_t)r->rcx, (uint32_t)r->rdx,
			(uint32_t)r->rsi, (uint32_t)r->rdi, (uint32_t)r->rbp,
		};

		take_narrow(call, (uint32_t)r->orig_rax, args);
	} else {
		take_wide(call, r);
	}
}

int regs_call(pid_t pid, struct event_call *call)
{
	union regs regs;
	bool narrow = false;
	int r = read_regs(pid, &regs, &narrow);

	if (r == 0)
		take_call(pid, &regs, narrow, call);
	return r;
}

bool regs_syscall(struct event *ev)
{
	union regs regs;
	bool narrow = false;

	if (read_regs(ev->pid, &regs, &narrow) < 0)
		return false;
	ev->result = narrow ? (int32_t)regs.narrow.eax : (int64_t)regs.wide.rax;
	ev->kind = ev->result == -ENOSYS ? EVENT_CALL : EVENT_RETURN;
	if (ev->kind == EVENT_CALL)
		take_call(ev->pid, &regs, narrow, &ev->call);
	return true;
}

#elif defined(__aarch64__)

/* A 32-bit thread's are words: r0 to r15, and two more. */
union regs {
	struct user_regs_struct wide;
	uint32_t narrow[18];
};

static int read_regs(pid_t pid, union regs *regs, bool *narrow)
{
	struct iovec iov = { regs, sizeof(*regs) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov) < 0)
		return -errno;
	*narrow = iov.iov_len == sizeof(regs->narrow);
	return 0;
}

int regs_answer(pid_t pid, int value)
{
	union regs regs;
	bool narrow = false;
	int nr = -1, r = read_regs(pid, &regs, &narrow);
	struct iovec nr_iov = { &nr, sizeof(nr) };
	struct iovec regs_iov = { &regs, narrow ? sizeof(regs.narrow) : sizeof(regs.wide) };

	if (r < 0)
		return r;
	/* With a number that is none the kernel leaves the result as it is. */
	if (ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &nr_iov) < 0)
		return -errno;
	if (narrow)
		regs.narrow[0] = (uint32_t)value;
	else
		regs.wide.regs[0] = (uint64_t)(int64_t)value;
	return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &regs_iov) < 0 ? -errno : 0;
}

int regs_set_first(pid_t pid, enum call_abi abi, uint64_t value)
{
	union regs regs;
	bool narrow = false;
	int r = read_regs(pid, &regs, &narrow);
	struct iovec iov = { &regs, sizeof(regs.wide) };

	if (r < 0)
		return r;
	if (narrow || abi != CALL_ARM64)
		return -ENOSYS;
	regs.wide.regs[0] = value;
	return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov) < 0 ? -errno : 0;
}

/* No table says what a 32-bit call means: its number is enough. */
static void take_call(const union regs *r, bool narrow, struct event_call *call)
{
	const struct user_regs_struct *regs = &r->wide;

	call->abi = narrow ? CALL_OTHER : CALL_ARM64;
	call->nr = narrow ? r->narrow[7] : regs->regs[8];
	if (narrow)
		return;
	for (int i = 0; i < CALL_N_ARGS; i++)
		call->args[i] = regs->regs[i];
}

int regs_call(pid_t pid, struct event_call *call)
{
	union regs regs;
	bool narrow = false;
	int r = read_regs(pid, &regs, &narrow);

	if (r == 0)
		take_call(&regs, narrow, call);
	return r;
}

bool regs_syscall(struct event *ev)
{
	union regs regs;
	bool narrow = false;

	if (read_regs(ev->pid, &regs, &narrow) < 0)
		return false;
	/* x7 (r12) is 0 at an entry stop, 1 at an exit stop (arch/arm64/kernel/ptrace.c). */
	ev->kind = (narrow ? regs.narrow[12] : regs.wide.regs[7]) ? EVENT_RETURN : EVENT_CALL;
	if (ev->kind == EVENT_CALL)
		take_call(&regs, narrow, &ev->call);
	else
		ev->result = narrow ? (int32_t)regs.narrow[0] : (int64_t)regs.wide.regs[0];
	return true;
}

#else
#error "regs.c knows x86-64 and arm64 only"
#endif
