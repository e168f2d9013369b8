// SPDX-License-Identifier: Apache-2.0
/*
 * event_ptrace.c - the engine on ptrace(2): calls that a filter marks stop once, or all stop twice
 *
 * In: wait statuses. Out: events. Never looks at memory or paths, keeps nothing of a thread.
 *
 * PTRACE_SEIZE, because only then a stop by job control can be told from a signal and left in
 * place (PTRACE_LISTEN). Without a filter no PTRACE_O_EXITKILL: if the tracer dies, the kernel
 * lets go of all and the application runs on. What a stop is follows from its status:
 *
 *	SIGTRAP|0x80			system call (PTRACE_O_TRACESYSGOOD)
 *	SIGTRAP, event in bits 16-23	clone, exec, exit, a filter's, or PTRACE_EVENT_STOP (new,
 *					interrupted)
 *	stop signal, PTRACE_EVENT_STOP	stopped by job control
 *	any signal, no event		that signal is about to be delivered
 *
 * With a filter threads run by PTRACE_CONT, and by PTRACE_SYSCALL only from a filter's stop (which
 * comes behind the entry) to the return that somebody wants. Nothing can come between the two: a
 * call that a signal interrupts returns first, and is made anew.
 */
#include "event.h"
#include "regs.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#define OPTIONS                                                             \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
	 PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

struct ptrace_events {
	struct events base;
	bool filtered;
	pid_t wanted;  /* whose call shall stop at its return, 0 none */
	bool has_info; /* PTRACE_GET_SYSCALL_INFO: Linux 5.3 */
};

/* ---- one stop -------------------------------------------------------------------------- */

static enum call_abi abi_of(uint32_t audit_arch)
{
	switch (audit_arch) {
	case REGS_AUDIT_I386:
		return CALL_I386;
	case REGS_AUDIT_ARM64:
		return CALL_ARM64;
	case REGS_AUDIT_X86_64:
		return CALL_X86_64;
	default:
		return CALL_OTHER;
	}
}

/* The entry of a call: of a stop of either kind, whose answers differ only in name. */
static void take_entry(struct event *ev, uint32_t arch, uint64_t nr, const uint64_t *args)
{
	ev->kind = EVENT_CALL;
	ev->call.abi = abi_of(arch);
	ev->call.nr = nr;
	for (int i = 0; i < CALL_N_ARGS; i++)
		ev->call.args[i] = args[i];
}

/* False when the thread died meanwhile, or stands in no system call. */
static bool take_syscall(const struct ptrace_events *events, struct event *ev)
{
	struct __ptrace_syscall_info info;

	if (!events->has_info)
		return regs_syscall(ev);
	if (ptrace(PTRACE_GET_SYSCALL_INFO, ev->pid, sizeof(info), &info) <= 0)
		return false;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		take_entry(ev, info.arch, info.entry.nr, info.entry.args);
		return true;
	}
	ev->kind = EVENT_RETURN;
	ev->result = info.exit.rval;
	return info.op == PTRACE_SYSCALL_INFO_EXIT;
}

static unsigned long event_message(pid_t pid)
{
	unsigned long message = 0;

	if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &message) < 0)
		return 0;
	return message;
}

/*
 * A filter wants the call seen. If it is not ours but one of the application's, which has no
 * tracer of its own to ask, the call must fail as it would without us.
 */
static void take_filtered(const struct ptrace_events *events, struct event *ev)
{
	struct __ptrace_syscall_info info;
	unsigned long mark;

	ev->kind = EVENT_CONTINUED;
	if (events->has_info) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, ev->pid, sizeof(info), &info) <= 0)
			return;
		mark = info.seccomp.ret_data;
		take_entry(ev, info.arch, info.seccomp.nr, info.seccomp.args);
	} else {
		mark = event_message(ev->pid);
		if (regs_call(ev->pid, &ev->call) < 0)
			return;
		ev->kind = EVENT_CALL;
	}
	if (mark != EVENT_TRACE_MARK && regs_answer(ev->pid, -ENOSYS) == 0)
		ev->kind = EVENT_CONTINUED;
}

/* PTRACE_EVENT_STOP: a new thread, a stop by job control, or an end of one. */
static void take_stop(struct event *ev, int signal)
{
	if (signal == SIGTRAP)
		ev->kind = EVENT_NEW;
	else
		ev->kind = EVENT_STOPPED;
	ev->signal = signal;
}

/* The kernel does not tell the call of such a stop. */
static void take_caller(struct event *ev)
{
	if (regs_call(ev->pid, &ev->call) < 0)
		ev->call.nr = EVENT_NO_CALL;
}

static void take_event(const struct ptrace_events *events, struct event *ev, int what,
		       int signal)
{
	switch (what) {
	case PTRACE_EVENT_SECCOMP:
		take_filtered(events, ev);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		ev->kind = EVENT_CHILD;
		ev->child = (pid_t)event_message(ev->pid);
		take_caller(ev);
		break;
	case PTRACE_EVENT_EXEC:
		ev->kind = EVENT_EXEC;
		ev->former = (pid_t)event_message(ev->pid);
		break;
	case PTRACE_EVENT_EXIT:
		ev->kind = EVENT_EXITING;
		ev->status = (int)event_message(ev->pid);
		take_caller(ev);
		break;
	case PTRACE_EVENT_STOP:
		take_stop(ev, signal);
		break;
	default:
		ev->kind = EVENT_CONTINUED;
	}
}

static void take_status(const struct ptrace_events *events, struct event *ev, int status)
{
	int signal, what;

	if (!WIFSTOPPED(status)) {
		ev->kind = EVENT_GONE;
		ev->status = status;
		return;
	}
	signal = WSTOPSIG(status);
	what = status >> 16;
	if (signal == (SIGTRAP | 0x80)) {
		if (!take_syscall(events, ev))
			ev->kind = EVENT_CONTINUED;
	} else if (what) {
		take_event(events, ev, what, signal);
	} else {
		ev->kind = EVENT_SIGNAL;
		ev->signal = signal;
	}
}

/* ---- the interface --------------------------------------------------------------------- */

static int ptrace_next(struct events *events, struct event *event)
{
	struct event ev = { 0 };
	int status;

	do {
		ev.pid = wait4(-1, &status, __WALL, NULL);
	} while (ev.pid < 0 && errno == EINTR);
	if (ev.pid < 0)
		return errno == ECHILD ? 0 : -errno;
	take_status((struct ptrace_events *)events, &ev, status);
	*event = ev;
	return 1;
}

static void ptrace_resume(struct events *base, const struct event *event)
{
	struct ptrace_events *events = (struct ptrace_events *)base;
	long signal = event->kind == EVENT_SIGNAL ? event->signal : 0;
	bool syscall = !events->filtered || events->wanted == event->pid;

	events->wanted = 0;
	if (event->kind == EVENT_GONE)
		return;
	if (event->kind == EVENT_STOPPED)
		ptrace(PTRACE_LISTEN, event->pid, 0, 0);
	else
		ptrace(syscall ? PTRACE_SYSCALL : PTRACE_CONT, event->pid, 0, signal);
}

static bool ptrace_want_return(struct events *base, const struct event *event)
{
	((struct ptrace_events *)base)->wanted = event->pid;
	return true;
}

static int ptrace_answer(struct events *events UNUSED, const struct event *event, int value)
{
	return regs_answer(event->pid, value);
}

static int ptrace_set_first(struct events *events UNUSED, const struct event *event,
			    uint64_t value)
{
	return regs_set_first(event->pid, event->call.abi, value);
}

int event_peek(pid_t pid, uint64_t addr, long *word)
{
	errno = 0;
	*word = ptrace(PTRACE_PEEKDATA, pid, addr, 0);
	return errno ? -errno : 0;
}

/* Old kernels answer EIO to an unknown request, ours are told by any other answer. */
static bool probe_syscall_info(pid_t pid)
{
	struct __ptrace_syscall_info info;

	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0;
}

static void ptrace_close(struct events *events)
{
	free(events);
}

static const struct event_engine engine = {
	.next = ptrace_next,
	.resume = ptrace_resume,
	.want_return = ptrace_want_return,
	.answer = ptrace_answer,
	.set_first = ptrace_set_first,
	.close = ptrace_close,
};

int event_ptrace_open(pid_t pid, bool filtered, struct events **ret, struct event *first)
{
	/* One more stop a thread, so only where its end is the last that we would see. */
	long options = OPTIONS | (pid == 1 ? PTRACE_O_TRACEEXIT : 0) |
		       (filtered ? PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL : 0);
	struct event ev = { .pid = pid };
	struct ptrace_events *events;
	int status;

	if (ptrace(PTRACE_SEIZE, pid, 0, options) < 0)
		return -errno;
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0)
		return -errno;
	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFSTOPPED(status))
		return -ESRCH;
	events = xcalloc(1, sizeof(*events));
	events->base.engine = &engine;
	events->base.name = filtered ? "ptrace" : "plain";
	events->filtered = filtered;
	/* The variable is for the tests, which cannot bring an old kernel. */
	events->has_info = !getenv("IMAGETRIM_NO_SYSCALL_INFO") && probe_syscall_info(pid);
	/* Mostly the interruption, but a signal may have come first: it must not get lost. */
	take_status(events, &ev, status);
	*first = ev;
	*ret = &events->base;
	return 0;
}
