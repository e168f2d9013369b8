// SPDX-License-Identifier: Apache-2.0
/*
 * base.h - what every file of imagetrim leans on
 *
 * Errors: functions return int, 0 or positive on success, -errno on failure, and leave their
 * outputs untouched on failure. Predicates return bool. A message is printed once, by the
 * caller that knows the name (diag.h). Out of memory and broken invariants abort: xmalloc()
 * and friends never return NULL. The tracer, which must not harm the application, uses
 * malloc() itself wherever the size depends on the tracee.
 *
 * Ownership: `const T *` is borrowed; a function that takes ownership says so in its comment;
 * locals are released by the cleanup attributes below, and handed on with steal_ptr() and
 * steal_fd().
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	      (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)	      ((a) < (b) ? (a) : (b))
#define MAX(a, b)	      ((a) > (b) ? (a) : (b))
#define PRINTF_LIKE(f, a)     __attribute__((format(printf, f, a)))
#define MUST_CHECK	      __attribute__((warn_unused_result))
#define UNUSED		      __attribute__((unused))
#define CONTAINER_OF(p, t, m) ((t *)((char *)(p)-offsetof(t, m)))

#define CLEANUP(fn)  __attribute__((cleanup(fn)))
#define cleanup_free CLEANUP(cleanup_free_fn)
#define cleanup_fd   CLEANUP(cleanup_fd_fn)

static inline void cleanup_free_fn(void *p)
{
	free(*(void **)p);
}

/* Keeps errno, so that `return -errno` works with an open fd in scope. */
static inline void cleanup_fd_fn(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

/* Takes the value and leaves NULL or -1 behind, so that the cleanup attribute does nothing. */
#define steal_ptr(p)                          \
	({                                    \
		__typeof__(p) stolen__ = (p); \
		(p) = NULL;                   \
		stolen__;                     \
	})
static inline int steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

/* A borrowed piece of memory that is not NUL-terminated. */
struct span {
	const char *data;
	size_t len;
};

/* Allocation that cannot fail (aborts with a message instead). The caller frees. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
/* Copies len bytes and adds a NUL. */
char *xmemdup(const void *p, size_t len) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2)
	__attribute__((malloc, returns_nonnull));

/*
 * Zeroed memory for small things that come and go: calloc(3) of glibc (before 2.41) never takes what
 * was freed just now, which costs several times as much. NULL: out of memory. free(3).
 */
void *calloc_small(size_t size) MUST_CHECK;

/*
 * Zeroed memory for a table that is looked up at random: on huge pages where it is large and the
 * kernel has them, or each look-up of millions misses the TLB. NULL: out of memory. free(3).
 */
void *calloc_table(size_t n, size_t size) MUST_CHECK;
void *xcalloc_table(size_t n, size_t size) __attribute__((returns_nonnull));

/* Grows *array (elements of elem bytes, *cap of them) so that index n is valid. */
void xgrow(void *array, size_t *cap, size_t n, size_t elem);

/* How many CPUs this process may run on, at least 1. */
size_t cpus_usable(void);

/* write(2) until all is written; short writes and EINTR are handled. 0 or -errno. */
int write_all(int fd, const void *data, size_t len) MUST_CHECK;
/* pread(2) of exactly len bytes. 0, -EIO when the file ends before, or -errno. */
int pread_all(int fd, void *data, size_t len, uint64_t off) MUST_CHECK;
/* read(2) until size bytes are there or the end comes: how many, or -errno. */
ssize_t read_up_to(int fd, void *data, size_t size) MUST_CHECK;
/*
 * Reads the whole of fd (from its start if it is seekable, else to its end) into *data, NUL
 * added, at most max bytes (-EFBIG above). The caller frees *data.
 */
int read_whole(int fd, size_t max, char **data, size_t *len) MUST_CHECK;
