// SPDX-License-Identifier: Apache-2.0
/* naming.c - any byte in a name, a path at the end of mapped memory, paths beyond PATH_MAX */
#include "expect.h"

#include <sys/mman.h>

#define STEP  200
#define STEPS 40 /* 8000 bytes, twice PATH_MAX */

static void step_name(char *name)
{
	memset(name, 'x', STEP);
	name[STEP] = '\0';
}

/* A name that ends in that byte. */
static const char *byte_name(int c)
{
	static char name[] = "bytes/b?";

	name[sizeof(name) - 2] = (char)c;
	return name;
}

static int setup(void)
{
	char name[STEP + 1];

	touch("new\nline");
	touch("\xff\xfe\x01");
	touch("blank and 'quote\"");
	touch("back\\slash");
	touch("edge");
	touch("x (deleted)");
	MUST(mkdir("bytes", 0755));
	for (int c = 1; c < 256; c++)
		if (c != '/')
			touch(byte_name(c));
	step_name(name);
	for (int i = 0; i < STEPS; i++) {
		MUST(mkdir(name, 0755));
		MUST(chdir(name));
	}
	touch("deep");
	return 0;
}

static void odd_bytes(void)
{
	MUST(open("new\nline", O_RDONLY));
	expect("read", "new\\x0aline");
	MUST(open("\xff\xfe\x01", O_RDONLY));
	expect("read", "\xff\xfe\\x01");
	MUST(open("blank and 'quote\"", O_RDONLY));
	expect("read", "blank and 'quote\"");
	MUST(open("back\\slash", O_RDONLY));
	expect("read", "back\\x5cslash");
	MUST(open("./x (deleted)", O_RDONLY));
	expect("read", "x (deleted)");
}

static void each_byte(void)
{
	for (int c = 1; c < 256; c++) {
		if (c == '/')
			continue;
		MUST(open(byte_name(c), O_RDONLY | O_CLOEXEC) < 0 ? -1 : 0);
		if (c < 0x20 || c == 0x7f || c == '\\')
			expect("read", "bytes/b\\x%02x", (unsigned int)c);
		else
			expect("read", "%s", byte_name(c));
	}
}

/* The NUL is the last byte of the last mapped page. */
static void at_edge(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *name = map + page - sizeof("edge");

	CHECK(map != MAP_FAILED);
	MUST(munmap(map + page, (size_t)page));
	strcpy(name, "edge");
	MUST(open(name, O_RDONLY));
	expect("read", "edge");
}

static void deep(void)
{
	char name[STEP + 1], path[STEPS * (STEP + 1) + 8] = "";
	int dir = AT_FDCWD;

	step_name(name);
	for (int i = 0; i < STEPS; i++) {
		/* Half of the way by chdir, half by descriptor. */
		if (i < STEPS / 2)
			MUST(chdir(name));
		else
			dir = (int)MUST(openat(dir, name, O_PATH | O_DIRECTORY));
		if (*path)
			strcat(path, "/");
		strcat(path, name);
		expect(i < STEPS / 2 ? "enter" : "stat", "%s", path);
	}
	MUST(openat(dir, "deep", O_RDONLY));
	expect("read", "%s/deep", path);
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	odd_bytes();
	each_byte();
	at_edge();
	deep();
	return 0;
}
