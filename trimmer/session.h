// SPDX-License-Identifier: Apache-2.0
/*
 * session.h - one recorded run of an instrumented image
 *
 * begin, run, collect, end: end removes the container and the temporary image on every way
 * out, also after signals. The first SIGINT, SIGTERM or SIGHUP stops the container and what
 * was recorded is used; the second gives up.
 */
#pragma once

#include "engine.h"
#include "waiter.h"

struct session_command {
	const char *text; /* as the user wrote it, for messages */
	char **argv;
};

struct session_request {
	const char *image;     /* instrumented; removed at the end */
	const char *container; /* name to give */
	char *const *engine_args;
	char *const *args; /* the application's, instead of Cmd; may be empty */
	const struct session_command *execs; /* run inside, recorded */
	size_t n_execs;
	const struct session_command *drive; /* run on the host, or NULL */
	double ready;			     /* seconds the first exec is tried again */
	double limit;	    /* seconds after which the run is stopped, INFINITY: never */
	bool terminal;	    /* stdin and stdout are one, and the application gets it */
	bool with_stdin;    /* the application reads imagetrim's standard input */
	bool out_to_stderr; /* standard output is needed for something else */
};

struct session {
	const struct session_request *request;
	const struct engine *engine;
	struct waiter waiter;
	double deadline;			   /* of the limit */
	char *id;				   /* of the container, NULL until it is made */
	const struct session_command *outstanding; /* when the application ended */
};

/* From here on signals are counted. The request is borrowed. */
void session_begin(struct session *s, const struct session_request *request,
		   const struct engine *engine);
/*
 * Runs the container until the application ends or all that was asked for is done. 0 or
 * -errno after a printed error; a log may be there to collect in both cases.
 */
int session_run(struct session *s) MUST_CHECK;
/*
 * Merges the logs of the run into host file log_path. -ENODATA if there is none: not told,
 * because after a failed run that is no news.
 */
int session_collect(struct session *s, const char *log_path) MUST_CHECK;
/* True after the second signal. */
bool session_given_up(struct session *s);
/* Removes container and image; signals have their old effect again. */
void session_end(struct session *s);
