// SPDX-License-Identifier: Apache-2.0
/* test_image_bad.c - hostile and broken images: every rule of formats.md 10 for archives */
#include "sound.h"

static void refuse_manifest_json(const char *text, const char *words)
{
	struct box box;

	box_open(&box);
	box_put(&box, "c.json", config_a);
	box_put(&box, "l.tar", layer_a);
	box_text(&box, "manifest.json", text);
	refuse_box(&box, words);
}

static void traversal(void **state UNUSED)
{
	static const struct {
		enum tar_type type;
		const char *name, *target, *words;
	} cases[] = {
		{ TAR_FILE, "../x", NULL, "lead out" },
		{ TAR_FILE, "a/../../x", NULL, "lead out" },
		{ TAR_FILE, "/etc/x", NULL, "lead out" },
		{ TAR_FILE, ".", NULL, "lead out" },
		{ TAR_SYMLINK, "s", "/etc/passwd", "leads out" },
		{ TAR_SYMLINK, "s", "../etc/passwd", "leads out" },
		{ TAR_SYMLINK, "a/s", "../../etc/passwd", "leads out" },
		{ TAR_HARDLINK, "h", "/etc/passwd", "leads out" },
		{ TAR_HARDLINK, "h", "../etc/passwd", "leads out" },
	};
	struct box box;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		put_sound(&box);
		if (cases[i].target)
			box_link(&box, cases[i].type, cases[i].name, cases[i].target);
		else
			box_text(&box, cases[i].name, "x");
		refuse_box(&box, cases[i].words);
	}
	refuse_manifest_json("[{\"Config\":\"../../etc/passwd\",\"Layers\":[\"l.tar\"]}]",
			     "No such file");
	refuse_manifest_json("[{\"Config\":\"c.json\",\"Layers\":[\"/etc/passwd\"]}]",
			     "No such file");
}

static void links(void **state UNUSED)
{
	struct box box;

	box_open(&box);
	box_put(&box, "l.tar", layer_a);
	box_link(&box, TAR_SYMLINK, "one", "l.tar");
	box_link(&box, TAR_SYMLINK, "two", "one");
	box_put(&box, "c.json", config_a);
	box_manifest(&box, "c.json", "x:1", "\"two\"");
	refuse_box(&box, "Too many levels");
	box_open(&box);
	box_link(&box, TAR_FIFO, "l.tar", NULL);
	box_put(&box, "c.json", config_a);
	box_manifest(&box, "c.json", "x:1", LAYER_JSON);
	refuse_box(&box, "'l.tar'");
}

/* First or last wins, depending on the engine: only equal ones are let pass. */
static void twice(void **state UNUSED)
{
	struct box box;

	put_sound(&box);
	box_put(&box, "c.json", config_b);
	refuse_box(&box, "twice");
	put_sound(&box);
	box_text(&box, "manifest.json", "[]");
	refuse_box(&box, "twice");
	put_sound(&box);
	box_put(&box, "c.json", config_a);
	image_free(accept(xasprintf("docker-archive:%s", box_close(&box))));
}

static void lying_digests(void **state UNUSED)
{
	struct bytes packed = gzip(layer_b);
	struct bytes manifest = make_manifest(config_a, layer_a, "layer.v1.tar");
	struct bytes other = { xmemdup(manifest.data, manifest.len), manifest.len };
	char *entry = descriptor("manifest.v1+json", manifest, "");
	struct box box;
	char *name;

	other.data[1] = ' '; /* as long, and not the same */
	refuse_docker(config_a, layer_b, "not the diff ID");
	refuse_docker(config_a, packed, "not the diff ID");
	/* A config under another one's digest: Docker does not look. */
	box_open(&box);
	name = xasprintf("%s.json", digest_hex(digest_of_bytes(config_b)));
	box_put(&box, name, config_a);
	box_put(&box, "l.tar", layer_a);
	box_manifest(&box, name, "x:1", LAYER_JSON);
	refuse_box(&box, "its bytes have the digest");
	/* Blobs of an OCI archive under a name that is not theirs. */
	for (int which = 0; which < 3; which++) {
		box_open(&box);
		box_text(&box, "oci-layout", LAYOUT);
		box_put(&box, "index.json", make_index(entry));
		box_put(&box, blob_path(digest_of_bytes(manifest)),
			which == 0 ? other : manifest);
		box_put(&box, blob_path(digest_of_bytes(config_a)),
			which == 1 ? config_b : config_a);
		box_put(&box, blob_path(id_a), which == 2 ? layer_b : layer_a);
		refuse(xasprintf("oci-archive:%s", box_close(&box)),
		       which == 2 ? "its bytes have the digest" : "do not have this digest");
	}
}

static void lying_sizes(void **state UNUSED)
{
	struct bytes manifest = make_manifest(config_a, layer_a, "layer.v1.tar");
	const char *index =
		xasprintf("{\"manifests\":[{\"mediaType\":\"application/vnd.oci.image."
			  "manifest.v1+json\",\"digest\":\"%s\",\"size\":7}]}",
			  digest_of_bytes(manifest));

	refuse_oci(index, manifest, config_a, layer_a, "bytes, not the 7 it should have");
}

static void bad_digests(void **state UNUSED)
{
	static const char *const digests[] = {
		"sha256:../../x", "sha512:00", "blake3:00", "", "sha256:ABCDEF",
	};
	struct bytes manifest = make_manifest(config_a, layer_a, "layer.v1.tar");

	for (size_t i = 0; i < ARRAY_SIZE(digests); i++)
		refuse_oci(
			xasprintf("{\"manifests\":[{\"mediaType\":\"application/vnd.oci.image."
				  "manifest.v1+json\",\"digest\":\"%s\",\"size\":7}]}",
				  digests[i]),
			manifest, config_a, layer_a, "is no sha256 digest");
	refuse_docker(make_config("amd64", (const char *[]) { "sha256:../x", NULL }), layer_a,
		      "diff ID 1 is no sha256 digest");
}

static void refuse_pair(const char *index_name, struct bytes config, struct bytes layer,
			const char *words)
{
	struct bytes manifest = make_manifest(config, layer, "layer.v1.tar");
	struct box box;

	box_open(&box);
	box_text(&box, "oci-layout", LAYOUT);
	box_put(&box, "index.json",
		make_index(
			descriptor("manifest.v1+json", manifest,
				   xasprintf(",\"annotations\":{\"io.containerd.image.name\":"
					     "\"%s\"}",
					     index_name))));
	box_blob(&box, manifest);
	box_blob(&box, config_a);
	box_blob(&box, config_b);
	box_blob(&box, layer_a);
	box_blob(&box, layer_b);
	box_manifest(&box, blob_path(digest_of_bytes(config_a)), "x:1",
		     xasprintf("\"%s\"", blob_path(id_a)));
	refuse_box(&box, words);
}

/* Docker's two stores would run different images. */
static void disagreement(void **state UNUSED)
{
	struct bytes manifest_a = make_manifest(config_a, layer_a, "layer.v1.tar");
	struct bytes manifest_b = make_manifest(config_b, layer_b, "layer.v1.tar");
	struct box box;

	refuse_pair("docker.io/library/x:1", config_b, layer_b, "name different images");
	refuse_pair("docker.io/library/y:1", config_b, layer_b, "name different images");
	refuse_pair("docker.io/library/x:1", config_a, layer_b, "other bytes in manifest.json");
	/* Both images in both lists, but the names the other way round. */
	box_open(&box);
	box_text(&box, "oci-layout", LAYOUT);
	box_put(&box, "index.json",
		make_index(
			xasprintf("%s,%s",
				  descriptor("manifest.v1+json", manifest_a,
					     ",\"annotations\":{\"io.containerd.image.name\":"
					     "\"docker.io/library/y:1\"}"),
				  descriptor("manifest.v1+json", manifest_b,
					     ",\"annotations\":{\"io.containerd.image.name\":"
					     "\"docker.io/library/x:1\"}"))));
	box_blob(&box, manifest_a);
	box_blob(&box, manifest_b);
	box_blob(&box, config_a);
	box_blob(&box, layer_a);
	box_manifest(&box, blob_path(digest_of_bytes(config_a)), "x:1",
		     xasprintf("\"%s\"", blob_path(id_a)));
	refuse_box(&box, "name different images");
}

static void json_faults(void **state UNUSED)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "[{\"Config\":\"c.json\",\"Config\":\"d.json\",\"Layers\":[]}]", "twice" },
		{ "[{\"config\":\"c.json\",\"Layers\":[\"l.tar\"]}]",
		  "should be spelt 'Config'" },
		{ "[{\"Config\":\"c.json\",\"Layers\":[\"l.tar\"],\"layers\":[]}]",
		  "spelt 'Layers'" },
		{ "[{\"Config\":\"c.json\",\"Layers\":[\"l.tar\"]}] []", "garbage" },
		{ "[{\"Config\":\"c.json\",\"Layers\":[]}]",
		  "0 layers, the config 1 diff IDs" },
		{ "[{\"Config\":\"c.json\",\"Layers\":[\"l.tar\",\"l.tar\"]}]", "2 layers" },
		{ "[{\"Config\":1,\"Layers\":[\"l.tar\"]}]", "config ''" },
		{ "[{\"Config\":\"c.json\",\"Layers\":[1]}]", "layer ''" },
		{ "[1]", "config ''" },
		{ "[null]", "config ''" },
		{ "[]", "names no image" },
		{ "{}", "names no image" },
		{ "", "no good JSON" },
		{ "\xef\xbb\xbf[]", "no good JSON" },
	};
	char *huge = xmalloc((1u << 20) + 2);
	char *deep = xmalloc(2001);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		refuse_manifest_json(cases[i].text, cases[i].words);
	memset(huge, ' ', (1u << 20) + 1);
	huge[(1u << 20) + 1] = '\0';
	refuse_manifest_json(huge, "more than 1048576; --limit manifest-size=N");
	memset(deep, '[', 2000);
	deep[2000] = '\0';
	refuse_manifest_json(deep, "nested more than 64 deep; --limit json-depth=N");
}

static void config_faults(void **state UNUSED)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "[]", "no JSON object" },
		{ "{}", "no rootfs" },
		{ "{\"os\":\"windows\",\"rootfs\":{}}", "only Linux" },
		{ "{\"rootfs\":{\"type\":\"cake\"}}", "no rootfs of type 'layers'" },
		{ "{\"Rootfs\":{\"type\":\"layers\"}}", "should be spelt 'rootfs'" },
		{ "{\"config\":{\"entrypoint\":[\"/x\"]},\"rootfs\":{}}",
		  "spelt 'Entrypoint'" },
		{ "{\"rootfs\":{\"diff_ids\":[7]}}", "diff ID 1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		refuse_docker(bytes_of(cases[i].text), layer_a, cases[i].words);
}

static void oci_faults(void **state UNUSED)
{
	struct bytes manifest = make_manifest(config_a, layer_a, "layer.v1.tar");
	struct bytes locked = make_manifest(config_a, layer_a, "layer.v1.tar+encrypted");
	struct bytes away = make_manifest(config_a, layer_b, "layer.nondistributable.v1.tar");
	struct bytes nested = make_index(descriptor("manifest.v1+json", manifest, ""));
	struct box box;

	refuse_oci("{\"manifests\":[]}", manifest, config_a, layer_a, "names no image");
	refuse_oci("{\"manifests\":null}", manifest, config_a, layer_a, "names no image");
	refuse_oci("{\"manifests\":[{}]}", manifest, config_a, layer_a, "without a digest");
	refuse_oci("{\"Manifests\":[]}", manifest, config_a, layer_a, "should be spelt");
	refuse_oci(
		xasprintf("{\"manifests\":[%s]}", descriptor("manifest.v1+json", locked, "")),
		locked, config_a, layer_a, "encrypted");
	refuse_oci(xasprintf("{\"manifests\":[%s]}", descriptor("manifest.v1+json", away, "")),
		   away, config_a, layer_a, "foreign");
	refuse_oci(
		xasprintf("{\"manifests\":[%s]}", descriptor("manifest.v1+json", nested, "")),
		manifest, config_a, layer_a, "is missing");
	/* Indexes within indexes. */
	box_open(&box);
	box_blob(&box, nested);
	for (int i = 0; i < 5; i++) {
		nested = make_index(descriptor("index.v1+json", nested, ""));
		box_blob(&box, nested);
	}
	box_text(&box, "oci-layout", LAYOUT);
	box_put(&box, "index.json", nested);
	refuse(xasprintf("oci-archive:%s", box_close(&box)), "nested more than 4 deep");
	/* Another version of the layout. */
	box_open(&box);
	box_text(&box, "oci-layout", "{\"imageLayoutVersion\":\"2.0.0\"}");
	box_text(&box, "index.json", "{}");
	refuse(xasprintf("oci-archive:%s", box_close(&box)), "not of version 1.0.0");
}

static void no_archive(void **state UNUSED)
{
	struct box box;
	struct bytes cut;

	refuse(xasprintf("docker-archive:%s/none.tar", box_dir), "none.tar: No such file");
	refuse(xasprintf("docker-archive:%s", box_dir), "Is a directory");
	refuse(xasprintf("oci:%s/none", box_dir), "none: No such file");
	refuse(xasprintf("oci:%s", box_dir), "it is no image");
	refuse(xasprintf("docker-archive:%s", write_file("e.tar", bytes_of(""))), "is empty");
	refuse(xasprintf("docker-archive:%s", write_file("t.tar", bytes_of("text"))),
	       "no tar archive");
	refuse(xasprintf("docker-archive:%s", write_file("z.tar", gzip(bytes_of("text")))),
	       "no tar archive");
	box_open(&box);
	box_text(&box, "readme", "x");
	refuse_box(&box, "it is no image");
	put_sound(&box);
	box_close(&box);
	cut = (struct bytes) { box.bytes.data, 1700 };
	refuse(xasprintf("docker-archive:%s", write_file("cut.tar", cut)),
	       "ends behind the archive's end");
	cut = gzip(box.bytes);
	cut.len -= 40;
	refuse(xasprintf("docker-archive:%s", write_file("cut.tgz", cut)), "broken");
}

/* Names of the archive are not a way to drive a terminal. */
static void escapes(void **state UNUSED)
{
	struct box box;

	put_sound(&box);
	box_text(&box, "../\x1b[2J\x07", "x");
	refuse_box(&box, "\\x1b[2J\\x07");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traversal),	 cmocka_unit_test(links),
		cmocka_unit_test(twice),	 cmocka_unit_test(lying_digests),
		cmocka_unit_test(lying_sizes),	 cmocka_unit_test(bad_digests),
		cmocka_unit_test(disagreement),	 cmocka_unit_test(json_faults),
		cmocka_unit_test(config_faults), cmocka_unit_test(oci_faults),
		cmocka_unit_test(no_archive),	 cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests(tests, sound_setup, box_cleanup);
}
