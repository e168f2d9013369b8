// SPDX-License-Identifier: Apache-2.0
/* fuzz_elf.c - any bytes as a program: ELF headers, or a #! line */
#include "elfinfo.h"
#include "fuzz.h"

static int read_data(void *arg, void *buf, size_t len, uint64_t off)
{
	memcpy(buf, (const uint8_t *)arg + off, len);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free void *copy = xmemdup(data, size);
	struct elf_info info;
	char *interp, *arg;

	if (elf_read_memory(data, size, &info) == 0)
		elf_info_fini(&info);
	if (elf_read_parts(size, read_data, copy, &info) == 0)
		elf_info_fini(&info);
	if (shebang_parse((const char *)data, size, &interp, &arg) > 0) {
		free(interp);
		free(arg);
	}
	return 0;
}
