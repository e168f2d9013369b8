// SPDX-License-Identifier: Apache-2.0
/*
 * logtext.h - the text mirror of a log, both ways (docs/tlog-format.md, "Text form")
 *
 *	# imagetrim log 1
 *	header
 *	  KEY=VALUE
 *	path ID OPS BY[ OF] PATH
 *	seen ID OPS BY[ OF]
 *	note CODE COUNT TEXT
 *	end
 *	  KEY=VALUE
 *	# cut | # damaged at byte N: REASON
 *
 * One record a line, texts escaped by path_escape(). Lossless: parsing it and dumping again
 * gives the same text.
 */
#pragma once

#include "base.h"

#include <stdio.h>

#define LOGTEXT_MAGIC "# imagetrim log 1\n"

/* Prints the log in data; paths_only: each path once, sorted, one a line, misses left out. */
int logtext_dump(const void *data, size_t len, bool paths_only, FILE *out) MUST_CHECK;
/* Text to a binary log. -EBADMSG with *line set when a line is wrong. The caller frees. */
int logtext_parse(const char *text, size_t len, char **data, size_t *data_len,
		  size_t *line) MUST_CHECK;
