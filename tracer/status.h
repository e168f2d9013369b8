// SPDX-License-Identifier: Apache-2.0
/*
 * status.h - lines of /proc/PID/status, readable whatever the rights
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
uint64_t status_hex(pid_t pid, const char *key, uint64_t otherwise);
