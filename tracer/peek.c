// SPDX-License-Identifier: Apache-2.0
/*
 * peek.c - page-bounded reads of another process
 *
 * In: a thread and an address. Out: bytes. Never crosses a page in one read: a string may end
 * just before an unmapped page.
 */
#include "peek.h"
#include "event.h"
#include "fdroom.h"
#include "rights.h"

#include <fcntl.h>
#include <sys/uio.h>

#define PAGE 4096u
/* Reads before the memory is opened, which costs as much as some reads. */
#define FEW 16

void peek_open(struct tracee *t)
{
	int fd;

	if (t->space->mem >= 0)
		return;
	fd = fdroom_keep(rights_open(t->pid, "mem", O_RDONLY));
	if (fd >= 0)
		t->space->mem = fd;
}

bool peek_gone(const struct tracee *t)
{
	char byte;

	return t->space->mem >= 0 && pread(t->space->mem, &byte, 1, 0) == 0;
}

/* Opens it for this once: where descriptors are few, and ptrace(2) is not ours to use. */
static ssize_t read_once(struct tracee *t, uint64_t addr, char *buf, size_t len)
{
	cleanup_fd int fd = rights_open(t->pid, "mem", O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -EACCES;
	n = pread(fd, buf, len, (off_t)addr);
	return n > 0 ? n : -EFAULT;
}

/* At most len bytes within a page: 1 .. len, or -EFAULT, -EACCES. */
static ssize_t read_words(struct tracee *t, uint64_t addr, char *buf, size_t len)
{
	uint64_t at = addr & ~(uint64_t)(sizeof(long) - 1);
	size_t skip = addr - at, n;
	long word;
	int r = event_peek(t->pid, at, &word);

	if (r == -ESRCH)
		return read_once(t, addr, buf, len);
	if (r < 0)
		return t->space->mem >= 0 ? -EFAULT : -EACCES;
	n = MIN(sizeof(word) - skip, len);
	memcpy(buf, (const char *)&word + skip, n);
	return (ssize_t)n;
}

/* An address of another process is a number here. */
static ssize_t read_memory(pid_t pid, uint64_t addr, char *buf, size_t len)
{
	const struct iovec here = { buf, len };
	struct iovec there = { .iov_len = len };

	memcpy(&there.iov_base, &addr, sizeof(there.iov_base));
	return process_vm_readv(pid, &here, 1, &there, 1, 0);
}

bool peek_unmapped(const struct tracee *t, uint64_t addr)
{
	char byte;

	return !t->space->no_call && read_memory(t->pid, addr, &byte, 1) < 0 && errno == EFAULT;
}

/* As read_some(); -EPERM if this is no way to read. */
static ssize_t read_by_call(struct tracee *t, uint64_t addr, char *buf, size_t len)
{
	ssize_t n = read_memory(t->pid, addr, buf, len);

	if (n <= 0 && errno != EFAULT) {
		t->space->no_call = true;
		peek_open(t);
		return -EPERM;
	}
	if (++t->space->n_peeks == FEW)
		peek_open(t);
	return n > 0 ? n : -EFAULT;
}

static ssize_t read_some(struct tracee *t, uint64_t addr, char *buf, size_t len)
{
	size_t room = PAGE - (addr & (PAGE - 1));
	ssize_t n;

	len = MIN(len, room);
	if (t->space->mem < 0 && !t->space->no_call) {
		n = read_by_call(t, addr, buf, len);
		if (n != -EPERM)
			return n;
	}
	if (t->space->mem < 0)
		return read_words(t, addr, buf, len);
	n = pread(t->space->mem, buf, len, (off_t)addr);
	if (n > 0)
		return n;
	if (n < 0)
		return -EFAULT;
	/* End of file: this memory is gone, the process has another (an execve we missed). */
	close(t->space->mem);
	t->space->mem = -1;
	peek_open(t);
	if (t->space->mem < 0)
		return read_words(t, addr, buf, len);
	n = pread(t->space->mem, buf, len, (off_t)addr);
	return n > 0 ? n : -EFAULT;
}

int peek_bytes(struct tracee *t, uint64_t addr, void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		ssize_t n = read_some(t, addr, p, len);

		if (n < 0)
			return (int)n;
		p += n;
		addr += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int peek_string(struct tracee *t, uint64_t addr, char *buf, size_t size)
{
	size_t used = 0;

	while (used < size) {
		/* Most paths are short: not a whole page at first. */
		size_t want = MIN(size - used, used ? (size_t)PAGE : (size_t)256);
		ssize_t n = read_some(t, addr + used, buf + used, want);
		const char *nul;

		if (n < 0)
			return (int)n;
		nul = memchr(buf + used, '\0', (size_t)n);
		if (nul)
			return (int)(nul - buf);
		used += (size_t)n;
	}
	return -ENAMETOOLONG;
}

int peek_word(struct tracee *t, enum call_abi abi, uint64_t addr, uint64_t *word)
{
	uint32_t narrow;
	int r;

	if (abi != CALL_I386)
		return peek_bytes(t, addr, word, sizeof(*word));
	r = peek_bytes(t, addr, &narrow, sizeof(narrow));
	if (r < 0)
		return r;
	*word = narrow;
	return 0;
}
