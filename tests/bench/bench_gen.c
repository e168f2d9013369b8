// SPDX-License-Identifier: Apache-2.0
/*
 * bench_gen.c - large inputs, made of nothing
 *
 *	bench-gen image OUT.tar LAYERS FILES SIZE	FILES a layer, SIZE bytes of text each
 *	bench-gen sparse OUT.tar LAYERS FILES SIZE	the same, but the bytes are holes on disk
 *	bench-gen logs DIR LOGS PATHS ALIKE		ALIKE percent are in each of the logs
 *
 * Same arguments, same bytes. The archive is a docker-archive of plain layers, with true diff
 * IDs; each layer has directories of 1000 files, /data/lN/dN/fN.
 */
#include "digest.h"
#include "pathset.h"
#include "tar.h"
#include "tlog.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#define BUF (1u << 20)

static char buf[BUF];
static size_t used;

static void must(int64_t r, const char *what)
{
	if (r >= 0)
		return;
	printf("bench-gen: %s: %s\n", what, strerror((int)-r));
	exit(1);
}

/* ---- an image ------------------------------------------------------------------------------ */

struct out {
	int fd;
	struct digest digest; /* of the layer */
	uint64_t len;	      /* of the layer */
	bool holes;
};

static void flush(struct out *out)
{
	digest_update(&out->digest, buf, used);
	must(write_all(out->fd, buf, used), "write");
	used = 0;
}

static void put(struct out *out, const void *data, size_t len)
{
	if (used + len > BUF)
		flush(out);
	memcpy(buf + used, data, len);
	used += len;
	out->len += len;
}

/* Zeros that the file system need not store. */
static void put_hole(struct out *out, uint64_t len)
{
	static const char zeros[BUF];

	flush(out);
	out->len += len;
	if (lseek(out->fd, (off_t)len, SEEK_CUR) < 0)
		must(-errno, "seek");
	for (size_t n; len; len -= n) {
		n = (size_t)MIN(len, (uint64_t)BUF);
		digest_update(&out->digest, zeros, n);
	}
}

static void put_body(struct out *out, const char *name, uint64_t size)
{
	char block[TAR_RECORD];

	if (out->holes) {
		put_hole(out, (size + TAR_RECORD - 1) / TAR_RECORD * TAR_RECORD);
		return;
	}
	for (; size; size -= MIN(size, (uint64_t)TAR_RECORD)) {
		memset(block, 0, sizeof(block));
		memset(block, 'x', (size_t)MIN(size, (uint64_t)TAR_RECORD));
		memcpy(block, name, MIN((size_t)size, strlen(name)));
		put(out, block, sizeof(block));
	}
}

static void put_entry(struct out *out, bool is_dir, uint64_t size, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
static void put_entry(struct out *out, bool is_dir, uint64_t size, const char *fmt, ...)
{
	char header[TAR_RECORD], name[100];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	tar_plain_header(name, is_dir, size, header);
	put(out, header, sizeof(header));
	put_body(out, name, size);
}

static void put_layer(struct out *out, unsigned int layer, unsigned int files, uint64_t size)
{
	static const char end[2 * TAR_RECORD];

	put_entry(out, true, 0, "data/");
	put_entry(out, true, 0, "data/l%u/", layer);
	for (unsigned int i = 0; i < files; i++) {
		if (i % 1000 == 0)
			put_entry(out, true, 0, "data/l%u/d%u/", layer, i / 1000);
		put_entry(out, false, size, "data/l%u/d%u/f%u", layer, i / 1000, i % 1000);
	}
	put(out, end, sizeof(end));
	flush(out);
}

static void put_text(int fd, const char *name, const char *text)
{
	static const char zeros[TAR_RECORD];
	size_t len = strlen(text);
	char header[TAR_RECORD];

	tar_plain_header(name, false, len, header);
	must(write_all(fd, header, sizeof(header)), "write");
	must(write_all(fd, text, len), "write");
	must(write_all(fd, zeros, (TAR_RECORD - len % TAR_RECORD) % TAR_RECORD), "write");
}

static void make_image(const char *path, unsigned int layers, unsigned int files, uint64_t size,
		       bool holes)
{
	struct out out = { .holes = holes };
	char *ids = xstrdup(""), *names = xstrdup(""), *text;
	char header[TAR_RECORD], name[32];

	out.fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	must(out.fd, path);
	for (unsigned int i = 0; i < layers; i++) {
		off_t at = lseek(out.fd, TAR_RECORD, SEEK_CUR);
		struct digest_text id;

		out.len = 0;
		digest_init(&out.digest);
		put_layer(&out, i, files, size);
		digest_final(&out.digest, &id);
		snprintf(name, sizeof(name), "%u/layer.tar", i);
		tar_plain_header(name, false, out.len, header);
		must(pwrite(out.fd, header, TAR_RECORD, at - TAR_RECORD), "write");
		ids = xasprintf("%s%s\"%s\"", ids, i ? "," : "", id.text);
		names = xasprintf("%s%s\"%s\"", names, i ? "," : "", name);
	}
	text = xasprintf("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},"
			 "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}",
			 ids);
	put_text(out.fd, "config.json", text);
	text = xasprintf("[{\"Config\":\"config.json\",\"RepoTags\":[\"bench:t\"],"
			 "\"Layers\":[%s]}]",
			 names);
	put_text(out.fd, "manifest.json", text);
	memset(header, 0, sizeof(header));
	must(write_all(out.fd, header, sizeof(header)), "write");
	must(write_all(out.fd, header, sizeof(header)), "write");
	close(out.fd);
}

/* ---- logs ---------------------------------------------------------------------------------- */

static void make_log(const char *dir, unsigned int log, unsigned int paths, unsigned int alike,
		     struct pathset *set)
{
	char *name = xasprintf("%s/log-%06u" TLOG_SUFFIX, dir, log);
	char *started = xasprintf("%llu", 1700000000000000000ull + (log * 7919ull) % 100003);
	struct tlog_field fields[] = { { "arch", "amd64" }, { "started", started } };
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct tlog_writer *w;
	char path[128];

	must(fd, name);
	must(tlog_writer_new(fd, true, &w), name);
	must(tlog_put_header(w, fields, ARRAY_SIZE(fields)), name);
	for (unsigned int i = 0; i < paths; i++) {
		bool own = i % 100 >= alike, fresh;
		size_t len = (size_t)snprintf(
			path, sizeof(path), "/usr/lib/python3/dist-packages/p%u/m%u/%s%u.py",
			i % 97, i % 13, own ? "own" : "all", own ? i + log * paths : i);
		int64_t n = pathset_add(set, path, len, &fresh);

		must(n, "memory");
		must(tlog_put_path(w, i ? TLOG_READ : TLOG_EXEC, 1, 0,
				   pathset_get(set, (size_t)n, NULL), len),
		     name);
	}
	must(tlog_put_end(w, fields, 0), name);
	must(tlog_writer_flush(w), name);
	tlog_writer_free(w);
	free(name);
	free(started);
}

static unsigned int number(const char *text)
{
	return (unsigned int)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "logs") == 0) {
		struct pathset *set = pathset_new();

		mkdir(argv[2], 0755);
		for (unsigned int i = 0; set && i < number(argv[3]); i++)
			make_log(argv[2], i, number(argv[4]), number(argv[5]), set);
		return 0;
	}
	if (argc == 6) {
		make_image(argv[2], number(argv[3]), number(argv[4]),
			   strtoull(argv[5], NULL, 10), strcmp(argv[1], "sparse") == 0);
		return 0;
	}
	printf("usage: bench-gen image|sparse OUT LAYERS FILES SIZE\n"
	       "       bench-gen logs DIR LOGS PATHS ALIKE\n");
	return 2;
}
