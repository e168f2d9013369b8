// SPDX-License-Identifier: Apache-2.0
/* fuzz_logstream.c - any bytes as what a container sends; nothing but logs may come of it */
#include "diag.h"
#include "fuzz.h"
#include "logstream.h"
#include "tlog.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

static char directory[] = "/tmp/fuzz-logstream.XXXXXX";

static void remove_directory(void)
{
	rmdir(directory);
}

/* Made once. */
static int open_directory(void)
{
	static bool made;

	if (!made && (!mkdtemp(directory) || atexit(remove_directory) != 0))
		abort();
	made = true;
	return open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Removes the files; their bytes. */
static uint64_t sweep(int dir)
{
	DIR *list = fdopendir(dup(dir));
	const struct dirent *e;
	uint64_t bytes = 0;
	struct stat st;

	while (list && (e = readdir(list))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (!tlog_name_valid(e->d_name) ||
		    fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode) || unlinkat(dir, e->d_name, 0) < 0)
			abort();
		bytes += (uint64_t)st.st_size;
	}
	closedir(list);
	return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_fd int dir = open_directory();
	cleanup_fd int fd = memfd_create("stream", MFD_CLOEXEC);
	struct logstream s = { .from = "fuzz", .path = directory, .dir = dir };

	if (write_all(fd, data, size) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		abort();
	diag_set_level(DIAG_ERROR);
	if (logstream_take(&s, fd) < 0 && s.ended)
		abort();
	if (sweep(dir) != s.bytes)
		abort();
	return 0;
}
