// SPDX-License-Identifier: Apache-2.0
/*
 * peek.h - reading the memory of a stopped thread
 *
 * By /proc/PID/mem, which stays readable when the process drops its privilege: so it is opened
 * before that, or once it has been read often enough, and kept. The first reads are by
 * process_vm_readv(2): most processes do little and end. Where that is refused (older profiles of
 * Docker) the file is opened at once; where that does not open, memory is read word by word through
 * the engine.
 */
#pragma once

#include "tracee.h"

/* Opens the memory unless it is open: it is about to become unreadable, or to end. */
void peek_open(struct tracee *t);

/* True if that memory, once opened, is no more: the process has ended or executed another. */
bool peek_gone(const struct tracee *t);

/* True if there is nothing at addr, or nothing to read; false also if nobody knows. */
bool peek_unmapped(const struct tracee *t, uint64_t addr);

/* Exactly len bytes. 0, or -EFAULT (not mapped), -EACCES (we may not look). */
int peek_bytes(struct tracee *t, uint64_t addr, void *buf, size_t len) MUST_CHECK;

/* A NUL-terminated string. Its length, -ENAMETOOLONG if size does not hold it, or as above. */
int peek_string(struct tracee *t, uint64_t addr, char *buf, size_t size) MUST_CHECK;

/* An address or long of the tracee's ABI at addr. */
int peek_word(struct tracee *t, enum call_abi abi, uint64_t addr, uint64_t *word) MUST_CHECK;
