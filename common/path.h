// SPDX-License-Identifier: Apache-2.0
/*
 * path.h - path text, without looking at any file system
 *
 * Three kinds of path, three names, never mixed: `raw` (as a program passed it), `abs`
 * (absolute in the container, links not followed), `host_path`. All are byte strings; any
 * byte but NUL is legal. `..` is never folded as text: /a/link/../b is not /a/b.
 */
#pragma once

#include "base.h"

/* Longest abs we store: relative steps can go beyond PATH_MAX (4096). */
#define PATH_ABS_MAX 65535
/* NAME_MAX of Linux file systems. */
#define PATH_NAME_MAX 255

/*
 * Writes base "/" raw, or raw alone if it is absolute, to out: "//" and "." components are
 * removed, a trailing "/" too, ".." stays. base must be absolute and clean. Returns the length, or
 * -ENAMETOOLONG when it does not fit size bytes with its NUL, -EINVAL when neither is absolute.
 */
int path_join(char *out, size_t size, const char *base, const char *raw);

/* Steps through components: the next one from *path, len 0 at the end. Skips "/" and ".". */
struct span path_next(const char **path);

/* True if abs is dir itself or below it. dir "/" holds all. Both cleaned. */
bool path_below(const char *abs, const char *dir);

/* True if a component of abs is "..". */
bool path_has_dotdot(const char *abs);

/* Last component of a path without trailing slash; "" for "/". */
const char *path_base(const char *path);

/*
 * Text form for dumps and lists: control bytes, DEL and backslash as \xNN; at most size - 1
 * bytes and a NUL. path_unescape undoes it in place; -EINVAL on a bad escape.
 */
void path_escape(char *out, size_t size, const char *path, size_t len);
int path_unescape(char *text);
