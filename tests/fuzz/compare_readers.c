// SPDX-License-Identifier: Apache-2.0
/* compare_readers.c - compare_readers TAR...: each tar by both readers (same_entries.h) */
#include "same_entries.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
		struct stat st;

		if (fd < 0 || fstat(fd, &st) < 0 ||
		    !same_entries(&(struct range) { fd, 0, (uint64_t)st.st_size })) {
			printf("%s: see above\n", argv[i]);
			failed = 1;
		}
		close(fd);
	}
	return failed;
}
