// SPDX-License-Identifier: Apache-2.0
/*
 * program.h - an execution: the file, its interpreters, what the kernel made of them
 */
#pragma once

#include "journal.h"
#include "tracee.h"

#include <sys/stat.h>

/*
 * Programs that the log has with all that belongs to them; the shell and the compiler are
 * executed again and again. By the id of their names.
 */
#define PROGRAM_MEMORY 64
struct program_memory {
	struct {
		uint32_t id;
		uint64_t moves; /* as of then */
		dev_t dev;
		ino_t ino;
		struct timespec changed;
	} programs[PROGRAM_MEMORY];
};

/* The log id of the executed file of q, if the log has all that belongs to it already; else 0. */
uint32_t program_known(const struct program_memory *memory, struct journal *j,
		       const struct tracees *tracees, struct tracee *t,
		       const struct request *q);
/*
 * At EVENT_EXEC: records the executed file of request q (NULL if the call was not seen), its
 * chain of #! interpreters and the dynamic loader. by: the program that executed it. Returns
 * the log id of the file, 0 unknown.
 */
uint32_t program_record(struct program_memory *memory, struct journal *j,
			const struct tracees *tracees, struct tracee *t,
			const struct request *q, uint32_t by);

/*
 * At the entry of an execution of q, which is there: execve(2) answers ENOENT, too, if a #!
 * interpreter or the loader is not. Records that as a miss of by, the program that executes.
 */
void program_lack(struct journal *j, const struct tracees *tracees, struct tracee *t,
		  const struct request *q, uint32_t by);
