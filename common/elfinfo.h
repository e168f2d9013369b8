// SPDX-License-Identifier: Apache-2.0
/*
 * elfinfo.h - what an ELF file asks of the dynamic loader; the one door to libelf
 *
 * Reads program headers and the dynamic section (found through PT_DYNAMIC and PT_LOAD, so
 * stripped section headers do not matter). Every offset is checked: the file is hostile.
 * (Not "elf.h": that name belongs to the C library.) Source: elf(5), System V ABI, ld.so(8).
 */
#pragma once

#include "base.h"

/* Strings are copies owned by the struct. */
struct elf_info {
	uint16_t machine;      /* EM_X86_64, EM_AARCH64, ... */
	uint8_t class;	       /* ELFCLASS32 or ELFCLASS64 */
	char *interp;	       /* PT_INTERP or NULL */
	char *rpath, *runpath; /* DT_RPATH, DT_RUNPATH or NULL; "$ORIGIN" left in */
	char **needed;	       /* DT_NEEDED, in order */
	size_t n_needed;
};

/*
 * 0; -ENOEXEC when it is not ELF; -EBADMSG when it is, but broken. Only the interp is read by
 * elf_read_interp (cheap: one or two preads), which gives *interp NULL for a static program.
 */
int elf_read_fd(int fd, struct elf_info *info) MUST_CHECK;
int elf_read_memory(const void *data, size_t len, struct elf_info *info) MUST_CHECK;
int elf_read_interp(int fd, char **interp) MUST_CHECK;
/*
 * The same of len bytes that read (0 or -errno) brings: it is asked for the headers, the dynamic
 * section and the strings that count, a few pages of a large library.
 */
int elf_read_parts(size_t len, int (*read)(void *arg, void *buf, size_t len, uint64_t off),
		   void *arg, struct elf_info *info) MUST_CHECK;
void elf_info_fini(struct elf_info *info);
/* OCI architecture name (amd64, 386, arm64, ...) of a machine, or NULL. */
const char *elf_machine_arch(uint16_t machine);

/*
 * The interpreter line of a script as Linux reads it (fs/binfmt_script.c: first 256 bytes,
 * one optional argument). head: the first bytes of the file. 1 and *interp (and *arg or NULL)
 * if it is a script, 0 if not. The caller frees.
 */
#define SHEBANG_MAX 256
int shebang_parse(const char *head, size_t len, char **interp, char **arg);
