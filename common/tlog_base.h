// SPDX-License-Identifier: Apache-2.0
/*
 * tlog_base.h - against which earlier path a log stores the next one (docs/tlog-format.md)
 */
#pragma once

#include "base.h"

struct tlog_base {
	const char *abs; /* the caller's, for as long as it is remembered */
	uint32_t len;
	uint32_t id;
};

/* 128 KiB and more are mapped by malloc(3): what no path comes to is never touched. */
#define TLOG_N_BASES 8192

struct tlog_bases {
	struct tlog_base last;
	struct tlog_base dirs[TLOG_N_BASES];
};

/* What a path has of an earlier one; what lies between is its own. */
struct tlog_parts {
	const struct tlog_base *base;
	size_t shared, tail;
};

struct tlog_parts tlog_base_choose(struct tlog_bases *bases, const char *abs, size_t len);
void tlog_base_remember(struct tlog_bases *bases, const char *abs, size_t len, uint32_t id);
