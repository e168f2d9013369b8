// SPDX-License-Identifier: Apache-2.0
/*
 * elfinfo.c - the one door to libelf
 *
 * In: an open file, its bytes, or a way to read them. Out: struct elf_info. Never trusts an offset: libelf checks
 * the headers, every string is looked for within the bytes that a PT_LOAD brings.
 */
#include "elfinfo.h"

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <sys/mman.h>

/* ELF header and, nearly always, the program headers. */
#define HEAD_SIZE 4096

/* Bytes that are read where they are asked for; the rest is zero. */
struct parts {
	int (*read)(void *arg, void *buf, size_t len, uint64_t off);
	void *arg;
	char *bytes;
};

struct image {
	Elf *elf;
	size_t n_phdrs;
	const char *raw;
	size_t raw_len;
	const struct parts *parts; /* NULL: all bytes are there */
};

static void elf_end_fn(Elf **elf)
{
	if (*elf)
		elf_end(*elf);
}

/* Brings len bytes at off into the image, if it is read in parts; less at the end. */
static bool fetch(const struct image *img, uint64_t off, uint64_t len)
{
	const struct parts *parts = img->parts;

	if (!parts || off >= img->raw_len)
		return true;
	len = MIN(len, img->raw_len - off);
	return parts->read(parts->arg, parts->bytes + off, len, off) == 0;
}

/* A string of at most max bytes at a file offset, or NULL. */
static const char *string_at(const struct image *img, uint64_t off, uint64_t max)
{
	uint64_t room;

	if (off >= img->raw_len || !fetch(img, off, max))
		return NULL;
	room = MIN(img->raw_len - off, max);
	return memchr(img->raw + off, '\0', room) ? img->raw + off : NULL;
}

/* File offset of a virtual address, through the PT_LOAD that holds it; UINT64_MAX if none. */
static uint64_t file_offset(const struct image *img, uint64_t addr)
{
	GElf_Phdr ph;

	for (size_t i = 0; i < img->n_phdrs; i++) {
		if (!gelf_getphdr(img->elf, (int)i, &ph) || ph.p_type != PT_LOAD)
			continue;
		if (addr >= ph.p_vaddr && addr - ph.p_vaddr < ph.p_filesz)
			return ph.p_offset + (addr - ph.p_vaddr);
	}
	return UINT64_MAX;
}

static bool read_dyn(const struct image *img, const GElf_Phdr *ph, size_t i, GElf_Dyn *dyn)
{
	bool wide = gelf_getclass(img->elf) == ELFCLASS64;
	size_t size = wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	uint64_t at = ph->p_offset + i * size;

	if (i >= ph->p_filesz / size || at < ph->p_offset || at > img->raw_len ||
	    size > img->raw_len - at)
		return false;
	if (wide) {
		Elf64_Dyn d;

		memcpy(&d, img->raw + at, sizeof(d));
		*dyn = d;
	} else {
		Elf32_Dyn d;

		memcpy(&d, img->raw + at, sizeof(d));
		dyn->d_tag = d.d_tag;
		dyn->d_un.d_val = d.d_un.d_val;
	}
	return dyn->d_tag != DT_NULL;
}

static void add_needed(struct elf_info *info, const char *name)
{
	info->needed = xrealloc(info->needed, (info->n_needed + 1) * sizeof(*info->needed));
	info->needed[info->n_needed++] = xstrdup(name);
}

/* More entries, and longer names, than sane files have: hostile ones must end, and fit. */
#define DYN_MAX	     8192
#define NAME_LEN_MAX 4096
#define LIST_LEN_MAX 65536

static int read_dynamic(const struct image *img, const GElf_Phdr *ph, struct elf_info *info)
{
	uint64_t strtab = 0, strsz = 0, base;
	GElf_Dyn dyn;

	if (!fetch(img, ph->p_offset, MIN(ph->p_filesz, DYN_MAX * sizeof(Elf64_Dyn))))
		return -EIO;
	for (size_t i = 0; i < DYN_MAX && read_dyn(img, ph, i, &dyn); i++) {
		if (dyn.d_tag == DT_STRTAB)
			strtab = dyn.d_un.d_ptr;
		if (dyn.d_tag == DT_STRSZ)
			strsz = dyn.d_un.d_val;
	}
	base = file_offset(img, strtab);
	if (!strtab || base == UINT64_MAX)
		return 0;
	for (size_t i = 0; i < DYN_MAX && read_dyn(img, ph, i, &dyn); i++) {
		uint64_t v = dyn.d_un.d_val;
		uint64_t max = dyn.d_tag == DT_NEEDED ? NAME_LEN_MAX : LIST_LEN_MAX;
		const char *s;

		if (dyn.d_tag != DT_NEEDED && dyn.d_tag != DT_RPATH && dyn.d_tag != DT_RUNPATH)
			continue;
		s = v < strsz && base + v >= base
			    ? string_at(img, base + v, MIN(strsz - v, max))
			    : NULL;
		if (!s)
			return -EBADMSG;
		if (dyn.d_tag == DT_NEEDED)
			add_needed(info, s);
		else if (dyn.d_tag == DT_RPATH && !info->rpath)
			info->rpath = xstrdup(s);
		else if (dyn.d_tag == DT_RUNPATH && !info->runpath)
			info->runpath = xstrdup(s);
	}
	return 0;
}

/* dynamic false: PT_INTERP only. parts: NULL if all bytes are there. */
static int read_elf(Elf *elf, bool dynamic, const struct parts *parts, struct elf_info *ret)
{
	struct elf_info info = { 0 };
	struct image img = { .elf = elf, .parts = parts };
	GElf_Ehdr eh;
	GElf_Phdr ph;
	bool done = !dynamic;
	int r = 0;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh))
		return -ENOEXEC;
	img.raw = elf_rawfile(elf, &img.raw_len);
	if (!img.raw || elf_getphdrnum(elf, &img.n_phdrs) < 0)
		return -EBADMSG;
	if (!fetch(&img, eh.e_phoff, img.n_phdrs * sizeof(Elf64_Phdr)))
		return -EIO;
	info.machine = eh.e_machine;
	info.class = (uint8_t)gelf_getclass(elf);
	for (size_t i = 0; i < img.n_phdrs && r == 0; i++) {
		if (!gelf_getphdr(elf, (int)i, &ph)) {
			r = -EBADMSG;
		} else if (ph.p_type == PT_INTERP && !info.interp) {
			const char *s = string_at(&img, ph.p_offset, ph.p_filesz);

			info.interp = s ? xstrdup(s) : NULL;
			r = s ? 0 : -EBADMSG;
		} else if (ph.p_type == PT_DYNAMIC && !done) {
			r = read_dynamic(&img, &ph, &info);
			done = true; /* there is but one */
		}
	}
	if (r < 0) {
		elf_info_fini(&info);
		return r;
	}
	*ret = info;
	return 0;
}

int elf_read_memory(const void *data, size_t len, struct elf_info *info)
{
	Elf *elf CLEANUP(elf_end_fn) = NULL;
	char *bytes;

	if (len < EI_NIDENT || memcmp(data, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	elf_version(EV_CURRENT);
	/* elf_memory() takes no const, and does not write with ELF_C_READ semantics. */
	memcpy(&bytes, &data, sizeof(bytes));
	elf = elf_memory(bytes, len);
	return elf ? read_elf(elf, true, NULL, info) : -EBADMSG;
}

int elf_read_parts(size_t len, int (*read)(void *arg, void *buf, size_t len, uint64_t off),
		   void *arg, struct elf_info *info)
{
	Elf *elf CLEANUP(elf_end_fn) = NULL;
	/* Pages that are not read into cost nothing. */
	struct parts parts = { read, arg,
			       mmap(NULL, MAX(len, (size_t)1), PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) };
	int r;

	if (parts.bytes == MAP_FAILED)
		return -errno;
	r = read(arg, parts.bytes, MIN(len, (size_t)HEAD_SIZE), 0);
	if (r == 0 && (len < EI_NIDENT || memcmp(parts.bytes, ELFMAG, SELFMAG) != 0))
		r = -ENOEXEC;
	if (r == 0) {
		elf_version(EV_CURRENT);
		elf = elf_memory(parts.bytes, len);
		r = elf ? read_elf(elf, true, &parts, info) : -EBADMSG;
	}
	if (elf)
		elf_end(steal_ptr(elf));
	munmap(parts.bytes, MAX(len, (size_t)1));
	return r;
}

static int read_file(int fd, bool dynamic, struct elf_info *info)
{
	Elf *elf CLEANUP(elf_end_fn) = NULL;
	char magic[SELFMAG];

	if (pread(fd, magic, SELFMAG, 0) != SELFMAG || memcmp(magic, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	return elf ? read_elf(elf, dynamic, NULL, info) : -EBADMSG;
}

int elf_read_fd(int fd, struct elf_info *info)
{
	return read_file(fd, true, info);
}

int elf_read_interp(int fd, char **interp)
{
	struct elf_info info;
	int r = read_file(fd, false, &info);

	if (r < 0)
		return r;
	*interp = steal_ptr(info.interp);
	elf_info_fini(&info);
	return 0;
}

void elf_info_fini(struct elf_info *info)
{
	for (size_t i = 0; i < info->n_needed; i++)
		free(info->needed[i]);
	free(info->needed);
	free(info->interp);
	free(info->rpath);
	free(info->runpath);
	*info = (struct elf_info) { 0 };
}

const char *elf_machine_arch(uint16_t machine)
{
	static const struct {
		uint16_t machine;
		const char *arch;
	} archs[] = {
		{ EM_X86_64, "amd64" }, { EM_386, "386" },	 { EM_AARCH64, "arm64" },
		{ EM_ARM, "arm" },	{ EM_RISCV, "riscv64" }, { EM_PPC64, "ppc64le" },
		{ EM_S390, "s390x" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(archs); i++)
		if (archs[i].machine == machine)
			return archs[i].arch;
	return NULL;
}
