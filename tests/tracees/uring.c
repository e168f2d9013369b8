// SPDX-License-Identifier: Apache-2.0
/* uring.c - io_uring opens files behind the tracer's back, so it is refused, and that is told */
#include "expect.h"

int main(int argc, char **argv UNUSED)
{
	char params[512] = { 0 };

	if (argc > 1)
		return 0;
	MUST_FAIL(syscall(425, 4, params), ENOSYS);
	MUST_FAIL(syscall(425, 4, params), ENOSYS);
	printf("note io_uring io_uring_setup\n");
	/* Other numbers that are none stay what they are. */
	MUST_FAIL(syscall(9999, 0), ENOSYS);
	return 0;
}
