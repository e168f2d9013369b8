// SPDX-License-Identifier: Apache-2.0
/*
 * yamldoc.h - YAML in, edited as JSON values, out; the one door to libyaml
 *
 * A document becomes values of json.h that remember where they stood. What is written is the
 * text that was read with only the changed places replaced: comments, order and spelling of
 * the rest stay. Plain scalars follow JSON: null, true, false and numbers are what JSON
 * takes for such, all else is text and is never respelt. Refused: duplicate keys, keys that are
 * no scalars, merge keys (<<), nesting beyond 64, more than 200,000 values with aliases
 * expanded.
 */
#pragma once

#include "json.h"

struct yamldoc {
	struct json *value; /* null: an empty document */
	size_t start;	    /* byte of the stream's text where the value's text begins */
};

struct yamldoc_stream {
	char *text; /* ends with a newline */
	size_t len;
	struct yamldoc *docs;
	size_t n_docs, cap;
};

/* Parses text (copied). -EBADMSG with *reason (the caller frees it) when refused. */
int yamldoc_parse(const char *text, size_t len, struct yamldoc_stream *stream,
		  char **reason) MUST_CHECK;
void yamldoc_fini(struct yamldoc_stream *stream);

/*
 * The stream's text with document i changed to wanted[i] (a changed json_copy() of its
 * value), by position. The result is parsed again and compared: where an edit in place did not
 * give the wanted values (aliases, unusual layouts) that document is written anew, without its
 * comments; *n_respelt counts those. -EBADMSG if not even that gives them.
 */
int yamldoc_patch(const struct yamldoc_stream *stream, struct json *const wanted[], char **text,
		  size_t *len, size_t *n_respelt) MUST_CHECK;

/* ---- between yamldoc*.c ---------------------------------------------------------------------- */

struct text {
	char *data;
	size_t len, cap;
};

void text_put(struct text *t, const char *data, size_t len);
/* A value on one line. */
void yamldoc_put_flow(struct text *t, const struct json *value);
/* One "key: value" or "- value" with all its lines, the first one indented too. */
void yamldoc_put_member(struct text *t, const char *key, const struct json *value,
			size_t indent);
void yamldoc_put_element(struct text *t, const struct json *value, size_t indent);
/* A whole document. */
void yamldoc_put_root(struct text *t, const struct json *value);
