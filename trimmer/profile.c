// SPDX-License-Identifier: Apache-2.0
/*
 * profile.c - from notes of system calls to a profile for docker, podman and Kubernetes
 *
 * In: logs. Out: the union of their calls by name, with the runtime's own. What a run did not do is
 * refused: with ENOSYS, so that a C library that tries a newer call first falls back to an older.
 */
#include "profile.h"
#include "diag.h"
#include "logfile.h"
#include "tlog.h"

#include <seccomp.h>
#include <stdio.h>

static const struct {
	const char *text; /* in logs */
	uint32_t arch;	  /* libseccomp's */
	const char *name; /* in profiles */
	enum profile_abi native;
} abis[PROFILE_N_ABIS] = {
	[PROFILE_X86_64] = { "x86_64", SCMP_ARCH_X86_64, "SCMP_ARCH_X86_64", PROFILE_X86_64 },
	[PROFILE_X32] = { "x32", SCMP_ARCH_X32, "SCMP_ARCH_X32", PROFILE_X86_64 },
	[PROFILE_I386] = { "i386", SCMP_ARCH_X86, "SCMP_ARCH_X86", PROFILE_X86_64 },
	[PROFILE_ARM64] = { "arm64", SCMP_ARCH_AARCH64, "SCMP_ARCH_AARCH64", PROFILE_ARM64 },
	[PROFILE_ARM] = { "arm", SCMP_ARCH_ARM, "SCMP_ARCH_ARM", PROFILE_ARM64 },
};

/*
 * What runs under the profile before the application does, and what no run may show. runc (Go) and
 * crun (C) load it, then drop capabilities, change ids and directory, close descriptors and execute;
 * without no_new_privs they load it before all of that. Go's own threads, timers and memory go on
 * meanwhile.
 */
static const struct {
	const char *why;
	const char *calls[44];
} always[] = {
	{ "to execute, with ids and capabilities set",
	  { "capget",	 "capset",    "chdir",	   "execve",	"fchdir",  "getcwd",
	    "getegid",	 "geteuid",   "getgid",	   "getuid",	"getppid", "prctl",
	    "setfsgid",	 "setfsuid",  "setgid",	   "setgroups", "setpgid", "setresgid",
	    "setresuid", "setsid",    "setuid",	   "umask",	"fchown",  "keyctl",
	    "ioctl",	 "faccessat", "faccessat2" } },
	{ "descriptors of the runtime",
	  { "close", "close_range", "dup3", "fcntl", "fstat", "fstatfs", "getdents64",
	    "newfstatat", "openat", "openat2", "read", "readlinkat", "write", "pipe2", "poll",
	    "ppoll", "recvmsg", "sendmsg", "statx" } },
	{ "Go's runtime", { "clone",	       "clone3",
			    "epoll_create1",   "epoll_ctl",
			    "epoll_pwait",     "epoll_wait",
			    "eventfd2",	       "futex",
			    "getpid",	       "gettid",
			    "madvise",	       "mmap",
			    "mprotect",	       "munmap",
			    "nanosleep",       "clock_gettime",
			    "clock_nanosleep", "pread64",
			    "prlimit64",       "rt_sigaction",
			    "sched_yield",     "sched_getaffinity",
			    "sigaltstack",     "tgkill",
			    "rt_sigprocmask",  "seccomp",
			    "timer_create",    "timer_settime",
			    "timer_delete",    "setitimer" } },
	{ "a program's start",
	  { "arch_prctl", "brk", "getrandom", "rseq", "set_robust_list", "set_tid_address",
	    "access", "mremap" } },
	{ "its end, and signals at any time",
	  { "exit", "exit_group", "kill", "restart_syscall", "rt_sigreturn", "sigreturn",
	    "tkill" } },
};

/* ---- logs --------------------------------------------------------------------------------- */

/* "x86_64 257" */
static void take_note(struct profile *p, const char *text)
{
	size_t len = strcspn(text, " ");
	char *end;
	unsigned long nr;

	if (!text[len])
		return;
	nr = strtoul(text + len + 1, &end, 10);
	for (size_t i = 0; i < PROFILE_N_ABIS && !*end && nr < PROFILE_N_CALLS; i++)
		if (strlen(abis[i].text) == len && strncmp(abis[i].text, text, len) == 0)
			p->called[i][nr] = true;
}

int profile_add(struct profile *p, const void *log, size_t len)
{
	struct tlog_reader *reader;
	struct tlog_record rec;
	bool with = false;
	int r = tlog_reader_new(log, len, &reader);

	if (r < 0)
		return r;
	while (tlog_next(reader, &rec) > 0) {
		if (rec.kind == TLOG_HEADER) {
			p->n_runs++;
			with = false;
		}
		if (rec.kind != TLOG_NOTE)
			continue;
		if (rec.code == TLOG_NOTE_SYSCALL) {
			take_note(p, rec.text);
			p->n_with += !with;
			with = true;
		} else if (rec.code == TLOG_NOTE_LOST) {
			p->n_lost += rec.count;
		} else if (rec.code == TLOG_NOTE_DAMAGED) {
			p->n_cut_off++;
		}
	}
	p->n_cut_off += tlog_reader_state(reader, NULL, NULL) == TLOG_DAMAGED;
	tlog_reader_free(reader);
	return 0;
}

static int add_log(void *p, struct logfile *file)
{
	int r = profile_add(p, file->data, file->len);

	return r < 0 ? diag_fail(r, "%s is no trace log", file->name) : 0;
}

int profile_add_all(struct profile *p, char *const words[], size_t n)
{
	return logfile_each(words, n, add_log, p);
}

/* ---- names -------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names, which must be freed; with the runtime's. Returns how many numbers have none. */
static size_t collect(const struct profile *p, char **names, size_t *n)
{
	size_t n_unknown = 0;

	for (size_t abi = 0; abi < PROFILE_N_ABIS; abi++) {
		for (int nr = 0; nr < PROFILE_N_CALLS; nr++) {
			char *name =
				p->called[abi][nr]
					? seccomp_syscall_resolve_num_arch(abis[abi].arch, nr)
					: NULL;

			if (name)
				names[(*n)++] = name;
			else
				n_unknown += p->called[abi][nr];
		}
	}
	return n_unknown;
}

static struct json *names_json(char **names, size_t n)
{
	struct json *list = json_new_array();

	qsort(names, n, sizeof(*names), compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			json_add_text(list, names[i]);
	return list;
}

/* ---- the profile -------------------------------------------------------------------------- */

static bool is_used(const struct profile *p, size_t abi)
{
	for (size_t nr = 0; nr < PROFILE_N_CALLS; nr++)
		if (p->called[abi][nr])
			return true;
	return false;
}

/* Other ABIs of an architecture only if a run used them: else their calls are a way around. */
static struct json *arch_map(const struct profile *p)
{
	struct json *map = json_new_array();

	for (size_t abi = 0; abi < PROFILE_N_ABIS; abi++) {
		struct json *entry, *below;
		bool used = false;

		for (size_t sub = 0; sub < PROFILE_N_ABIS; sub++)
			used |= abis[sub].native == abi && is_used(p, sub);
		if (!used)
			continue;
		entry = json_new_object();
		below = json_new_array();
		json_set_text(entry, "architecture", abis[abi].name);
		for (size_t sub = 0; sub < PROFILE_N_ABIS; sub++)
			if (sub != abi && abis[sub].native == abi && is_used(p, sub))
				json_add_text(below, abis[sub].name);
		json_set(entry, "subArchitectures", below);
		json_add(map, entry);
	}
	return map;
}

struct json *profile_json(const struct profile *p, size_t *n_unknown)
{
	struct json *o = json_new_object(), *rules = json_new_array();
	struct json *rule = json_new_object();
	cleanup_free char **names =
		xcalloc(PROFILE_N_ABIS * PROFILE_N_CALLS +
				ARRAY_SIZE(always) * ARRAY_SIZE(always[0].calls),
			sizeof(char *));
	size_t n = 0;

	*n_unknown = collect(p, names, &n);
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		for (const char *const *call = always[i].calls; *call; call++)
			names[n++] = xstrdup(*call);
	json_set_text(o, "defaultAction", "SCMP_ACT_ERRNO");
	json_set(o, "defaultErrnoRet", json_new_size(ENOSYS));
	json_set(o, "archMap", arch_map(p));
	json_set(rule, "names", names_json(names, n));
	json_set_text(rule, "action", "SCMP_ACT_ALLOW");
	json_add(rules, rule);
	json_set(o, "syscalls", rules);
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	return o;
}
