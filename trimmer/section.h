// SPDX-License-Identifier: Apache-2.0
/*
 * section.h - one run of a log, in memory: what merge.c keeps of it
 *
 * Paths are numbers of a pathset that all sections share.
 */
#pragma once

#include "digest.h"
#include "pathset.h"
#include "tlog.h"

#define NO_PATH UINT32_MAX

struct access {
	uint32_t path, by, of; /* numbers in the pathset; NO_PATH: none */
	uint32_t ops;
};

/* A note, or a field of header or end; texts are copies. */
struct fact {
	char *key, *value;
	uint64_t count;
	unsigned int code;
};

struct section {
	struct fact *header, *notes, *end;
	size_t n_header, n_notes, n_end;
	bool ended;
	struct access *accesses;
	size_t n_accesses, cap;
	const char *started;
	struct digest_text digest;
};

void section_free(struct section *s);
/* Sorts the accesses by path, makes one of each path, and computes the digest. */
void section_settle(struct section *s, const struct pathset *paths);
/* Order of sections (qsort(3) over struct section *): start time, then content. */
int section_compare(const void *a, const void *b);
/* Writes it; ids: by path number, the id in this file or 0. */
int section_put(const struct section *s, struct tlog_writer *w, const struct pathset *paths,
		uint32_t *ids) MUST_CHECK;
