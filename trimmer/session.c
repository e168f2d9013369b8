// SPDX-License-Identifier: Apache-2.0
/*
 * session.c - create, start, exec, drive, stop, collect, remove
 *
 * In: an instrumented image in an engine. Out: the application's run on the user's terminal,
 * then one log file. Never leaves a container or image behind, never uses a shell.
 *
 * create and start rather than run: so a wrong option, a container that cannot start and an
 * application that ends with 125 are told apart (by inspect, not by a status they share). The
 * container gets an anonymous volume for its logs: an empty volume takes over the directory's
 * content and mode 1777 on docker and podman, so --read-only and any user work, and `cp`
 * reads it after the end (tried: docker 20.10, podman 4.3).
 */
#include "session.h"
#include "diag.h"
#include "errand.h"
#include "imageconf.h"
#include "merge.h"
#include "spool.h"
#include "tlog.h"

#include <fts.h>
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>

#define LOOK_SECONDS  0.1 /* between looks whether the container runs */
#define LEAVE_SECONDS 10  /* for the attached client, once its container ended */

void session_begin(struct session *s, const struct session_request *request,
		   const struct engine *engine)
{
	*s = (struct session) { .request = request, .engine = engine, .deadline = INFINITY };
	waiter_begin(&s->waiter);
}

bool session_given_up(struct session *s)
{
	return waiter_signals(&s->waiter) > 1;
}

/* ---- creating and starting --------------------------------------------------------------- */

struct words {
	const char **items;
	size_t n, cap;
};

static void add(struct words *w, const char *item)
{
	xgrow(&w->items, &w->cap, w->n + 1, sizeof(*w->items));
	w->items[w->n++] = item;
	w->items[w->n] = NULL;
}

static void add_all(struct words *w, char *const items[])
{
	for (size_t i = 0; items && items[i]; i++)
		add(w, items[i]);
}

static int create(struct session *s)
{
	const struct session_request *q = s->request;
	struct words w = { 0 };
	int r;

	add(&w, "create");
	add(&w, "--pull=never");
	add(&w, "--name");
	add(&w, q->container);
	add(&w, "--volume");
	add(&w, TRACER_LOGS);
	if (q->terminal || q->with_stdin)
		add(&w, "--interactive");
	if (q->terminal)
		add(&w, "--tty");
	add_all(&w, q->engine_args);
	add(&w, q->image);
	add_all(&w, q->args);
	r = engine_ask(s->engine, w.items, "creating the container", &s->id);
	free(w.items);
	return r;
}

static int start(struct session *s)
{
	const struct session_request *q = s->request;
	bool attached = q->terminal || q->with_stdin;
	/* Without a terminal of its own Ctrl-C is ours to handle, not the client's. */
	const struct process_io io = {
		.in = attached ? PROCESS_INHERIT : PROCESS_NULL,
		.out = q->out_to_stderr ? STDERR_FILENO : PROCESS_INHERIT,
		.err = PROCESS_INHERIT,
		.group = !q->terminal,
	};
	const char *const words[] = { "start", "--attach", attached ? "--interactive" : s->id,
				      attached ? s->id : NULL, NULL };
	pid_t pid = engine_start(s->engine, words, &io);

	if (pid < 0)
		return pid;
	s->waiter.app = pid;
	return 0;
}

/* Somebody has removed it: nothing to stop or to collect. */
static int gone(struct session *s)
{
	diag_error("the container is gone, and its log with it");
	free(steal_ptr(s->id));
	return -ENOENT;
}

/*
 * Waits until the container runs, or has run: 0. -EINTR when as many signals came. A container
 * that is not yet started cannot be stopped either: it would start after that.
 */
static int wait_running(struct session *s, unsigned int n_signals)
{
	for (;;) {
		struct json *object CLEANUP(json_freep) = NULL;
		int r = engine_inspect(s->engine, "container", s->id, &object), status;

		if (r < 0)
			return r == -ENOENT ? gone(s) : r;
		if (json_get_bool(json_get(object, "State"), "Running", false))
			return 0;
		r = waiter_next(&s->waiter, 0, &status, waiter_now() + LOOK_SECONDS);
		if (s->waiter.app_ended)
			return 0;
		if (r < 0 || waiter_signals(&s->waiter) >= n_signals)
			return r < 0 ? r : -EINTR;
	}
}

/* ---- stopping and judging ---------------------------------------------------------------- */

/* Waits for the client that is attached; if it hangs though the container ended, kills it. */
static void reap_client(struct session *s)
{
	double until = waiter_now() + LEAVE_SECONDS;
	int status, r = 0;

	while (s->waiter.app > 0 && !s->waiter.app_ended && r != WAITER_TIME && r >= 0 &&
	       !session_given_up(s))
		r = waiter_next(&s->waiter, 0, &status, until);
	if (s->waiter.app > 0 && !s->waiter.app_ended) {
		process_kill(s->waiter.app, !s->request->terminal);
		s->waiter.app_ended = true;
	}
}

static int stop(struct session *s)
{
	pid_t child;
	int status, r;

	r = wait_running(s, 2);
	if (r < 0 || s->waiter.app_ended)
		return r;
	child = engine_stop(s->engine, s->id);
	if (child < 0)
		return child;
	do
		r = waiter_next(&s->waiter, child, &status, INFINITY);
	while (r == WAITER_APP || (r == WAITER_SIGNAL && !session_given_up(s)));
	if (r == WAITER_SIGNAL) {
		engine_kill(s->engine, s->id);
		process_kill(child, true);
		return -EINTR;
	}
	if (r == WAITER_CHILD && status != 0)
		diag_warning("%s stop failed with exit status %d", engine_name(s->engine),
			     status);
	return r < 0 ? r : 0;
}

/* Tells how the application ended; an error if it never ran. */
static int judge(struct session *s, bool stopped)
{
	struct json *object CLEANUP(json_freep) = NULL;
	int r = engine_inspect(s->engine, "container", s->id, &object);
	const struct json *state = json_get(object, "State");
	const char *started = json_get_text(state, "StartedAt");
	uint64_t status = json_get_size(state, "ExitCode", 0);

	if (r < 0)
		return r == -ENOENT ? gone(s) : r;
	if (!started || strncmp(started, "0001-", 5) == 0) {
		diag_error("the container could not be started");
		return -ENOEXEC;
	}
	if (json_get_bool(state, "OOMKilled", false))
		diag_warning("the application was killed because it ran out of memory");
	if (!stopped && status >= 125 && status <= 127) {
		diag_error("the application could not be started, or ended with exit status %u",
			   (unsigned int)status);
		return -ENOEXEC;
	}
	if (stopped && status == 128 + SIGKILL)
		diag_warning("the application did not end when asked to and was killed");
	else
		diag_note("the application ended with exit status %u", (unsigned int)status);
	return 0;
}

/* Runs until the application ends, the limit is reached or a signal comes. */
static int watch(struct session *s)
{
	int status, r;

	if (s->waiter.app_ended)
		return 0;
	r = waiter_next(&s->waiter, 0, &status, s->deadline);
	return r == WAITER_SIGNAL ? errand_interrupted(s) : MIN(r, 0);
}

/* What is asked for, in order; after it the container may be stopped. */
static int work(struct session *s)
{
	const struct session_request *q = s->request;
	int r = 0;

	if (q->n_execs || q->drive || isfinite(q->limit)) {
		r = wait_running(s, 1);
		if (r == -EINTR)
			return errand_interrupted(s);
		s->deadline = waiter_now() + q->limit;
	}
	if (r == 0)
		r = errand_execs(s);
	if (r == 0 && q->drive)
		return errand_drive(s);
	if (r == 0 && (!q->n_execs || isfinite(q->limit)))
		r = watch(s);
	return r;
}

int session_run(struct session *s)
{
	bool stopped;
	int r, e;

	if (waiter_signals(&s->waiter)) {
		diag_error("%s before the start: nothing is recorded",
			   strsignal(s->waiter.last_signal));
		return -EINTR;
	}
	r = create(s);
	if (r == 0)
		r = start(s);
	if (r < 0)
		return r;
	r = work(s);
	/* A signal, or the limit that ends a drive, ends the run as the user wants it. */
	if (r == -EINTR || r == -ETIME)
		r = 0;
	stopped = !s->waiter.app_ended;
	e = stopped && s->id ? stop(s) : 0;
	reap_client(s);
	if (e == 0 && s->id)
		e = judge(s, stopped);
	if (e == 0 && r == -ESRCH)
		diag_error("the application ended before '%s' was done", s->outstanding->text);
	return r < 0 ? r : e;
}

/* ---- collecting and cleaning up ------------------------------------------------------------ */

/* Removes a directory with all in it; what came out of a container may be anything. */
static void remove_tree(char *dir)
{
	char *const paths[] = { dir, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	FTSENT *e;

	while (fts && (e = fts_read(fts)))
		if (e->fts_info == FTS_D)
			chmod(e->fts_accpath, 0700);
		else
			remove(e->fts_accpath);
	if (fts)
		fts_close(fts);
}

static bool has_log(const char *dir)
{
	cleanup_free char *pattern = xasprintf("%s/*" TLOG_SUFFIX, dir);
	glob_t found;
	bool yes = glob(pattern, GLOB_NOSORT, NULL, &found) == 0;

	globfree(&found);
	return yes;
}

int session_collect(struct session *s, const char *log_path)
{
	cleanup_free char *dir = xasprintf("%s/imagetrim-XXXXXX", spool_dir());
	struct merge_result merged;
	int r;

	if (!s->id)
		return -ENODATA;
	if (!mkdtemp(dir))
		return diag_fail(-errno, "%s", dir);
	r = engine_copy_out(s->engine, s->id, TRACER_LOGS, dir);
	if (r == 0)
		r = has_log(dir) ? merge_logs(&dir, 1, log_path, &merged) : -ENODATA;
	remove_tree(dir);
	return r;
}

void session_end(struct session *s)
{
	engine_remove_container(s->engine, s->request->container);
	if (s->waiter.app > 0)
		reap_client(s);
	engine_remove_image(s->engine, s->request->image);
	free(steal_ptr(s->id));
	waiter_end(&s->waiter);
}
