// SPDX-License-Identifier: Apache-2.0
/*
 * seeds.c - writes the seed corpus of every target: DIR/TARGET/NAME
 *
 * Made by our own writers, so that the corpus follows the formats and no binary is kept.
 */
#include "compress.h"
#include "diag.h"
#include "digest.h"
#include "fuzz.h"
#include "image_draft.h"
#include "logtext.h"
#include "spool.h"
#include "tar.h"
#include "tlog.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static const char log_text[] = LOGTEXT_MAGIC
	"header\n  arch=amd64\n  mount=/proc\n  arg=\\x0a\n"
	"path 1 exec 0 /usr/bin/app\n"
	"path 2 read,stat 1 /usr/lib/libc.so\n"
	"path 3 read,resolved 1 2 /usr/lib/libc-2.so\n"
	"seen 1 read 1\nnote unreadable 2 why\n"
	"note 77 1 newer\nnote syscall 1 x86_64 257\nnote syscall 1 arm 5\nend\n  paths=3\nheader\n"
	"seen 2 link 0\nend\n";

static const char any_json[] =
	"{ \"a\": [1, -2.5e+3, true, null, \"x\\u00e9\\n\\\\\"], \"config\": {\"Env\": "
	"[\"A=b\"], \"Volumes\": {\"/d\": {}}}, \"e\": {}, \"f\": [] }";

static const char rules_text[] =
	"# comment\n\nkeep /bin/*\ndrop **/two # why\r\nkeep-dir /etc/ssl\n"
	"keep-cmd sh -c \"a 'b'\"\nkeep-package tool\npreset ca-certs\npreset shell\n"
	"keep [a-c]?\\*/x#y\nkeep /loop/x\nkeep /app/*.py\npreset nss\n";

static const char stream_text[] =
	"imcat1\nlog 0 8 a.tlog\nimtlog1\nlog 8 3 a.tlog\nabclog 0 1 b-2.tlog\nxend\n";

/* Lines of all databases at once, and of what licences are read from: each reads what it knows. */
static const char packages_text[] =
	"ID=debian\nVERSION_ID=\"12\"\nPackage: tool\nVersion: 1:2~3\nArchitecture: amd64\n"
	"Status: install ok installed\nImagetrim: partial (1 of 2 files)\n"
	"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
	"Files: *\nLicense: GPL-2+ or Expat\n\nLicense: odd\n text\n\n"
	"/.\n/bin\n/bin/tool\n/usr/lib/libtool.so\n/usr/lib/gone\n//x//\n"
	"d41d8cd98f00b204e9800998ecf8427e  usr/bin/tool\n\n"
	"P:tool\nV:1\nL:MIT AND odd\nF:bin\nR:tool\na:0:0:755\nF:usr/lib\nR:libtool.so\n\nP:x\nR:y\nF:\nR:bin\n";

/* For fuzz_config.c, which has the digests: manifest.json, index.json, manifest, config. */
static const char docker_texts[] =
	"[{\"Config\":\"blobs/sha256/@C\",\"RepoTags\":[\"a:b\"],\"Layers\":"
	"[\"blobs/sha256/@L\",\"blobs/sha256/@L\"]}]\0"
	"{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.docker."
	"distribution.manifest.v2+json\",\"digest\":\"@m\",\"annotations\":"
	"{\"io.containerd.image.name\":\"docker.io/library/a:b\"}}]}\0"
	"{\"schemaVersion\":2,\"config\":{\"digest\":\"@c\"},\"layers\":[{\"digest\":"
	"\"@l\",\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\"},"
	"{\"digest\":\"@l\"}]}\0"
	"{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2024-01-01T00:00:00Z\","
	"\"docker_version\":\"1\",\"config\":{\"Entrypoint\":[\"/.imagetrim/"
	"imagetrim-tracer\",\"--\",\"/a\"],\"Env\":[\"A=b\"],\"Healthcheck\":{\"Test\":"
	"[\"CMD-SHELL\",\"true\"]},\"Shell\":[\"sh\",\"-c\"],\"Labels\":"
	"{\"imagetrim.original.entrypoint\":\"[\\\"/a\\\"]\"}},\"history\":[{\"created_by\":"
	"\"x\",\"empty_layer\":true},{},{\"created_by\":\"imagetrim instrument\"}],"
	"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"@l\",\"@l\"]}}";

static const char oci_texts[] =
	"\0{\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
	"\"digest\":\"@m\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},"
	"{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"@c\","
	"\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}}]}\0"
	"{\"config\":{\"digest\":\"@c\"},\"layers\":[{\"digest\":\"@l\"}]}\0"
	"{\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"v2\",\"rootfs\":"
	"{\"diff_ids\":[\"@l\"]}}";

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

static void put_bytes(struct tar_writer *w, const char *path, const void *data, size_t len)
{
	const struct tar_entry e = {
		.path = path, .type = TAR_FILE, .mode = 0644, .size = len
	};

	if (tar_put(w, &e) < 0 || tar_write(w, data, len) < 0)
		exit(1);
}

/* As Docker <= 24 writes it: a repeated layer is a link. */
static void write_legacy(const char *dir, const struct image_out *out)
{
	static const char manifest[] = "[{\"Config\":\"c.json\",\"RepoTags\":[\"a:b\"],"
				       "\"Layers\":[\"1/layer.tar\",\"2/layer.tar\"]}]";
	const struct tar_entry link = { .path = "2/layer.tar",
					.link = "../1/layer.tar",
					.type = TAR_SYMLINK };
	struct spool_sink sink = { .fd = open_seed(dir, "archive", "legacy") };
	char bytes[8192];
	size_t len = (size_t)out->layers[0].blob.len;
	struct tar_writer *w;

	if (len > sizeof(bytes) || pread_all(out->layers[0].blob.fd, bytes, len, 0) < 0 ||
	    tar_writer_new(spool_write, &sink, &w) < 0)
		exit(1);
	put_bytes(w, "./c.json", out->config_text, out->config_len);
	put_bytes(w, "1/layer.tar", bytes, len);
	if (tar_put(w, &link) < 0)
		exit(1);
	put_bytes(w, "manifest.json", manifest, strlen(manifest));
	if (tar_writer_finish(w) < 0)
		exit(1);
	close(sink.fd);
}

static int compress_sink(void *arg, const void *data, size_t len)
{
	return compressor_write(arg, data, len);
}

/* The archive as a whole by gzip or zstd. */
static void write_compressed(const char *dir, const char *form_text, const char *name)
{
	cleanup_free char *path = xasprintf("%s/archive/hybrid", dir);
	cleanup_fd int in = open(path, O_RDONLY | O_CLOEXEC);
	struct range range = { in, 0, UINT64_MAX };
	struct spool_sink sink = { .fd = open_seed(dir, "archive", name) };
	struct compress_form form;
	struct compressor *c;

	if (compress_parse(form_text, "1", &form) < 0 ||
	    compressor_new(&form, spool_write, &sink, &c) < 0 ||
	    tar_decompress(&range, UINT64_MAX, compress_sink, c) < 0 || compressor_end(c) < 0)
		exit(1);
	compressor_free(c);
	close(sink.fd);
}

/* By our own writer, with the seed of layers; the same twice, since engines know such images. */
static void write_archives(const char *dir)
{
	static const char *const forms[][2] = { { "docker-archive", "hybrid:a:b" },
						{ "oci-archive", "oci:b" } };
	cleanup_free char *path = xasprintf("%s/layer/all", dir);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	cleanup_free char *data = NULL, *config = NULL;
	struct image_out_layer layers[2] = { 0 };
	struct image_out out = { .layers = layers, .n_layers = 2 };
	struct digest_text digest;
	size_t len;

	if (fd < 0 || read_whole(fd, 1u << 20, &data, &len) < 0)
		exit(1);
	digest_of(data, len, &digest);
	layers[0] = layers[1] =
		(struct image_out_layer) { .blob = { fd, 0, len }, .digest = digest.text };
	config = xasprintf("{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Cmd\":"
			   "[\"/a\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\","
			   "\"%s\"]}}",
			   digest.text, digest.text);
	out.config_text = config;
	out.config_len = strlen(config);
	close(open_seed(dir, "archive", "hybrid"));
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		cleanup_free char *text =
			xasprintf("%s:%s/archive/%s", forms[i][0], dir, forms[i][1]);
		struct image_ref ref CLEANUP(image_ref_fini) = { 0 };
		struct image_draft draft CLEANUP(image_draft_fini) = { .fd = -1 };
		cleanup_free char *id = NULL;

		if (image_ref_parse(text, &ref) < 0 ||
		    image_draft_open(&draft, &ref, NULL) < 0 ||
		    image_write(&draft, &out, &id) < 0)
			exit(1);
	}
	write_legacy(dir, &out);
	write_compressed(dir, "gzip", "gzip");
	write_compressed(dir, "zstd", "zstd");
}

/* What the text form does not make: a path at the end of its frame, a note of two paths. */
static void write_frames(const char *dir)
{
	const struct tlog_misses misses[] = { { 300, 1, 2 }, { 1, 0, 2 } };
	struct tlog_writer *w;

	if (tlog_writer_new(open_seed(dir, "tlog", "frames"), false, &w) < 0 ||
	    tlog_put_header(w, NULL, 0) < 0 ||
	    tlog_put_path(w, TLOG_EXEC, 1, 0, "/bin/a", 6) < 0 ||
	    tlog_put_path(w, TLOG_MISS, 1, 0, "/bin/b", 6) < 0 ||
	    tlog_put_misses(w, misses, ARRAY_SIZE(misses)) < 0 || tlog_put_end(w, NULL, 0) < 0)
		exit(1);
	tlog_writer_free(w);
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
	write_frames(argv[1]);
	write_seed(argv[1], "logtext", "all", log_text, strlen(log_text));
	write_seed(argv[1], "json", "all", any_json, strlen(any_json));
	write_seed(argv[1], "logstream", "all", stream_text, strlen(stream_text));
	write_seed(argv[1], "packages", "all", packages_text, strlen(packages_text));
	write_seed(argv[1], "rules", "all", rules_text, strlen(rules_text));
	write_seed(argv[1], "elf", "script", "#! /usr/bin/env python3 \n", 25);
	write_seed(argv[1], "config", "docker", docker_texts, sizeof(docker_texts) - 1);
	write_seed(argv[1], "config", "oci", oci_texts, sizeof(oci_texts) - 1);
	write_layer(argv[1]);
	write_archives(argv[1]);
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read_whole(fd, 64u << 20, &data, &len) < 0)
		return 1;
	close(fd);
	/* Its headers and dynamic strings stand at the beginning. */
	write_seed(argv[1], "elf", "self", data, MIN(len, (size_t)16384));
	free(data);
	return 0;
}
