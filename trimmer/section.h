// SPDX-License-Identifier: Apache-2.0
/*
 * section.h - one run of a log, in memory: what merge.c has of it for a moment
 *
 * While logs are read, paths are numbers of a pathset. Once all are known they are renumbered by
 * their order as texts, so that sorting is about small numbers.
 */
#pragma once

#include "digest.h"
#include "pathset.h"
#include "tlog.h"

#define NO_PATH UINT32_MAX

struct access {
	uint32_t path, by, of; /* numbers; NO_PATH: none */
	uint32_t ops;
};

/* A note, or a field of header or end; texts are copies. */
struct fact {
	char *key, *value;
	uint64_t count;
	unsigned int code;
};

struct facts {
	struct fact *items;
	size_t n_items, cap;
};

struct section {
	struct facts header, notes, end;
	bool ended;
	struct access *accesses;
	size_t n_accesses, cap;
};

/* fact's texts are taken over. */
void facts_add(struct facts *facts, struct fact fact);
/* Empties it, to be used again. */
void section_clear(struct section *s);
void section_fini(struct section *s);

/* ---- section_pack.c ------------------------------------------------------------------------- */

/* Appends s to *data, in about 6 bytes an access. */
void section_pack(const struct section *s, char **data, size_t *cap, size_t *len);
/* Fills s, which is empty, from what section_pack() made; paths become rank[path]. */
void section_unpack(struct section *s, const char *data, const uint32_t *rank);

/* ---- once paths are renumbered; texts: by number -------------------------------------------- */

/* Sorts the accesses by path and makes one of each path. scratch: as many accesses. */
void section_settle(struct section *s, struct access *scratch, size_t n_paths);
void section_digest(const struct section *s, const struct span *texts,
		    struct digest_text *digest);
/* Writes it; ids: by number, the id in this file or 0. */
int section_put(const struct section *s, struct tlog_writer *w, const struct span *texts,
		size_t n_texts, uint32_t *ids) MUST_CHECK;
