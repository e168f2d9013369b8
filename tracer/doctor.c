// SPDX-License-Identifier: Apache-2.0
/*
 * doctor.c - a table of what is looked at; a row is a line, and a line of advice if it is not well
 *
 * In: the answers of probe.c, /proc, the log directory. Out: text and a verdict. A row
 * that says NO is a reason why nothing would be recorded; "less" is a limit that the log's
 * reader should know of.
 */
#include "doctor.h"
#include "choice.h"
#include "command.h"
#include "probe.h"
#include "rights.h"
#include "status.h"

#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#define FEW_BYTES (16ull << 20)

enum state {
	WELL,
	LESS,
	BAD
};

struct finding {
	enum state state;
	const char *advice; /* NULL: none is needed */
	char text[256];
};

struct doctor {
	const struct settings *settings;
	int probes[PROBE_N];
	struct choice choice;
	int chosen; /* 0, or -errno: what is asked for is not to be had */
};

static void PRINTF_LIKE(4, 5)
	say(struct finding *f, enum state state, const char *advice, const char *fmt, ...)
{
	va_list ap;

	f->state = state;
	f->advice = advice;
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
}

/* ---- the place ------------------------------------------------------------------------- */

static void look_kernel(const struct doctor *d UNUSED, struct finding *f)
{
	struct utsname u;

	if (uname(&u) < 0)
		say(f, LESS, "uname(2) should work everywhere", "unknown");
	else
		say(f, WELL, NULL, "Linux %s, %s", u.release, u.machine);
}

static void look_proc(const struct doctor *d UNUSED, struct finding *f)
{
	char link[32] = "", pid[32];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (readlink("/proc/self", link, sizeof(link) - 1) < 0 || strcmp(link, pid) != 0)
		say(f, BAD, "mount proc on /proc, of this pid namespace",
		    "does not show this process");
	else
		say(f, WELL, NULL, "shows this process, %s", pid);
}

static void look_user(const struct doctor *d UNUSED, struct finding *f)
{
	say(f, WELL, NULL, "uid %u, gid %u", geteuid(), getegid());
}

static void look_capabilities(const struct doctor *d UNUSED, struct finding *f)
{
	bool trace = rights_capable(CAP_SYS_PTRACE), admin = rights_capable(CAP_SYS_ADMIN);

	say(f, trace ? WELL : LESS,
	    trace ? NULL
		  : "set-id programs and some of other users are not seen whole; --cap-add SYS_PTRACE",
	    "CAP_SYS_PTRACE %s, CAP_SYS_ADMIN %s", trace ? "yes" : "no", admin ? "yes" : "no");
}

static void look_no_new_privs(const struct doctor *d, struct finding *f)
{
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) > 0)
		say(f, WELL, NULL, "set: set-id programs have no privilege, traced or not");
	else if (d->choice.no_new_privs)
		say(f, WELL, NULL, "not set; will be, for a filter");
	else if (!d->choice.filters)
		say(f, LESS,
		    "each call is slower; --no-new-privs=yes if no set-id program is used",
		    "not set, and will not be");
	else
		say(f, WELL, NULL, "not set");
}

static void look_seccomp(const struct doctor *d UNUSED, struct finding *f)
{
	static const char *const modes[] = { "no profile", "strict", "a profile" };
	long mode = status_number(getpid(), "Seccomp", 0);
	long filters = status_number(getpid(), "Seccomp_filters", -1);

	if (mode < 0 || mode > 2)
		mode = 0;
	if (mode && filters > 0)
		say(f, WELL, NULL, "%s, filters: %ld", modes[mode], filters);
	else
		say(f, WELL, NULL, "%s", modes[mode]);
}

static void look_yama(const struct doctor *d UNUSED, struct finding *f)
{
	static const char *const scopes[] = { "0, no limit",
					      "1, descendants; the tracer is named",
					      "2, only with CAP_SYS_PTRACE", "3, nobody" };
	FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
	int c = file ? fgetc(file) : EOF;

	if (file)
		fclose(file);
	if (c < '0' || c > '3')
		say(f, WELL, NULL, "none");
	else
		say(f, c < '2' ? WELL : LESS,
		    c < '2' ? NULL : "on the host: sysctl kernel.yama.ptrace_scope=1",
		    "ptrace_scope %s", scopes[c - '0']);
}

/* ---- means of tracing ------------------------------------------------------------------ */

static void look_tracer(const struct doctor *d, struct finding *f)
{
	long pid = status_number(getpid(), "TracerPid", 0);

	if (pid > 0 && d->choice.listens)
		say(f, WELL, NULL,
		    "process %ld traces this one, which a listener does not mind", pid);
	else if (pid > 0)
		say(f, BAD, "start the command outside of that; a thread has one tracer",
		    "this process is traced by process %ld", pid);
	else
		say(f, WELL, NULL, "this process is not traced");
}

static void look_ptrace(const struct doctor *d, struct finding *f)
{
	int r = d->probes[PROBE_PTRACE];

	if (r < 0)
		say(f, d->choice.listens ? LESS : BAD,
		    "--cap-add SYS_PTRACE, or a seccomp profile that allows ptrace", "%s",
		    strerror(-r));
	else
		say(f, WELL, NULL, "a child may trace its parent");
}

static void look_filter(const struct doctor *d, struct finding *f)
{
	if (d->probes[PROBE_FILTER] < 0)
		say(f, LESS,
		    "each system call stops, not only those with a path: allow seccomp(2)",
		    "%s", strerror(-d->probes[PROBE_FILTER]));
	else
		say(f, WELL, NULL,
		    d->probes[PROBE_PRIVILEGED] < 0 ? "with no_new_privs only"
						    : "without no_new_privs, too");
}

static void look_listener(const struct doctor *d, struct finding *f)
{
	int r = d->probes[PROBE_LISTENER];

	if (r == -EBUSY)
		say(f, LESS, "ptrace is used instead", "there is one already");
	else if (r < 0)
		say(f, LESS, "ptrace is used instead; listeners need Linux 5.5", "%s",
		    strerror(-r));
	else
		say(f, WELL, NULL, "seccomp user notification");
}

static void look_sync(const struct doctor *d, struct finding *f)
{
	if (d->probes[PROBE_SYNC] < 0)
		say(f, LESS, "slower where CPUs idle; needs Linux 6.6", "%s",
		    strerror(-d->probes[PROBE_SYNC]));
	else
		say(f, WELL, NULL, "the listener's switch stays on one CPU");
}

static void look_engine(const struct doctor *d, struct finding *f)
{
	if (d->chosen < 0)
		say(f, BAD, "--engine auto takes what there is", "no %s: %s",
		    d->settings->engine, d->choice.why);
	else
		say(f, WELL, NULL, "%s: %s", d->choice.engine, d->choice.why);
}

static void look_keeper(const struct doctor *d, struct finding *f)
{
	if (d->choice.listens)
		say(f, WELL, NULL, "the command goes on if the tracer dies");
	else
		say(f, WELL, NULL, "none; the engine notify has one");
}

static void look_memory(const struct doctor *d, struct finding *f)
{
	bool call = d->probes[PROBE_VM_READV] == 0, file = d->probes[PROBE_MEM] == 0;

	if (call || file)
		say(f, WELL, NULL, "by %s%s%s", call ? "process_vm_readv" : "",
		    call && file ? " and " : "", file ? "/proc/PID/mem" : "");
	else
		say(f, LESS, "paths are read word by word; --cap-add SYS_PTRACE",
		    "by ptrace only (%s)", strerror(-d->probes[PROBE_MEM]));
}

static void look_io_uring(const struct doctor *d, struct finding *f)
{
	int r = d->probes[PROBE_IO_URING];

	if (r < 0)
		say(f, WELL, NULL, "not to be had here (%s)", strerror(-r));
	else
		say(f, WELL, NULL, "works; a traced program is told that it does not");
}

/* ---- the log --------------------------------------------------------------------------- */

static void look_log(const struct doctor *d, struct finding *f)
{
	const char *dir = d->settings->log_dir;
	struct statvfs fs;
	uint64_t bytes;
	int r = probe_dir(dir);

	if (r < 0) {
		say(f, BAD, "mount a volume there that this user may write, or see --log-dir",
		    "%s: %s", dir, strerror(-r));
		return;
	}
	if (statvfs(dir, &fs) < 0) {
		say(f, WELL, NULL, "%s can be written", dir);
		return;
	}
	bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	say(f, bytes < FEW_BYTES ? LESS : WELL,
	    bytes < FEW_BYTES ? "a full disk harms the log, not the command" : NULL,
	    "%s can be written, %llu MB free", dir, (unsigned long long)(bytes >> 20));
}

static const struct {
	const char *name;
	void (*look)(const struct doctor *, struct finding *);
} rows[] = {
	{ "kernel", look_kernel },
	{ "user", look_user },
	{ "capabilities", look_capabilities },
	{ "no_new_privs", look_no_new_privs },
	{ "seccomp", look_seccomp },
	{ "yama", look_yama },
	{ "proc", look_proc },
	{ "tracer", look_tracer },
	{ "ptrace", look_ptrace },
	{ "filter", look_filter },
	{ "listener", look_listener },
	{ "sync-wake-up", look_sync },
	{ "engine", look_engine },
	{ "keeper", look_keeper },
	{ "memory", look_memory },
	{ "io_uring", look_io_uring },
	{ "log", look_log },
};

int doctor_run(const struct settings *s)
{
	static const char *const words[] = { "ok", "less", "NO" };
	struct doctor d = { .settings = s };
	const char *reason = NULL;
	struct finding f;

	for (int i = 0; i < PROBE_N; i++)
		d.probes[i] = probe_try((enum probe)i);
	d.chosen = choice_make(s, -d.probes[PROBE_SYNC], &d.choice);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		rows[i].look(&d, &f);
		printf("%-4s  %-12s  %s\n", words[f.state], rows[i].name, f.text);
		if (f.advice)
			printf("%20s(%s)\n", "", f.advice);
		if (f.state == BAD && !reason)
			reason = rows[i].name;
	}
	if (reason)
		printf("recording will not work here: %s\n", reason);
	else
		printf("recording works here\n");
	if (fflush(stdout) != 0)
		return COMMAND_FAILED;
	return reason ? 1 : 0;
}
