// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_packages.c - any bytes as every package database of an image: cut; then the report, and bills of
 * materials, which must be JSON
 */
#include "fuzz.h"
#include "layer.h"
#include "report.h"
#include "sbom.h"
#include "spool.h"

#include <sys/mman.h>

static const char *const names[] = {
	"lib/apk/db/installed",
	"var/lib/dpkg/diversions",
	"var/lib/dpkg/status",
	"var/lib/dpkg/status.d/less",
	"usr/bin/tool",
	"usr/lib/libtool.so",
	"var/lib/dpkg/info/tool.list",
	"var/lib/dpkg/info/libtool:amd64.list",
	"var/lib/dpkg/status.d/less.md5sums",
	"usr/share/doc/tool/copyright",
	"etc/os-release",
};

static void put(struct tar_writer *w, const struct tar_entry *e, const void *data)
{
	if (tar_put(w, e) < 0 || (e->size && tar_write(w, data, e->size) < 0))
		abort();
}

static void write_layer(struct spool_sink *sink, const uint8_t *data, size_t size)
{
	static const struct tar_entry link = {
		.path = "bin", .type = TAR_SYMLINK, .link = "usr/bin", .mode = 0777
	};
	struct tar_writer *w;

	if (tar_writer_new(spool_write, sink, &w) < 0)
		abort();
	put(w, &link, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct tar_entry e = {
			.path = names[i], .type = TAR_FILE, .mode = 0644, .size = size
		};

		put(w, &e, data);
	}
	if (tar_writer_finish(w) < 0)
		abort();
}

static void mark(void *arg UNUSED, const char *package UNUSED, struct node *node)
{
	tree_mark(node, KEEP_RULE, NULL);
}

static void count(struct image *image, struct tree *tree)
{
	struct packages packages, cut = { 0 };
	struct report report;
	cleanup_fd int fd = memfd_create("removed", 0);

	packages_each(image, tree, "tool", mark, NULL);
	packages_cut(image, tree, NULL, &cut);
	packages_read(&packages, image, tree);
	packages_fini(&cut);
	report_make(&report, tree, &packages);
	packages_fini(&packages);
	if (report.total.kept.files + report.total.removed.files != ARRAY_SIZE(names) + 1 ||
	    report_write_removed(tree, fd) < 0)
		abort();
	json_free(report_json(&report));
	report_fini(&report);
}

static void check_json(struct json *bill)
{
	cleanup_free char *text = json_write(bill, NULL);
	cleanup_free char *reason = NULL;
	struct json *again;

	if (json_parse(text, strlen(text), SIZE_MAX, &again, &reason) < 0)
		abort();
	json_free(again);
	json_free(bill);
}

static void list(struct image *image)
{
	struct sbom sbom;

	if (sbom_read(&sbom, image) < 0)
		abort();
	check_json(sbom_spdx(&sbom));
	check_json(sbom_cyclonedx(&sbom));
	sbom_fini(&sbom);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spool_sink sink = { .fd = memfd_create("layer", 0) };
	struct image_layer layer = { 0 };
	char name[] = "fuzz";
	char digest[] =
		"sha256:0000000000000000000000000000000000000000000000000000000000000000";
	struct image image = { .name = name,
			       .layers = &layer,
			       .n_layers = 1,
			       .config_digest = digest,
			       .config = json_new_object() };
	struct tree *tree = tree_new();

	if (size < 65536) {
		write_layer(&sink, data, size);
		layer.tar = (struct range) { sink.fd, 0, sink.len };
		if (layer_read_all(&image, tree) < 0)
			abort();
		tree_freeze(tree);
		count(&image, tree);
		list(&image);
	}
	tree_free(tree);
	json_free(image.config);
	close(sink.fd);
	return 0;
}
