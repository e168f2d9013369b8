// SPDX-License-Identifier: Apache-2.0
/* resolving.c - openat2 with each RESOLVE flag: what it lets through, and where it then leads */
#include "expect.h"

#include <linux/openat2.h>

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

static int setup(void)
{
	static const char *const files[] = { "in/file",	  "in/target", "in/deep/f", "in/up",
					     "in/cached", "in/plain",  "in/same",   "out" };

	MUST(mkdir("in", 0755));
	MUST(mkdir("in/deep", 0755));
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		touch(files[i]);
	MUST(symlink("/target", "in/absolute"));
	MUST(symlink("deep", "in/link"));
	MUST(symlink("../out", "in/escape"));
	return 0;
}

static int in_dir;

static int ask(const char *name, uint64_t resolve)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = resolve };

	return (int)syscall(SYS_openat2, in_dir, name, &how, sizeof(how));
}

static void beneath(void)
{
	MUST(ask("deep/../file", RESOLVE_BENEATH));
	expect("read", "in/deep/../file");
	expect("read,resolved", "in/file");
	MUST_FAIL(ask("../out", RESOLVE_BENEATH), EXDEV);
	MUST_FAIL(ask("escape", RESOLVE_BENEATH), EXDEV);
	MUST_FAIL(ask("absolute", RESOLVE_BENEATH), EXDEV);
	MUST_FAIL(ask(in("in/file"), RESOLVE_BENEATH), EXDEV);
}

/* The directory is the root: of absolute names, absolute links, and "..". */
static void in_root(void)
{
	MUST(ask("/link/f", RESOLVE_IN_ROOT));
	expect("read", "in/link/f");
	expect("read,resolved", "in/deep/f");
	MUST(ask("absolute", RESOLVE_IN_ROOT));
	expect("read", "in/absolute");
	expect("read,resolved", "in/target");
	/* Joined this would be the name of another file. */
	MUST(ask("/../../up", RESOLVE_IN_ROOT));
	expect("read,resolved", "in/up");
	MUST_FAIL(ask("/../out", RESOLVE_IN_ROOT), ENOENT);
}

static void refusing(void)
{
	MUST(ask("plain", RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS));
	expect("read", "in/plain");
	MUST_FAIL(ask("link/f", RESOLVE_NO_SYMLINKS), ELOOP);
	MUST_FAIL(ask("/proc/self/exe", RESOLVE_NO_MAGICLINKS), ELOOP);
	MUST(ask("same", RESOLVE_NO_XDEV));
	expect("read", "in/same");
	MUST_FAIL(ask("/proc/version", RESOLVE_NO_XDEV), EXDEV);
	/* Fails where the kernel would have to wait; then nothing was opened. */
	if (ask("cached", RESOLVE_CACHED) >= 0)
		expect("read", "in/cached");
}

int main(int argc, char **argv UNUSED)
{
	if (argc > 1)
		return setup();
	in_dir = (int)MUST(open("in", O_PATH | O_DIRECTORY));
	expect("stat", "in");
	if (ask("plain", 0) < 0 && errno == ENOSYS)
		return SKIP;
	beneath();
	in_root();
	refusing();
	return 0;
}
