// SPDX-License-Identifier: Apache-2.0
/*
 * pathset.h - a set of byte strings, numbered in the order they came
 *
 * Strings never move and never leave, so a `const char *` from the set is good until
 * pathset_free(). Numbers start at 0 and are dense: callers keep what they know about a path
 * in arrays of their own. About 32 bytes a path beside its text.
 */
#pragma once

#include "base.h"

struct pathset;

/* NULL when out of memory. */
struct pathset *pathset_new(void);
void pathset_free(struct pathset *set);

/*
 * Adds path (len bytes, without a NUL) unless it is there. Returns its number, or -ENOMEM (a
 * tracer goes on without); *fresh tells whether it is new.
 */
int64_t pathset_add(struct pathset *set, const char *path, size_t len, bool *fresh);
/* The number, or -ENOENT. */
int64_t pathset_find(const struct pathset *set, const char *path, size_t len);
/* The NUL-terminated text of number n. */
const char *pathset_get(const struct pathset *set, size_t n, size_t *len);
size_t pathset_count(const struct pathset *set);
