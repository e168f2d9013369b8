// SPDX-License-Identifier: Apache-2.0
/*
 * tracer.c - main of imagetrim-tracer; a map of the program
 *
 * Runs a command and writes down which files it and its children use, unseen by them.
 *
 *	settings.c	options and environment		  \
 *	command.c	the command's file by PATH	   | before the command runs: a failure
 *	runinfo.c	the log's header		   | ends it with a message and 125
 *	choice.c	which engine, by probe.c	   |
 *	  filter.c	  which calls stop at all	   |
 *	child.c		application and tracer part	  /
 *	  keeper.c	for the day the tracer dies
 *	doctor.c	a verb: what would work here
 *	catlogs.c	verbs: the logs as one stream
 *
 *	event.h		waits; one event at a time	  \
 *	  event_ptrace.c, regs.c	by ptrace	   |
 *	  event_notify.c, listener.c	by a listener	   |
 *	recorder.c	what an event means for the log	   |
 *	  sight.c	  what the engine did not tell	   |
 *	  tracee.c	  threads, shares.c what they share | after: the tracer never harms the
 *	  calls.c	  the table of calls		   | application; failures are counted
 *	  decode.c	  call -> paths asked for	   | and told in the log
 *	  peek.c	  memory of the tracee		   |
 *	  locate.c	  raw path -> absolute, object	   |
 *	  look.c	  what the call will find	   |
 *	    rights.c	    as the tracee's user	   |
 *	    status.c	    /proc/PID/status		   |
 *	  spare.c	  kill(-1) that spares us	   |
 *	  outcome.c	  call or its result -> records,   |
 *	    outcome_record.c	one request each	   |
 *	  callset.c	  which calls are made		   |
 *	  program.c	  #! chains and loaders		   |
 *	  journal.c	  each fact once; losses	   |
 *	    tally.c	    how often in vain		   |
 *	    voice.c	    a word on stderr		   |
 *	      termlog.c	      and in Kubernetes' file	   |
 *	twin.c		a log like an earlier one goes	  /
 *	../common/tlog_write.c	frames, one write(2) each
 *
 * The loop is in trace(): event_next(), recorder_take(), until nobody is left.
 * docs/ARCHITECTURE.md says why it is so.
 */
#include "catlogs.h"
#include "child.h"
#include "choice.h"
#include "command.h"
#include "diag.h"
#include "doctor.h"
#include "journal.h"
#include "recorder.h"
#include "runinfo.h"
#include "settings.h"
#include "status.h"
#include "termlog.h"
#include "twin.h"

#include <fcntl.h>
#include <stdio.h>

/* The log's descriptor is moved up, away from those an application may ask for. */
#define LOG_FD_MIN 64

/* Writes what the run is into a new log (fd is taken). */
static int begin_log(const struct settings *s, const struct choice *c, int fd,
		     struct tlog_writer **writer, struct twin *twin)
{
	struct runinfo info;
	int r = tlog_writer_new(fd, false, writer);

	if (r < 0)
		return r;
	runinfo_collect(&info, s, c);
	r = tlog_put_header(*writer, info.fields, info.n_fields);
	twin_begin(twin, fd, info.fields, info.n_fields);
	runinfo_fini(&info);
	if (r < 0) {
		tlog_writer_free(*writer);
		*writer = NULL;
	}
	return r;
}

/* Opens the log; leaves no file behind on failure. Prints the error. */
static int open_log(const struct settings *s, const struct choice *c,
		    struct tlog_writer **writer, struct twin *twin)
{
	cleanup_free char *name = NULL, *path = NULL;
	const char *stem = s->name ? s->name : path_base(s->command[0]);
	int fd = tlog_create(s->log_dir, stem, &name), high, r;

	if (fd < 0)
		return diag_fail(fd, "log directory %s", s->log_dir);
	high = fcntl(fd, F_DUPFD_CLOEXEC, LOG_FD_MIN);
	if (high >= 0) {
		close(fd);
		fd = high;
	}
	path = xasprintf("%s/%s", s->log_dir, name);
	r = begin_log(s, c, fd, writer, twin);
	if (r < 0) {
		unlink(path);
		return diag_fail(r, "log %s", path);
	}
	return 0;
}

static int open_events(struct child_link *link, struct events **events, struct event *first)
{
	if (link->listener.fd >= 0)
		return event_notify_open(link->main_pid, &link->listener, events, first);
	return event_ptrace_open(link->main_pid, link->filtered, events, first);
}

struct task {
	const struct settings *settings;
	const struct choice *choice;
	struct journal *journal;
	const struct twin *twin;
};

/* The tracer's life: from the split to the last tracee's end. */
static void trace(struct child_link *link, const struct task *task)
{
	const struct settings *s = task->settings;
	struct journal *journal = task->journal;
	struct recorder_wants wants = {
		.misses = s->misses,
		.syscalls = s->syscalls,
		.allow_io_uring = s->allow_io_uring,
		.no_new_privs = task->choice->no_new_privs,
	};
	struct events *events = NULL;
	struct recorder *recorder = NULL;
	struct event event;
	int r;

	child_detach(task->twin->fd, link);
	r = child_await(link);
	wants.keeper = link->keeper;
	if (r == 0)
		r = open_events(link, &events, &event);
	if (r == 0) {
		recorder = recorder_new(events, journal, link->main_pid, &wants);
		r = recorder ? 0 : -ENOMEM;
	}
	child_ready(link, r);
	if (r < 0)
		_exit(1);
	journal_set_voice(journal, link->main_pid);
	do {
		recorder_take(recorder, &event);
	} while (event_next(events, &event) > 0);
	recorder_end(recorder);
	recorder_free(recorder);
	event_close(events);
	twin_end(task->twin, journal);
	journal_free(journal);
	_exit(0);
}

/* /proc of another pid namespace, or none, would tell of other processes than ours. */
static int check_proc(void)
{
	char link[32] = "", pid[32];

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (readlink("/proc/self", link, sizeof(link) - 1) < 0 || strcmp(link, pid) != 0)
		return diag_refuse("/proc does not show this process; mount proc first");
	return 0;
}

/*
 * Starts the tracer; returns when the application may execute: 0. > 0: a listener was refused, with
 * this errno; it is as if nothing had been. Prints any other error.
 */
static int start_tracing(const struct settings *s, const struct choice *c,
			 struct tlog_writer *writer, const struct twin *twin)
{
	const struct task task = { s, c, journal_new(writer), twin };
	struct child_link link;
	int r;

	if (!task.journal)
		return diag_fail(-ENOMEM, "tracer");
	/* Nothing is given back: all of it goes with the execve(2). */
	r = child_split(&link, c);
	if (r > 0)
		trace(&link, &task);
	if (!link.refused && r < 0)
		return diag_fail(r, "this process cannot be traced (%s)", c->engine);
	if (link.refused) {
		twin_discard(twin);
		journal_free(task.journal);
	}
	return link.refused;
}

/*
 * A thread has one tracer by ptrace(2), and one listener (-EBUSY). If that is another
 * imagetrim-tracer (a command run through it by a command that is traced itself) it records this
 * one too.
 */
static int refuse_traced(const struct choice *c, int chosen)
{
	if (chosen == 0 && (c->listens || !status_number(getpid(), "TracerPid", 0)))
		return 0;
	diag_warning("this process is traced already");
	return -EPERM;
}

/* True if the command shall run without a log. */
static bool tell_no_log(const struct settings *s, int err)
{
	const bool runs = !settings_log_must_work(s);
	cleanup_free char *line =
		xasprintf("no trace log in %s (%s): %s %s", s->log_dir, strerror(-err),
			  s->command[0], runs ? "runs untraced" : "was not started");

	if (runs)
		diag_warning("no trace log: %s runs untraced", s->command[0]);
	termlog_say(line);
	return runs;
}

/* 0: the command may be executed, traced or not. Prints the error. */
static int prepare(const struct settings *s, int refused, bool no_new_privs)
{
	struct tlog_writer *writer = NULL;
	struct choice choice;
	struct twin twin;
	int r = choice_make(s, refused, &choice);

	choice.no_new_privs |= no_new_privs;
	if (r < 0 && r != -EBUSY)
		return diag_fail(r, "no engine %s: %s", s->engine, choice.why);
	r = refuse_traced(&choice, r);
	if (r == 0)
		r = open_log(s, &choice, &writer, &twin);
	if (r < 0)
		return tell_no_log(s, r) ? 0 : r;
	r = check_proc();
	if (r == 0)
		r = start_tracing(s, &choice, writer, &twin);
	return r > 0 ? prepare(s, r, choice.no_new_privs) : r;
}

static int run(const struct settings *s)
{
	cleanup_free char *file = NULL;
	int r = command_find(s->command[0], &file);

	if (r < 0 && !s->misses)
		return command_refuse(r, s->command[0]);
	if (prepare(s, 0, false) < 0)
		return COMMAND_FAILED;
	/* Traced this time: the log tells where it was looked for. */
	r = file ? 0 : command_find(s->command[0], &file);
	if (r == 0)
		r = child_exec(file, s->command);
	return command_refuse(r, s->command[0]);
}

static const struct {
	const char *name;
	int (*run)(const struct settings *s);
} verbs[] = {
	{ "doctor", doctor_run },
	{ "cat-logs", catlogs_run },
	{ "wait", catlogs_wait },
};

/*
 * The words of a verb with it moved to their end: its options follow it; put before it, they are
 * read as those of a command of that name. The caller frees the list.
 */
static char **verb_words(int argc, char **argv)
{
	char **words = xcalloc((size_t)argc + 1, sizeof(*words));

	words[0] = argv[0];
	memcpy(words + 1, argv + 2, (size_t)(argc - 2) * sizeof(*words));
	words[argc - 1] = argv[1];
	return words;
}

/* The number of the verb that the first word is, or -1. */
static int find_verb(const char *word)
{
	for (size_t i = 0; word && i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i].name, word) == 0)
			return (int)i;
	return -1;
}

static int run_verb(int verb, const struct settings *s)
{
	if (!s->command[1])
		return verbs[verb].run(s);
	diag_refuse("%s takes options only; a command of that name is run by '-- %s'",
		    verbs[verb].name, verbs[verb].name);
	return COMMAND_FAILED;
}

int main(int argc, char **argv)
{
	int verb = find_verb(argc > 1 ? argv[1] : NULL);
	cleanup_free char **words = verb >= 0 ? verb_words(argc, argv) : NULL;
	struct settings s;

	diag_init("imagetrim-tracer", DIAG_NOTE);
	if (argc > 1 && strcmp(argv[1], "__complete") == 0) {
		settings_complete(argv + 2);
		return 0;
	}
	if (settings_read(&s, words ? words : argv) < 0)
		return COMMAND_FAILED;
	if (s.help || s.version) {
		if (s.help)
			settings_help();
		else
			printf("imagetrim-tracer " IMAGETRIM_VERSION "\n");
		return fflush(stdout) == 0 ? 0 : COMMAND_FAILED;
	}
	return verb >= 0 ? run_verb(verb, &s) : run(&s);
}
