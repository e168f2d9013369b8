// SPDX-License-Identifier: Apache-2.0
/*
 * null_trim.c - the floor of a trim: no judgement, just the bytes that cannot be avoided
 *
 *	bench-null [--verify] IN.tar KEEP OUT.tar
 *
 * Reads the headers of all layers of a docker-archive of plain layers, copies the entries that
 * the list KEEP names (a path a line, without "./", a directory with its "/") into one layer, hashes that
 * layer and writes it as an archive. --verify: hashes every byte of the layers, too, as whoever
 * checks diff IDs must. It believes its input: a yardstick for tests/bench, nothing to use.
 */
#include "digest.h"
#include "tar.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define BUF (256u << 10)

static char **keep;
static size_t n_keep;
static struct digest digest;
static char buf[BUF];

static void die(const char *what)
{
	printf("bench-null: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void must(int r, const char *what)
{
	if (r < 0) {
		errno = -r;
		die(what);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_list(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len, cap = 0;
	char *text;

	must(read_whole(fd, 1u << 30, &text, &len), path);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		xgrow(&keep, &cap, n_keep, sizeof(*keep));
		keep[n_keep++] = line;
	}
	qsort(keep, n_keep, sizeof(*keep), compare);
}

static uint64_t octal(const char *field, size_t size)
{
	uint64_t n = 0;

	for (size_t i = 0; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		n = n * 8 + (uint64_t)(field[i] - '0');
	return n;
}

static uint64_t round_up(uint64_t n)
{
	return (n + TAR_RECORD - 1) / TAR_RECORD * TAR_RECORD;
}

static bool is_kept(const char *header)
{
	char name[300], *p = name;

	if (header[345] && memcmp(header + 257, "ustar\0", 6) == 0)
		p += sprintf(name, "%.155s/", header + 345);
	snprintf(p, 101, "%.100s", header);
	p = name + 2 * (strncmp(name, "./", 2) == 0);
	return bsearch(&p, keep, n_keep, sizeof(*keep), compare);
}

/* Copies len bytes at off from in to out, hashed. */
static void copy(int in, uint64_t off, uint64_t len, int out)
{
	while (len) {
		size_t n = (size_t)MIN(len, (uint64_t)BUF);

		must(pread_all(in, buf, n, off), "read");
		digest_update(&digest, buf, n);
		must(write_all(out, buf, n), "write");
		off += n;
		len -= n;
	}
}

static void verify(int in, uint64_t off, uint64_t len)
{
	struct digest d;
	struct digest_text text;

	digest_init(&d);
	while (len) {
		size_t n = (size_t)MIN(len, (uint64_t)BUF);

		must(pread_all(in, buf, n, off), "read");
		digest_update(&d, buf, n);
		off += n;
		len -= n;
	}
	digest_final(&d, &text);
}

/* Entries of a layer to out; returns how many bytes were written. */
static uint64_t filter(int in, uint64_t off, uint64_t len, int out)
{
	uint64_t end = off + len, written = 0;
	char header[TAR_RECORD];

	while (off + TAR_RECORD <= end) {
		uint64_t size;

		must(pread_all(in, header, TAR_RECORD, off), "read");
		if (!header[0])
			break;
		size = TAR_RECORD + round_up(octal(header + 124, 12));
		if (is_kept(header)) {
			copy(in, off, size, out);
			written += size;
		}
		off += size;
	}
	return written;
}

static bool is_layer(const char *header)
{
	const char *name = header;
	size_t n = strlen(name);

	return octal(header + 124, 12) >= 1024 &&
	       ((n > 4 && strcmp(name + n - 4, ".tar") == 0) ||
		strncmp(name, "blobs/sha256/", 13) == 0);
}

int main(int argc, char **argv)
{
	bool check = argc == 5 && strcmp(argv[1], "--verify") == 0;
	char header[TAR_RECORD];
	struct digest_text text;
	uint64_t off = 0, written = 0;
	struct stat st;
	int in, out;

	if (argc != 4 && !check)
		die("usage: [--verify] IN KEEP OUT");
	argv += check;
	in = open(argv[1], O_RDONLY | O_CLOEXEC);
	out = open(argv[3], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (in < 0 || out < 0 || fstat(in, &st) < 0)
		die("open");
	read_list(argv[2]);
	digest_init(&digest);
	must(write_all(out, buf, TAR_RECORD), "write");
	while (off + TAR_RECORD <= (uint64_t)st.st_size) {
		uint64_t size;

		must(pread_all(in, header, TAR_RECORD, off), "read");
		if (!header[0])
			break;
		off += TAR_RECORD;
		size = octal(header + 124, 12);
		if (is_layer(header)) {
			if (check)
				verify(in, off, size);
			written += filter(in, off, size, out);
		}
		off += round_up(size);
	}
	memset(header, 0, sizeof(header));
	must(write_all(out, header, TAR_RECORD), "write");
	digest_final(&digest, &text);
	tar_plain_header(digest_hex(text.text), false, written, header);
	if (pwrite(out, header, TAR_RECORD, 0) != TAR_RECORD || close(out) < 0)
		die("write");
	return 0;
}
