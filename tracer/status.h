// SPDX-License-Identifier: Apache-2.0
/*
 * status.h - what /proc/PID/status and /proc/PID/stat tell, whatever the rights
 */
#pragma once

#include "base.h"

#include <sys/types.h>

/*
 * The index-th number (from 0) of a line such as "Uid:	0 0 0 0"; otherwise if the process or
 * line is not there. status_hex reads a mask ("CapEff").
 */
long status_number_at(pid_t pid, const char *key, unsigned int index, long otherwise);
static inline long status_number(pid_t pid, const char *key, long otherwise)
{
	return status_number_at(pid, key, 0, otherwise);
}
/* The whole text, NUL added, cut to size; its length or -errno. And a line of it, or NULL. */
ssize_t status_read(pid_t pid, char *text, size_t size) MUST_CHECK;
const char *status_line(const char *text, const char *key);
uint64_t status_hex(pid_t pid, const char *key, uint64_t otherwise);

/* Whose thread it is and who made its process; pid and 0 if it is not there. */
struct status_kin {
	pid_t tgid, parent;
};
void status_kin(pid_t pid, struct status_kin *kin);

struct status_task {
	pid_t parent;
	bool forked;	/* since it was made it has executed nothing */
	uint64_t began; /* when it was made, in ticks */
};
/* 0 or -errno. */
int status_task(pid_t pid, struct status_task *task) MUST_CHECK;
