// SPDX-License-Identifier: Apache-2.0
/*
 * losses.h - what a log says it could not see, counted
 */
#pragma once

#include "json.h"
#include "tlog.h"

struct losses {
	uint64_t unreadable, lost, setid;
	uint64_t io_uring; /* allowed, not refused */
};

/* Adds a note's count if it tells of one of them. */
void losses_add(struct losses *losses, const struct tlog_record *note);
/* A member of object for each. */
void losses_json(const struct losses *losses, struct json *object);
