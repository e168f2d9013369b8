// SPDX-License-Identifier: Apache-2.0
/*
 * seeds.c - writes the seed corpus of every target: DIR/TARGET/NAME
 *
 * Made by our own writers, so that the corpus follows the formats and no binary is kept.
 */
#include "diag.h"
#include "fuzz.h"
#include "logtext.h"
#include "spool.h"
#include "tar.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static const char log_text[] =
	LOGTEXT_MAGIC "header\n  arch=amd64\n  mount=/proc\n  arg=\\x0a\n"
		      "path 1 exec 0 /usr/bin/app\n"
		      "path 2 read,stat 1 /usr/lib/libc.so\n"
		      "path 3 read,resolved 1 2 /usr/lib/libc-2.so\n"
		      "seen 1 read 1\nnote unreadable 2 why\n"
		      "note 77 1 newer\nend\n  paths=3\nheader\n"
		      "seen 2 link 0\nend\n";

static const char json_text[] =
	"{ \"a\": [1, -2.5e+3, true, null, \"x\\u00e9\\n\\\\\"], \"config\": {\"Env\": "
	"[\"A=b\"], \"Volumes\": {\"/d\": {}}}, \"e\": {}, \"f\": [] }";

static const char rules_text[] =
	"# comment\n\nkeep /bin/*\ndrop **/two # why\r\nkeep-dir /etc/ssl\n"
	"keep-cmd sh -c \"a 'b'\"\nkeep-package tool\npreset ca-certs\npreset shell\n"
	"keep [a-c]?\\*/x#y\nkeep /loop/x\nkeep /app/*.py\npreset nss\n";

/* Lines of all databases at once: each reads what it knows. */
static const char packages_text[] =
	"/.\n/bin\n/bin/tool\n/usr/lib/libtool.so\n/usr/lib/gone\n//x//\n"
	"d41d8cd98f00b204e9800998ecf8427e  usr/bin/tool\n\n"
	"P:tool\nV:1\nF:bin\nR:tool\na:0:0:755\nF:usr/lib\nR:libtool.so\n\nP:x\nR:y\nF:\nR:bin\n";

static int open_seed(const char *dir, const char *target, const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, target);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s", dir, target, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		exit(diag_fail(-errno, "%s", path) ? 1 : 0);
	return fd;
}

static void write_seed(const char *dir, const char *target, const char *name, const void *data,
		       size_t len)
{
	int fd = open_seed(dir, target, name);

	if (write_all(fd, data, len) < 0)
		exit(1);
	close(fd);
}

/* One entry of each type, an attribute, a long name, whiteouts. */
static void write_layer(const char *dir)
{
	static const struct tar_xattr xattr = { "security.capability", "\1\0\0\2x", 5 };
	static const char long_name[] =
		"dir/"
		"0123456789012345678901234567890123456789012345678901234567"
		"0123456789012345678901234567890123456789012345678901234567";
	const struct tar_entry entries[] = {
		{ .path = "dir/", .type = TAR_DIR, .mode = 01777 },
		{ .path = "dir/file",
		  .type = TAR_FILE,
		  .mode = 04755,
		  .size = 4,
		  .xattrs = &xattr,
		  .n_xattrs = 1 },
		{ .path = long_name, .type = TAR_FILE, .uid = 3000000, .mtime = -5 },
		{ .path = "link", .link = "dir/file", .type = TAR_SYMLINK, .mode = 0777 },
		{ .path = "hard", .link = "dir/file", .type = TAR_HARDLINK, .mode = 04755 },
		{ .path = "null", .type = TAR_CHAR, .major = 1, .minor = 3 },
		{ .path = "pipe", .type = TAR_FIFO, .mode = 0600 },
		{ .path = "dir/.wh.file", .type = TAR_FILE },
		{ .path = "dir/.wh..wh..opq", .type = TAR_FILE },
	};
	struct spool_sink sink = { .fd = open_seed(dir, "layer", "all") };
	struct tar_writer *w;
	int r = tar_writer_new(spool_write, &sink, &w);

	for (size_t i = 0; i < ARRAY_SIZE(entries) && r == 0; i++) {
		r = tar_put(w, &entries[i]);
		if (r == 0 && entries[i].size)
			r = tar_write(w, "data", 4);
	}
	if (r < 0 || tar_writer_finish(w) < 0)
		exit(1);
	close(sink.fd);
}

int main(int argc, char **argv)
{
	char *data;
	size_t len, line;
	int fd;

	if (argc != 2)
		return 2;
	if (logtext_parse(log_text, strlen(log_text), &data, &len, &line) < 0)
		return 1;
	write_seed(argv[1], "tlog", "all", data, len);
	free(data);
	write_seed(argv[1], "logtext", "all", log_text, strlen(log_text));
	write_seed(argv[1], "json", "all", json_text, strlen(json_text));
	write_seed(argv[1], "packages", "all", packages_text, strlen(packages_text));
	write_seed(argv[1], "rules", "all", rules_text, strlen(rules_text));
	write_seed(argv[1], "elf", "script", "#! /usr/bin/env python3 \n", 25);
	write_layer(argv[1]);
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read_whole(fd, 64u << 20, &data, &len) < 0)
		return 1;
	close(fd);
	/* Its headers and dynamic strings stand at the beginning. */
	write_seed(argv[1], "elf", "self", data, MIN(len, (size_t)16384));
	free(data);
	return 0;
}
