// SPDX-License-Identifier: Apache-2.0
/*
 * peek.h - reading the memory of a stopped thread
 *
 * By /proc/PID/mem, opened when the process is first seen (and after each execve) and kept: it
 * stays readable when the process drops its privilege. Where it does not open: word by word
 * through the engine. process_vm_readv() is not used (Docker's profile forbids it).
 */
#pragma once

#include "tracee.h"

/* Opens the memory unless it is open. Call at first sight and after EVENT_EXEC. */
void peek_open(struct tracee *t);

/* True if that memory is no more: the process has ended, or executed another program. */
bool peek_gone(const struct tracee *t);

/* Exactly len bytes. 0, or -EFAULT (not mapped), -EACCES (we may not look). */
int peek_bytes(struct tracee *t, uint64_t addr, void *buf, size_t len) MUST_CHECK;

/* A NUL-terminated string. Its length, -ENAMETOOLONG if size does not hold it, or as above. */
int peek_string(struct tracee *t, uint64_t addr, char *buf, size_t size) MUST_CHECK;

/* An address or long of the tracee's ABI at addr. */
int peek_word(struct tracee *t, enum call_abi abi, uint64_t addr, uint64_t *word) MUST_CHECK;
