// SPDX-License-Identifier: Apache-2.0
/*
 * narrow.c - i386 calls: built with -m32 a program of its own, else int 0x80 from a 64-bit
 * process. Numbers collide (i386 open is x86-64 fstat), so the ABI must be told per call.
 */
#include "expect.h"

#include <sys/mman.h>

static const char *const files[] = { "open", "stat64", "access", "creat", "openat", "chmod" };

static int setup(void)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		close((int)MUST(open(files[i], O_CREAT | O_WRONLY, 0644)));
	MUST(mkdir("d", 0755));
	return 0;
}

/* i386 numbers. */
enum {
	OPEN = 5,
	CREAT = 8,
	CHDIR = 12,
	CHMOD = 15,
	ACCESS = 33,
	MKDIR = 39,
	SOCKETCALL = 102,
	STAT64 = 195,
	OPENAT = 295
};

static long call(long nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	long result;

#if defined(__i386__)
	result = syscall(nr, a, b, c, d);
	result = result < 0 ? -errno : result;
#else
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d)
			 : "memory", "r8", "r9", "r10", "r11");
#endif
	return (int32_t)result;
}

/* socketcall(socket), then bind to family 1, path "sock". */
static void socketcalls(char *low, uint32_t text, uint32_t room)
{
	uint32_t *args = (uint32_t *)(void *)(low + 4096);

	((uint32_t *)(void *)(low + 4096 + 64))[0] = 1;
	((uint32_t *)(void *)(low + 4096 + 64))[1] = 1;
	((uint32_t *)(void *)(low + 4096 + 64))[2] = 0;
	args[0] = (uint32_t)call(SOCKETCALL, 1, room + 64, 0, 0);
	CHECK((int32_t)args[0] >= 0);
	memset(low, 0, 110);
	low[0] = 1;
	strcpy(low + 2, "sock");
	args[1] = text;
	args[2] = 110;
	CHECK(call(SOCKETCALL, 2, room, 0, 0) == 0);
	expect("create,connect", "d/sock");
}

int main(int argc, char **argv UNUSED)
{
	uint32_t text, room;
	char *low;
	int status;
	pid_t pid;

	if (argc > 1)
		return setup();
	/* Addresses must fit 32 bits. */
	low = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
#ifdef MAP_32BIT
		   MAP_32BIT |
#endif
			   MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0);
	CHECK(low != MAP_FAILED);
	text = (uint32_t)(uintptr_t)low;
	room = text + 4096;
	pid = fork();
	if (pid == 0) {
		/* A kernel without the ABI kills or refuses. */
		strcpy(low, "open");
		_exit(call(ACCESS, text, R_OK, 0, 0) == 0 ? 0 : SKIP);
	}
	MUST(waitpid(pid, &status, 0));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return SKIP;

	strcpy(low, "open");
	CHECK(call(OPEN, text, O_RDONLY, 0, 0) >= 0);
	expect("read,stat", "open");
	strcpy(low, "stat64");
	CHECK(call(STAT64, text, room, 0, 0) == 0);
	expect("stat", "stat64");
	strcpy(low, "access");
	CHECK(call(ACCESS, text, R_OK, 0, 0) == 0);
	expect("stat", "access");
	strcpy(low, "creat");
	CHECK(call(CREAT, text, 0644, 0, 0) >= 0);
	expect("write", "creat");
	strcpy(low, "openat");
	CHECK(call(OPENAT, (uint32_t)AT_FDCWD, text, O_WRONLY, 0) >= 0);
	expect("write", "openat");
	strcpy(low, "chmod");
	CHECK(call(CHMOD, text, 0600, 0, 0) == 0);
	expect("change", "chmod");
	strcpy(low, "d");
	CHECK(call(CHDIR, text, 0, 0, 0) == 0);
	expect("enter", "d");
	strcpy(low, "made");
	CHECK(call(MKDIR, text, 0755, 0, 0) == 0);
	expect("create", "d/made");

	socketcalls(low, text, room);
	return 0;
}
