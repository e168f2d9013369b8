// SPDX-License-Identifier: Apache-2.0
/*
 * profile.h - a seccomp profile of the system calls that runs made; the door to libseccomp
 *
 * Source: the OCI runtime-spec's config-linux.md (seccomp), docker's form of it with archMap.
 */
#pragma once

#include "json.h"

/* What a log calls an ABI, as columns here. */
enum profile_abi {
	PROFILE_X86_64,
	PROFILE_X32,
	PROFILE_I386,
	PROFILE_ARM64,
	PROFILE_ARM,
	PROFILE_N_ABIS,
};

#define PROFILE_N_CALLS 1024

struct profile {
	bool called[PROFILE_N_ABIS][PROFILE_N_CALLS];
	size_t n_runs, n_with;	  /* sections; those that recorded system calls */
	size_t n_lost, n_cut_off; /* records that a tracer could not write; damaged logs */
};

/* Adds the runs of one log: 0 or -errno, which is no message yet. */
int profile_add(struct profile *profile, const void *log, size_t len) MUST_CHECK;
/* Adds the runs of all logs that the words name (logfile.h). Prints errors. */
int profile_add_all(struct profile *profile, char *const words[], size_t n) MUST_CHECK;
/*
 * The profile: all that was called, and what the runtime and the C library need beside it.
 * unknown: of how many numbers libseccomp has no name.
 */
struct json *profile_json(const struct profile *profile, size_t *n_unknown);
