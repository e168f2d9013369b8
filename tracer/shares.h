// SPDX-License-Identifier: Apache-2.0
/*
 * shares.h - what threads may share, as the kernel has it (clone(2)): their memory (space),
 * where they stand (places) and their descriptors (dirs)
 *
 * Each is a counted object, so a chdir() in one thread is known of in all that it moves. New ones
 * are NULL when out of memory; unref takes NULL, too.
 */
#pragma once

#include "base.h"

#include <sys/types.h>

/* Memory, and the program in it. */
struct space {
	unsigned int refs;
	int mem;	      /* /proc/PID/mem once it is kept (peek.h); -1 not open */
	unsigned int n_peeks; /* reads before that */
	bool no_call;	      /* not by process_vm_readv(2) */
	uint32_t program;     /* log id of the executed path, 0 unknown */
	bool executed;	/* by an execve(2) of its own; else it is its maker's, or a copy */
	pid_t exec_by;	/* the thread that may have executed another; 0 none (sight.h) */
	bool unrelated; /* who made its process is not looked up yet */
	bool hides;	/* /proc may not tell what it has open */
	uint64_t began; /* when its process was made; 0 unknown */
};

/* Working directory and root; texts are NULL until asked for (locate.h). */
struct places {
	unsigned int refs;
	char *cwd, *root;
	uint64_t seen_at; /* tracees.moves when they were read */
	bool fresh_ns;	  /* the mount namespace may have changed: foreign must be asked anew */
	bool foreign;	  /* another mount namespace than the tracer's */
	bool loose;	  /* shared with a process of which nobody knows which: never known */
};

/*
 * Directories opened by descriptor: for processes whose /proc/PID/fd we may not read, and for
 * names beyond one page. Only a fall back, so dup() and close() are not followed.
 */
#define SHARES_ANY_FD (-1) /* nobody knows which descriptor it is */
struct dirs {
	unsigned int refs;
	size_t n_entries, cap;
	struct dir_entry {
		int fd;
		char *abs;
		dev_t dev; /* with SHARES_ANY_FD */
		ino_t ino;
	} * entries;
};

struct space *shares_space(void);
void shares_space_unref(struct space *s);

/* A copy, or with NULL of nothing known. */
struct places *shares_places(const struct places *from);
void shares_places_unref(struct places *p);

struct dirs *shares_dirs(const struct dirs *from);
void shares_dirs_unref(struct dirs *d);
/* What fd stands for, or NULL. */
const char *shares_dir(const struct dirs *d, int fd);
/* abs NULL forgets. */
void shares_set_dir(struct dirs *d, int fd, const char *abs);
/* One of some descriptor. */
void shares_add_dir(struct dirs *d, const char *abs, dev_t dev, ino_t ino);
