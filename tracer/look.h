// SPDX-License-Identifier: Apache-2.0
/*
 * look.h - what a call will find, looked up before it runs
 *
 * The tracer makes the same look-up itself and so saves the thread a second stop. It answers
 * only what follows from the file system and the rights of the one who asks; where the call
 * itself changes something, or more decides than that, its result does.
 */
#pragma once

#include "tracee.h"

enum look_answer {
	LOOK_UNSURE, /* the result decides */
	LOOK_FAILS,
	LOOK_SUCCEEDS,
};

struct look {
	enum look_answer answer;
	int error;     /* LOOK_FAILS: errno */
	int fd;	       /* O_PATH, what was found; -1: by name, or nothing */
	uint32_t mode; /* as st_mode, of what was found; 0 nothing */
	bool itself;   /* the object is known to have the name that was asked for */
};

/* Directories on whose ways there is no link, as long as nothing has been moved. */
#define LOOK_DIRS 64
struct look_memory {
	struct {
		uint64_t moves, hash;
	} dirs[LOOK_DIRS];
};

/* Request n of t's call, at its entry. look_end() closes what was found. */
void look_at(struct look_memory *memory, const struct tracees *tracees, struct tracee *t,
	     size_t n, struct look *look);
/* What open_by_handle_at(2) will find, at its entry. */
void look_at_handle(const struct tracees *tracees, struct tracee *t, struct look *look);
/* The same later, when the call is over: whether it seems to have succeeded. */
bool look_back(const struct tracees *tracees, struct tracee *t, size_t n);
void look_end(struct look *look);
/* The name of what was found; its length or -errno. */
int look_name(const struct look *look, const struct request *q, char *out,
	      size_t size) MUST_CHECK;
