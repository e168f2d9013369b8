// SPDX-License-Identifier: Apache-2.0
/*
 * base.c - allocation that cannot fail, and reads and writes that are whole
 *
 * In: sizes, descriptors. Out: memory or -errno. Never prints, but before an abort.
 */
#include "base.h"
#include "diag.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/types.h>

#define HUGE_PAGE ((size_t)2 << 20)

static void *check(void *p)
{
	if (!p) {
		diag_error("out of memory");
		abort();
	}
	return p;
}

void *xmalloc(size_t size)
{
	return check(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return check(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
	return check(realloc(p, size ? size : 1));
}

void *calloc_small(size_t size)
{
	void *p = malloc(size);

	/* As two steps, or the compiler makes them the calloc(3) that is avoided. */
	__asm__ volatile("" : "+r"(p));
	return p ? memset(p, 0, size) : NULL;
}

void *calloc_table(size_t n, size_t size)
{
	size_t len;
	void *p;

	if (__builtin_mul_overflow(n, size, &len) || len < 2 * HUGE_PAGE)
		return calloc(n, size);
	p = aligned_alloc(HUGE_PAGE, (len + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
	if (!p)
		return NULL;
	/* It fails where there are none. */
	madvise(p, len, MADV_HUGEPAGE);
	return memset(p, 0, len);
}

void *xcalloc_table(size_t n, size_t size)
{
	return check(calloc_table(n ? n : 1, size));
}

char *xstrdup(const char *s)
{
	return check(strdup(s));
}

char *xmemdup(const void *p, size_t len)
{
	char *copy = xmalloc(len + 1);

	if (len)
		memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return check(s);
}

void xgrow(void *array, size_t *cap, size_t n, size_t elem)
{
	size_t want = *cap ? *cap : 16;
	void **p = array;

	if (n < *cap)
		return;
	while (want <= n)
		want *= 2;
	*p = xrealloc(*p, want * elem);
	*cap = want;
}

size_t cpus_usable(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return (size_t)MAX(CPU_COUNT(&set), 1);
	return (size_t)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1L); /* more than the set can hold */
}

int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int pread_all(int fd, void *data, size_t len, uint64_t off)
{
	char *p = data;

	while (len) {
		ssize_t n = pread(fd, p, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		p += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t read_up_to(int fd, void *data, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t n = read(fd, (char *)data + used, size - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

int read_whole(int fd, size_t max, char **data, size_t *len)
{
	cleanup_free char *buf = NULL;
	size_t cap = 0, used = 0;

	if (lseek(fd, 0, SEEK_SET) < 0 && errno != ESPIPE)
		return -errno;
	do {
		ssize_t n;

		xgrow(&buf, &cap, used + 65536, 1);
		n = read_up_to(fd, buf + used, cap - used - 1);
		if (n < 0)
			return (int)n;
		used += (size_t)n;
		if (used > max)
			return -EFBIG;
	} while (used == cap - 1);
	buf[used] = '\0';
	*data = steal_ptr(buf);
	*len = used;
	return 0;
}
