// SPDX-License-Identifier: Apache-2.0
/*
 * runinfo.h - the header of a log: what run this is
 */
#pragma once

#include "choice.h"
#include "tlog.h"

struct runinfo {
	struct tlog_field *fields;
	size_t n_fields, cap;
	struct runinfo_text *texts; /* what the fields point to */
};

/* Everything that can be known before the command runs. */
void runinfo_collect(struct runinfo *info, const struct settings *settings,
		     const struct choice *choice);
void runinfo_fini(struct runinfo *info);
