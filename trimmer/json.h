// SPDX-License-Identifier: Apache-2.0
/*
 * json.h - JSON in, edited, out; the one door to yajl
 *
 * Configs are hashed, so what is not changed must come out byte for byte: a value remembers
 * where it stood in the text, and json_write() copies those bytes unless the value or
 * something in it was changed. Numbers are never converted. Refused: duplicate keys in one
 * object, what exceeds the limits json-depth and json-values, text beyond `max`, NUL in strings, bytes after the
 * value, text that is not UTF-8.
 */
#pragma once

#include "base.h"

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

struct json; /* a value; owned by its document or parent */

#define JSON_MAX_CONFIG (4u << 20) /* what is no image's; for those see limit.h */

/* Parses text (copied). -EBADMSG with *reason (the caller frees it) when refused. */
int json_parse(const char *text, size_t len, size_t max, struct json **value,
	       char **reason) MUST_CHECK;
void json_free(struct json *value);
static inline void json_freep(struct json **v)
{
	json_free(*v);
}

enum json_type json_type(const struct json *value);
/* JSON null counts as absent: all getters below then return NULL, 0, or the fallback. */
/* Member of an object, or NULL (also when value is NULL or no object). */
struct json *json_get(const struct json *value, const char *key);
/* Text of a string, NULL if it is none. */
const char *json_text(const struct json *value);
/* json_text(json_get(value, key)) */
const char *json_get_text(const struct json *value, const char *key);
bool json_get_bool(const struct json *value, const char *key, bool fallback);
/* A whole number >= 0 that fits, else fallback. */
uint64_t json_get_size(const struct json *value, const char *key, uint64_t fallback);
/* Array length (0 if none), and elements. */
size_t json_count(const struct json *value);
struct json *json_at(const struct json *value, size_t i);
/* Object members by position; key borrowed. */
size_t json_members(const struct json *value);
struct json *json_member(const struct json *value, size_t i, const char **key);

/* ---- making and changing ---------------------------------------------------------------- */

struct json *json_new_object(void);
struct json *json_new_array(void);
struct json *json_new_text(const char *text);
/* Text of any bytes, a file's name: what is not UTF-8 becomes \xNN, and a backslash \x5c. */
struct json *json_new_bytes(const char *text);
struct json *json_new_size(uint64_t n);
struct json *json_new_bool(bool b);
struct json *json_new_null(void);
/* A deep copy that no longer belongs to a document. */
struct json *json_copy(const struct json *value);
/* The same without the text it stood in: for another place or form (YAML). */
struct json *json_copy_plain(const struct json *value);
/* True if object has that member, be it null. */
bool json_has(const struct json *object, const char *key);
/* Sets a member (keeps its place, else goes last); takes ownership of member. */
void json_set(struct json *object, const char *key, struct json *member);
void json_set_text(struct json *object, const char *key, const char *text);
void json_remove(struct json *object, const char *key);
/* Appends; takes ownership. */
void json_add(struct json *array, struct json *element);
void json_add_text(struct json *array, const char *text);
/*
 * Long arrays of numbers, or of texts of any bytes (as json_new_bytes), in little more memory
 * than they have text: for writing only, their elements cannot be got.
 */
struct json *json_new_sizes(const uint64_t *numbers, size_t n);
struct json *json_new_names(const char *const *texts, size_t n);

/* The text: unchanged values as they stood, changed ones without white space. Caller frees. */
char *json_write(const struct json *value, size_t *len);
