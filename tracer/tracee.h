// SPDX-License-Identifier: Apache-2.0
/*
 * tracee.h - the table of traced threads, and the call that each is in
 */
#pragma once

#include "calls.h"
#include "shares.h"
#include "status.h"

/* One path that a call asks for, made at its entry, recorded at its success. */
struct request {
	uint32_t ops;
	bool follow;
	bool unreadable; /* abs is NULL: the tracee's memory or directory could not be read */
	bool hopeless;	 /* and the kernel will not find anything there either */
	bool unnamed; /* abs is no name to record (removed directory): only what it leads to */
	int dir;      /* descriptor, AT_FDCWD, or -1 if abs alone says it */
	char *abs;
	size_t len; /* of abs */
	char *raw;  /* as passed, or NULL if dir itself is the object */
};

struct tracee {
	struct tracee *next; /* in its bucket */
	pid_t pid, tgid;
	bool guessed;  /* made by tracee_meet(): who made it has not reported yet */
	bool gone;     /* and dead already: kept for that report */
	bool executed; /* a program of its own, at least once */
	bool unshared; /* a directory of its own */
	bool exiting;  /* its EVENT_EXITING came */
	bool in_call;  /* between entry and exit of a call of the table */
	bool awaited;  /* ... and its EVENT_RETURN is asked for */
	bool kept;     /* texts of the requests are its own */
	bool moving;   /* counted in movers */
	const struct call_row *row;
	enum call_abi abi;
	uint64_t nr, args[CALL_N_ARGS], ip;
	uint64_t clone_flags;
	uint64_t open_flags;
	uint64_t resolve; /* openat2: RESOLVE_* */
	uint64_t rights;  /* rights_of(); 0 must be asked */
	struct request requests[CALL_N_PATHS];
	size_t n_requests;
	struct space *space;
	struct places *places;
	struct dirs *dirs;
};

#define TRACEE_BUCKETS 1024

struct tracees {
	struct tracee *buckets[TRACEE_BUCKETS];
	size_t n_tracees;
	uint64_t moves;	       /* counts what may have renamed a known directory */
	bool mounted;	       /* something was, by one of them */
	bool namespaces;       /* one of them may have made a mount namespace */
	bool strayed;	       /* one may have got another root or mount namespace than ours */
	bool loose;	       /* the places of some are (shares.h) */
	unsigned int movers;   /* threads in a call that may rename a directory */
	time_t moved_at;       /* when the last of them began, CLOCK_MONOTONIC_COARSE */
	bool entries_only;     /* threads are known by their calls alone (event.h) */
	uint64_t rights;       /* the tracer's own, rights_of() */
	bool root;	       /* the tracer's user is */
	bool reads_all;	       /* whatever the mode of a file */
	bool set_no_new_privs; /* it was set for the tracer's sake */
};

struct tracee *tracee_find(const struct tracees *table, pid_t pid);
/*
 * The thread, made known from who it is if it is new (NULL: /proc is asked), as that process's if
 * its leader is known. NULL when out of memory.
 */
struct tracee *tracee_meet(struct tracees *table, pid_t pid, const struct status_kin *kin);
/* t's process, of which nothing was known, was made by maker. */
void tracee_relate(struct tracees *table, struct tracee *t, pid_t maker);
/*
 * parent has made pid with these flags: it shares what they say. It may be known already (no
 * order is sure): NULL then if it has gone meanwhile, and when out of memory.
 */
struct tracee *tracee_born(struct tracees *table, pid_t pid, const struct tracee *parent,
			   uint64_t clone_flags);
/* It died. */
void tracee_gone(struct tracees *table, struct tracee *t);
/* Its whole process did. */
void tracee_all_gone(struct tracees *table, pid_t tgid);
void tracee_each(struct tracees *table, void (*visit)(void *, struct tracee *), void *arg);
/* A new program: memory is new, descriptors are no longer shared; other threads are gone. */
struct tracee *tracee_exec(struct tracees *table, pid_t pid, pid_t former);
/* unshare(2) with these flags. */
void tracee_unshare(struct tracee *t, uint64_t flags);
/* Threads of the process in the table that are not about to die. */
size_t tracee_n_living(const struct tracees *table, pid_t tgid);
void tracee_fini(struct tracees *table);

/*
 * The call outlives this event: copies the texts of its requests, which stand in the decoder's
 * room.
 */
void tracee_keep_call(struct tracee *t);
/* Until the call ends nothing that is known of directories counts. */
void tracee_move(struct tracees *table, struct tracee *t);
/* True while somebody is in such a call. */
bool tracee_moving(const struct tracees *table);
/* Ends the call: forgets its requests. */
void tracee_end_call(struct tracees *table, struct tracee *t);
