// SPDX-License-Identifier: Apache-2.0
/* fuzz_archive.c - any bytes as an image archive, compressed ones among them */
#include "fuzz.h"
#include "image_bytes.h"

#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	cleanup_fd int fd = memfd_create("archive", MFD_CLOEXEC);

	if (!ready)
		small_limits();
	ready = true;
	if (size <= 1 << 20 && write_all(fd, data, size) == 0)
		look_at_image(fd);
	return 0;
}
