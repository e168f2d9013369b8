// SPDX-License-Identifier: Apache-2.0
/*
 * choice.c - what the kernel has, what the rights allow, what nothing is lost by
 *
 * In: settings, probes, /proc. Out: an engine. no_new_privs takes set-id programs their
 * privilege. So does an unprivileged tracer (execve(2)): where the tracer has no CAP_SYS_PTRACE
 * nothing more is lost by it.
 */
#include "choice.h"
#include "probe.h"
#include "status.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>

static bool capable(int cap)
{
	return status_hex(getpid(), "CapEff", 0) >> cap & 1;
}

static void PRINTF_LIKE(2, 3) because(struct choice *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
}

/* Whether a filter may be installed, and how. */
static void choose_filter(const struct settings *s, struct choice *c)
{
	bool may_set = strcmp(s->no_new_privs, "yes") == 0 ||
		       (strcmp(s->no_new_privs, "auto") == 0 && !capable(CAP_SYS_PTRACE));

	if (status_number(getpid(), "NoNewPrivs", 0) > 0 || capable(CAP_SYS_ADMIN)) {
		c->filters = true;
		c->no_new_privs = strcmp(s->no_new_privs, "yes") == 0;
	} else {
		c->filters = c->no_new_privs = may_set;
	}
}

/* Yama lets a process read the memory of its descendants; the application's are not ours. */
static bool yama_forbids(void)
{
	cleanup_fd int fd = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);
	char c = '0';

	return fd >= 0 && read(fd, &c, 1) == 1 && c > '0' && !capable(CAP_SYS_PTRACE);
}

/* 0, or -errno and why not. */
static int try_notify(const struct settings *s, struct choice *c)
{
	int r;

	if (!c->filters) {
		because(c, strcmp(s->no_new_privs, "no") == 0
				   ? "no_new_privs must not be set"
				   : "no_new_privs would take set-id programs their privilege");
		return -EPERM;
	}
	if (yama_forbids()) {
		because(c, "Yama lets only CAP_SYS_PTRACE read other processes");
		return -EPERM;
	}
	r = probe_try(PROBE_SYNC);
	if (r == 0) {
		because(c, "a listener with synchronous wake-up");
		return 0;
	}
	if (r == -EBUSY)
		because(c, "there is a seccomp listener already");
	else if (r == -EINVAL || r == -ENOTTY)
		because(c, "no synchronous wake-up; needs Linux 6.6");
	else
		because(c, "no seccomp listener (%s)", strerror(-r));
	return r;
}

int choice_make(const struct settings *s, struct choice *c)
{
	bool only_notify = strcmp(s->engine, "notify") == 0;
	int r;

	*c = (struct choice) { .engine = "ptrace" };
	choose_filter(s, c);
	if (strcmp(s->engine, "ptrace") == 0) {
		because(c, "asked for");
		return 0;
	}
	if (!only_notify) {
		because(c, "the notify engine is new, and must be asked for");
		return 0;
	}
	r = try_notify(s, c);
	/* Slow, but there. */
	if (only_notify && (r == -EINVAL || r == -ENOTTY) && probe_try(PROBE_LISTENER) == 0)
		r = 0;
	if (r == 0) {
		c->listens = true;
		c->engine = "notify";
	}
	return only_notify ? r : 0;
}
