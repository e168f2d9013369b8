// SPDX-License-Identifier: Apache-2.0
/*
 * choice.c - what the kernel has, what the rights allow, what nothing is lost by
 *
 * In: settings, probes, /proc. Out: an engine. no_new_privs takes set-id programs their
 * privilege. So does an unprivileged tracer (execve(2)): for it nothing more is lost.
 */
#include "choice.h"
#include "probe.h"
#include "rights.h"
#include "status.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

static void PRINTF_LIKE(2, 3) because(struct choice *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->why, sizeof(c->why), fmt, ap);
	va_end(ap);
}

/* What `imagetrim instrument` has found in the image (instrument.c of the trimmer). */
static bool set_id_is(const struct settings *s, const char *word)
{
	cleanup_free char *name = xasprintf("%s/../set-id", s->log_dir);
	cleanup_fd int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[4];

	return fd >= 0 && read(fd, text, sizeof(text)) == sizeof(text) &&
	       memcmp(text, word, sizeof(text)) == 0;
}

/*
 * True if by no_new_privs no program loses what it would have when traced by ptrace(2). Without
 * CAP_SYS_PTRACE that takes set-id programs their privilege, too, but not from a caller who may
 * change ids himself (execve(2)). If that is root, a program of root's gives it nothing: at most it
 * keeps its group.
 */
static bool loses_nothing(const struct settings *s)
{
	bool root = geteuid() == 0 && rights_capable(CAP_DAC_OVERRIDE);

	if (set_id_is(s, "none"))
		return true;
	if (rights_capable(CAP_SYS_PTRACE))
		return false;
	return (!rights_capable(CAP_SETUID) && !rights_capable(CAP_SETGID)) ||
	       (root && set_id_is(s, "root"));
}

/* Whether a filter may be installed, and how. */
static void choose_filter(const struct settings *s, struct choice *c)
{
	bool may_set = strcmp(s->no_new_privs, "yes") == 0 ||
		       (strcmp(s->no_new_privs, "auto") == 0 && loses_nothing(s));

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) > 0 || rights_capable(CAP_SYS_ADMIN)) {
		c->filters = true;
		c->no_new_privs = strcmp(s->no_new_privs, "yes") == 0;
	} else {
		c->filters = c->no_new_privs = may_set;
	}
}

static int need_filter(const struct settings *s, struct choice *c)
{
	if (c->filters)
		return 0;
	because(c, strcmp(s->no_new_privs, "no") == 0
			   ? "no_new_privs must not be set"
			   : "no_new_privs would take set-id programs their privilege");
	return -EPERM;
}

/* Yama lets a process read the memory of its descendants; the application's are not ours. */
static bool yama_forbids(void)
{
	cleanup_fd int fd = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);
	char c = '0';

	return fd >= 0 && read(fd, &c, 1) == 1 && c > '0' && !rights_capable(CAP_SYS_PTRACE);
}

/* Before, a filter's stop came in front of the call's entry. */
#define FILTER_MAJOR 4u
#define FILTER_MINOR 8u
/* The first that wakes a listener on the same CPU. */
#define SYNC_MAJOR 6u
#define SYNC_MINOR 6u

static bool is_older(unsigned int than_major, unsigned int than_minor)
{
	unsigned int major = 0, minor = 0;
	struct utsname uts;

	return uname(&uts) < 0 || sscanf(uts.release, "%u.%u", &major, &minor) != 2 ||
	       major < than_major || (major == than_major && minor < than_minor);
}

/*
 * A try costs two turns of the scheduler, some milliseconds on a busy machine. Where only another's
 * listener may stand in the way the installation is the try.
 */
static int try_listener(int refused)
{
	if (refused)
		return -refused;
	return is_older(SYNC_MAJOR, SYNC_MINOR) ? probe_try(PROBE_SYNC) : probe_listener();
}

/* 0, or -errno and why not. */
static int try_notify(const struct settings *s, int refused, struct choice *c)
{
	int r;

	r = need_filter(s, c);
	if (r < 0)
		return r;
	if (yama_forbids()) {
		because(c, "Yama lets only CAP_SYS_PTRACE read other processes");
		return -EPERM;
	}
	r = try_listener(refused);
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

static int try_ptrace(const struct settings *s, struct choice *c)
{
	int r = need_filter(s, c);

	if (r < 0)
		return r;
	r = is_older(FILTER_MAJOR, FILTER_MINOR)
		    ? -ENOSYS
		    : probe_try(c->no_new_privs ? PROBE_FILTER : PROBE_PRIVILEGED);
	if (r == -EBUSY)
		because(c, "another filter's listener takes the calls");
	else if (r < 0)
		because(c, "no seccomp filter (%s)", strerror(-r));
	return r;
}

static int take_notify(struct choice *c)
{
	c->listens = true;
	c->engine = "notify";
	return 0;
}

static int take_ptrace(struct choice *c)
{
	c->engine = "ptrace";
	return 0;
}

static int take_plain(struct choice *c)
{
	c->filters = c->all = c->no_new_privs = false;
	return 0;
}

/*
 * While nobody has taken a call from a listener, a signal ends it with EINTR, also one that never
 * does that. By ptrace(2) a stop is none that a signal can end, and costs the same on one CPU.
 */
static int take_for_all(const struct settings *s, int refused, struct choice *c)
{
	/* If another tracer traces this process the caller refuses, as with the other engines. */
	bool traced = status_number(getpid(), "TracerPid", 0) > 0;

	if (try_ptrace(s, c) == 0 && (traced || probe_try(PROBE_PTRACE) == 0)) {
		because(c, "with --syscalls, where each call stops");
		return take_ptrace(c);
	}
	return try_notify(s, refused, c) < 0 ? take_plain(c) : take_notify(c);
}

/* What is asked for cannot be. */
static int fail(struct choice *c, int r)
{
	take_plain(c);
	return r;
}

int choice_make(const struct settings *s, int refused, struct choice *c)
{
	int r;

	*c = (struct choice) { .engine = "plain" };
	choose_filter(s, c);
	because(c, "asked for");
	if (strcmp(s->engine, "plain") == 0)
		return take_plain(c);
	c->all = s->syscalls;
	if (strcmp(s->engine, "ptrace") == 0) {
		r = try_ptrace(s, c);
		return r < 0 ? fail(c, r) : take_ptrace(c);
	}
	if (strcmp(s->engine, "notify") == 0) {
		r = try_notify(s, refused, c);
		/* Slow, but there. */
		if ((r == -EINVAL || r == -ENOTTY) && probe_try(PROBE_LISTENER) == 0)
			r = 0;
		return r < 0 ? fail(c, r) : take_notify(c);
	}
	if (s->syscalls)
		return take_for_all(s, refused, c);
	if (try_notify(s, refused, c) == 0)
		return take_notify(c);
	return try_ptrace(s, c) < 0 ? take_plain(c) : take_ptrace(c);
}
