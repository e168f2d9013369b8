// SPDX-License-Identifier: Apache-2.0
/*
 * recording.h - an image instrumented, used and its log collected: what run and verify share
 */
#pragma once

#include "engine.h"
#include "image.h"
#include "options.h"
#include "session.h"

/* How the image is used; part of a verb's options. */
struct recording_options {
	const char *drive; /* or NULL */
	double limit, ready;
	struct strlist execs, engine_args;
};
#define RECORDING_ROW(at, name, type, arg, field, help)                                    \
	{                                                                                  \
		name, 0, type, arg, (at) + offsetof(struct recording_options, field), help \
	}
/* Rows for them at offset `at` of a verb's options. */
#define RECORDING_OPTION_ROWS(at)                                                             \
	RECORDING_ROW(at, "exec", OPTION_LIST, "CMD", execs,                                  \
		      "run this in the container too, recorded; the first one is tried "      \
		      "again until it succeeds; after the last the container is stopped"),    \
		RECORDING_ROW(at, "drive", OPTION_TEXT, "HOSTCMD", drive,                     \
			      "run this on the host, with IMAGETRIM_ADDRESS and more in its " \
			      "environment, and stop the container when it ends"),            \
		RECORDING_ROW(at, "for", OPTION_SECONDS, "SECONDS", limit,                    \
			      "stop the container this long after its start"),                \
		RECORDING_ROW(at, "ready", OPTION_SECONDS, "SECONDS", ready,                  \
			      "how long the first --exec is tried again (default 10)"),       \
		RECORDING_ROW(at, "engine-arg", OPTION_LIST, "ARG", engine_args,              \
			      "words for the engine, as in docker run: \"-p 8080:80\"")

/* The same, split into words. */
struct recording {
	const struct recording_options *options;
	struct session_command *execs, drive;
	struct strlist words; /* of all engine_args; borrowed from splits */
	char ***splits;
	size_t n_splits;
};

/* Splits and checks the commands. Prints the error; recording_release() also on failure. */
int recording_prepare(struct recording *recording,
		      const struct recording_options *options) MUST_CHECK;
void recording_release(struct recording *recording);

struct recording_run {
	char *const *args;  /* the application's, instead of Cmd; may be empty */
	const char *log;    /* host file to write */
	bool syscalls;	    /* record which system calls are made, too */
	bool misses;	    /* record what was looked for and not found, too */
	bool out_to_stderr; /* standard output is needed for something else */
	bool silent_input;  /* the application gets no input, nor a terminal */
};

/*
 * Instruments image, runs it and writes the log of the run, which may be there after a failure,
 * too: *collected. Nothing else stays. Prints the error, also that nothing was recorded
 * (-ENODATA); -EINTR when the user gave up.
 */
int recording_make(const struct recording *recording, struct image *image,
		   const struct engine *engine, const struct recording_run *run,
		   bool *collected) MUST_CHECK;
