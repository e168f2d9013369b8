// SPDX-License-Identifier: Apache-2.0
/*
 * errand.c - commands in the container and on the host, while the application runs
 *
 * In: a session whose container runs. Out: done, or why not. Never stops the container.
 */
#include "errand.h"
#include "diag.h"
#include "imageconf.h"

#include <sys/mman.h>

#define RETRY_SECONDS 0.25 /* between tries of the first exec */
#define GONE_SECONDS  2	   /* for the application's end to be seen, once an exec was killed */
#define LEAVE_SECONDS 5 /* for a command to end once it is asked to, or its application gone */

int errand_interrupted(struct session *s)
{
	if (waiter_signals(&s->waiter) == 1)
		diag_note("%s: stopping the container; once more to give up",
			  strsignal(s->waiter.last_signal));
	return -EINTR;
}

/* ---- waiting for one ---------------------------------------------------------------------- */

/* A child, and what is signalled to end it: its group, where it has one of its own. */
struct errand {
	const char *kind, *text; /* "--exec", what the user wrote */
	pid_t child;
	bool group;
};

/* SIGTERM, and SIGKILL a little later. */
static void end_errand(struct session *s, const struct errand *e)
{
	double until = waiter_now() + LEAVE_SECONDS;
	int status, r;

	kill(e->group ? -e->child : e->child, SIGTERM);
	do
		r = waiter_next(&s->waiter, e->child, &status, until);
	while (r == WAITER_APP || (r == WAITER_SIGNAL && !session_given_up(s)));
	if (r < 0 || r == WAITER_CHILD)
		return;
	process_kill(e->child, e->group);
}

/* Waits for it: its exit status, or what errand.h says. */
static int attend(struct session *s, const struct errand *e)
{
	double until = s->deadline;
	int status, r;

	do {
		/* It may be what ended the application ("shutdown"), so it gets some time. */
		if (s->waiter.app_ended)
			until = MIN(until, waiter_now() + LEAVE_SECONDS);
		r = waiter_next(&s->waiter, e->child, &status, until);
	} while (r == WAITER_APP);
	if (r == WAITER_CHILD)
		return status;
	if (r < 0)
		return diag_fail(r, "%s '%s'", e->kind, e->text);
	end_errand(s, e);
	if (r == WAITER_SIGNAL)
		return errand_interrupted(s);
	return s->waiter.app_ended ? -ESRCH : -ETIME;
}

/* ---- exec --------------------------------------------------------------------------------- */

static pid_t start_exec(struct session *s, const struct session_command *command, int out,
			int err)
{
	const struct process_io io = { PROCESS_NULL, out, err, true };
	cleanup_free const char **words = NULL;
	size_t n = 0;

	while (command->argv[n])
		n++;
	words = xcalloc(n + 5, sizeof(*words));
	words[0] = "exec";
	words[1] = s->id;
	words[2] = TRACER_PATH;
	words[3] = "--";
	for (size_t i = 0; i < n; i++)
		words[4 + i] = command->argv[i];
	return engine_start(s->engine, words, &io);
}

static int run_exec(struct session *s, const struct session_command *command, int out, int err)
{
	struct errand e = { "--exec", command->text, start_exec(s, command, out, err), true };

	return e.child < 0 ? e.child : attend(s, &e);
}

/* The client of an exec ends a moment before the application that took it along. */
static bool app_gone(struct session *s, int exec_status)
{
	double until = waiter_now() + (exec_status > 128 ? GONE_SECONDS : 0);
	int status;

	while (!s->waiter.app_ended)
		if (waiter_next(&s->waiter, 0, &status, until) == WAITER_TIME)
			break;
	return s->waiter.app_ended;
}

static int exec_failed(struct session *s, const struct session_command *command, int status,
		       double waited)
{
	if (app_gone(s, status))
		return -ESRCH;
	if (waiter_signals(&s->waiter))
		return errand_interrupted(s);
	if (waited > 0)
		diag_error(
			"--exec '%s' did not succeed within %g s; its last exit status is %d",
			command->text, waited, status);
	else
		diag_error("--exec '%s' failed with exit status %d", command->text, status);
	return -ECANCELED;
}

static void replay(int from, int to)
{
	cleanup_free char *text = NULL;
	size_t len;
	int r = read_whole(from, SIZE_MAX / 4, &text, &len);

	if (r == 0)
		r = write_all(to, text, len);
	if (r < 0)
		diag_warning("output of --exec is lost: %s", strerror(-r));
}

/* One try of the first exec; its output is kept back until it is known to be the last. */
static int try_exec(struct session *s, const struct session_command *command, int out,
		    bool *ready_over, double until)
{
	cleanup_fd int kept_out = memfd_create("exec-out", MFD_CLOEXEC);
	cleanup_fd int kept_err = memfd_create("exec-err", MFD_CLOEXEC);
	int r;

	if (kept_out < 0 || kept_err < 0)
		return diag_fail(-errno, "--exec");
	r = run_exec(s, command, kept_out, kept_err);
	*ready_over = waiter_now() >= until || s->waiter.app_ended;
	if (r <= 0 || *ready_over) {
		replay(kept_out, out);
		replay(kept_err, STDERR_FILENO);
	}
	return r;
}

static int first_exec(struct session *s, const struct session_command *command, int out)
{
	double until = waiter_now() + s->request->ready;
	bool over = false;
	int r;

	for (;;) {
		int status, event;

		r = try_exec(s, command, out, &over, until);
		if (r <= 0 || over || (r > 128 && app_gone(s, r)))
			break;
		event = waiter_next(&s->waiter, 0, &status,
				    MIN(waiter_now() + RETRY_SECONDS, s->deadline));
		if (event < 0)
			return diag_fail(event, "--exec");
		if (event == WAITER_SIGNAL)
			return errand_interrupted(s);
		if (event == WAITER_APP)
			return -ESRCH;
		if (event == WAITER_TIME && waiter_now() >= s->deadline)
			return -ETIME;
	}
	return r > 0 ? exec_failed(s, command, r, s->request->ready) : r;
}

int errand_execs(struct session *s)
{
	const struct session_request *q = s->request;
	int out = q->out_to_stderr ? STDERR_FILENO : STDOUT_FILENO, r = 0;

	for (size_t i = 0; i < q->n_execs && r == 0; i++) {
		const struct session_command *command = &q->execs[i];

		diag_debug("--exec '%s'", command->text);
		if (i == 0)
			r = first_exec(s, command, out);
		else
			r = run_exec(s, command, out, PROCESS_INHERIT);
		if (r > 0)
			r = exec_failed(s, command, r, 0);
		if (r == -ESRCH)
			s->outstanding = command;
		if (r == -ETIME) {
			diag_error("--for is over before --exec '%s' was done", command->text);
			return -ECANCELED;
		}
	}
	return r;
}

/* ---- drive -------------------------------------------------------------------------------- */

/* The container's address in its first network, or "". */
static const char *address_of(const struct json *object)
{
	const struct json *settings = json_get(object, "NetworkSettings");
	const struct json *networks = json_get(settings, "Networks");
	const char *text = json_get_text(settings, "IPAddress");

	for (size_t i = 0; (!text || !*text) && i < json_members(networks); i++) {
		const char *key;

		text = json_get_text(json_member(networks, i, &key), "IPAddress");
	}
	return text ? text : "";
}

static int set_environment(struct session *s)
{
	struct json *object CLEANUP(json_freep) = NULL;
	int r = engine_inspect(s->engine, "container", s->id, &object);

	if (r == -ENOENT)
		diag_error("the container is gone");
	if (r < 0)
		return r;
	setenv("IMAGETRIM_CONTAINER", s->id, true);
	setenv("IMAGETRIM_NAME", s->request->container, true);
	setenv("IMAGETRIM_ADDRESS", address_of(object), true);
	setenv("IMAGETRIM_ENGINE", engine_name(s->engine), true);
	return 0;
}

int errand_drive(struct session *s)
{
	const struct session_command *command = s->request->drive;
	/* A drive may be a person's shell: it keeps the terminal, then. */
	const struct process_io io = {
		PROCESS_INHERIT,
		s->request->out_to_stderr ? STDERR_FILENO : PROCESS_INHERIT,
		PROCESS_INHERIT,
		!isatty(STDIN_FILENO),
	};
	struct errand e = { "--drive", command->text, 0, io.group };
	int r = set_environment(s);

	if (r < 0)
		return r;
	e.child = process_start(command->argv, &io);
	if (e.child < 0)
		return diag_fail(e.child, "--drive '%s' cannot be started", command->text);
	r = attend(s, &e);
	if (r == -ESRCH)
		s->outstanding = command;
	if (r > 0 && waiter_signals(&s->waiter))
		return errand_interrupted(s);
	if (r > 0) {
		diag_error("--drive '%s' failed with exit status %d", command->text, r);
		return -ECANCELED;
	}
	return r;
}
