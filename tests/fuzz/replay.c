// SPDX-License-Identifier: Apache-2.0
/*
 * replay.c - a fuzz target over files, in the plain test suite
 *
 * Each file as it is, cut at up to 64 places, and with one byte changed at up to 256 places:
 * no fuzzer is needed to catch the plain mistakes. Messages of the code under test are not
 * shown.
 */
#include "diag.h"
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>

static void mutate(uint8_t *data, size_t len)
{
	size_t cuts = MIN(len, (size_t)64), places = MIN(len, (size_t)256);

	for (size_t i = 0; i < cuts; i++) {
		size_t n = len * i / cuts;
		uint8_t *copy = xmalloc(n); /* of its own, so that asan sees the end */

		memcpy(copy, data, n);
		LLVMFuzzerTestOneInput(copy, n);
		free(copy);
	}
	for (size_t i = 0; i < places; i++) {
		static const uint8_t masks[] = { 0x01, 0x80, 0xff, 0x20 };
		size_t at = len * i / places;

		data[at] ^= masks[i % ARRAY_SIZE(masks)];
		LLVMFuzzerTestOneInput(data, len);
		data[at] ^= masks[i % ARRAY_SIZE(masks)];
	}
}

int main(int argc, char **argv)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int messages = dup(STDERR_FILENO);

	for (int i = 1; i < argc; i++) {
		cleanup_fd int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
		char *data;
		size_t len;

		if (fd < 0 || read_whole(fd, 16u << 20, &data, &len) < 0) {
			diag_error("%s cannot be read", argv[i]);
			return 1;
		}
		diag_set_level(DIAG_ERROR);
		dup2(null, STDERR_FILENO);
		LLVMFuzzerTestOneInput((uint8_t *)data, len);
		mutate((uint8_t *)data, len);
		dup2(messages, STDERR_FILENO);
		free(data);
	}
	printf("%d files\n", argc - 1);
	return 0;
}
