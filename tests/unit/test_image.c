// SPDX-License-Identifier: Apache-2.0
/* test_image.c - images as the engines write them are read */
#include "sound.h"

static struct bytes config_ab, manifest_a;

static int setup(void **state)
{
	if (sound_setup(state) < 0)
		return -1;
	config_ab = make_config(image_host_arch(), (const char *[]) { id_a, id_b, NULL });
	manifest_a = make_manifest(config_a, layer_a, "layer.v1.tar");
	return 0;
}

static char *archive(const char *form, const char *path, const char *ref)
{
	return xasprintf("%s:%s%s%s", form, path, ref ? ":" : "", ref ? ref : "");
}

static char *json_name(struct bytes config)
{
	return xasprintf("%s.json", digest_hex(digest_of_bytes(config)));
}

static void assert_image_a(const char *text)
{
	struct image *image = accept(text);

	assert_string_equal(image->config_digest, digest_of_bytes(config_a));
	assert_string_equal(image->arch, image_host_arch());
	assert_int_equal(image->n_layers, 1);
	assert_string_equal(image->layers[0].diff_id, id_a);
	assert_tar(image, 0, layer_a);
	image_free(image);
}

/* Docker <= 24: a repeated layer is a symbolic link to the first. */
static void legacy(void **state UNUSED)
{
	struct bytes config =
		make_config(image_host_arch(), (const char *[]) { id_a, id_b, id_a, NULL });
	struct image *image;
	struct box box;

	box_open(&box);
	box_put(&box, json_name(config), config);
	box_text(&box, "11/VERSION", "1.0");
	box_put(&box, "11/layer.tar", layer_a);
	box_put(&box, "22/layer.tar", layer_b);
	box_link(&box, TAR_SYMLINK, "33/layer.tar", "../11/layer.tar");
	box_manifest(&box, json_name(config), "x:1",
		     "\"11/layer.tar\",\"22/layer.tar\",\"33/layer.tar\"");
	image = accept(archive("docker-archive", box_close(&box), NULL));
	assert_int_equal(image->n_layers, 3);
	assert_tar(image, 0, layer_a);
	assert_tar(image, 1, layer_b);
	assert_tar(image, 2, layer_a);
	assert_string_equal(image->tag, "x:1");
	assert_true(image->docker_types);
	image_free(image);
}

/* "./" before names and hard links are seen in the wild. */
static void odd_names(void **state UNUSED)
{
	struct box box;

	box_open(&box);
	box_link(&box, TAR_DIR, "./", NULL);
	box_put(&box, "./c.json", config_a);
	box_put(&box, "./l.tar", layer_a);
	box_link(&box, TAR_HARDLINK, "./m.tar", "./l.tar");
	box_manifest(&box, "c.json", "x:1", "\"m.tar\"");
	assert_image_a(archive("docker-archive", box_close(&box), "x:1"));
}

/* crane: colons in names, gzip layers that no list tells of. */
static void crane(void **state UNUSED)
{
	struct bytes packed = gzip(layer_a);
	struct box box;

	box_open(&box);
	box_put(&box, digest_of_bytes(config_a), config_a);
	box_put(&box, "l.tar.gz", packed);
	box_manifest(&box, digest_of_bytes(config_a), "x:1", "\"l.tar.gz\"");
	assert_image_a(archive("docker-archive", box_close(&box), NULL));
}

static void put_hybrid(struct box *box, const char *index, struct bytes manifest)
{
	box_text(box, "oci-layout", LAYOUT);
	box_put(box, "index.json", make_index(index));
	box_blob(box, manifest);
	box_blob(box, config_a);
	box_blob(box, layer_a);
	box_manifest(box, blob_path(digest_of_bytes(config_a)), "x:1",
		     xasprintf("\"%s\"", blob_path(id_a)));
}

static void hybrid(void **state UNUSED)
{
	char *entry = descriptor("manifest.v1+json", manifest_a,
				 ",\"annotations\":{\"io.containerd.image.name\":"
				 "\"docker.io/library/x:1\"}");
	struct image *image;
	struct box box;

	box_open(&box);
	put_hybrid(&box, entry, manifest_a);
	image = accept(archive("docker-archive", box_close(&box), NULL));
	assert_string_equal(image->layers[0].digest, id_a);
	assert_non_null(image->layers[0].media_type);
	assert_false(image->docker_types);
	image_free(image);
}

/* moby#47210: "manifests" null or empty; moby#47065: a manifest without layers. */
static void docker_faults(void **state UNUSED)
{
	struct bytes bare =
		bytes_of(xasprintf("{\"schemaVersion\":2,\"config\":%s,\"layers\":null}",
				   descriptor("config.v1+json", config_a, "")));
	struct box box;

	box_open(&box);
	put_hybrid(&box, "", manifest_a);
	assert_image_a(archive("docker-archive", box_close(&box), NULL));
	box_open(&box);
	put_hybrid(&box, descriptor("manifest.v1+json", bare, ""), bare);
	assert_image_a(archive("docker-archive", box_close(&box), NULL));
}

/*
 * The containerd store: a nested index with an attestation and a platform whose blobs are not
 * in the archive.
 */
static void nested_index(void **state UNUSED)
{
	struct bytes other = bytes_of("{\"not\":\"there\"}");
	struct bytes nested;
	char *list, *top;
	struct box box;

	list = xasprintf(
		"%s,%s,%s",
		descriptor("manifest.v1+json", other,
			   ",\"platform\":{\"architecture\":\"mips\",\"os\":\"linux\"}"),
		descriptor("manifest.v1+json", manifest_a,
			   xasprintf(",\"platform\":{\"architecture\":\"%s\",\"os\":"
				     "\"linux\"}",
				     image_host_arch())),
		descriptor("manifest.v1+json", other,
			   ",\"platform\":{\"architecture\":\"unknown\",\"os\":\"unknown\"},"
			   "\"annotations\":{\"vnd.docker.reference.type\":"
			   "\"attestation-manifest\"}"));
	nested = make_index(list);
	top = descriptor(
		"index.v1+json", nested,
		",\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/x:1\","
		"\"org.opencontainers.image.ref.name\":\"1\"}");
	for (int docker = 0; docker < 2; docker++) {
		box_open(&box);
		if (docker) {
			put_hybrid(&box, top, manifest_a);
		} else {
			box_text(&box, "oci-layout", LAYOUT);
			box_put(&box, "index.json", make_index(top));
			box_blob(&box, manifest_a);
			box_blob(&box, config_a);
			box_blob(&box, layer_a);
		}
		box_blob(&box, nested);
		assert_image_a(archive("oci-archive", box_close(&box), NULL));
		assert_image_a(archive("oci-archive", box_path("archive.tar"), "x:1"));
		assert_image_a(archive("oci-archive", box_path("archive.tar"),
				       docker ? "docker.io/library/x:1" : "1"));
	}
}

/* Refs are tags, free words or full names; no platform in the index: the config tells. */
static void oci_choice(void **state UNUSED)
{
	struct bytes config_arm = make_config("mips", (const char *[]) { id_a, NULL });
	struct bytes manifest_arm = make_manifest(config_arm, layer_a, "layer.v1.tar");
	struct box box;
	char *path;

	box_open(&box);
	box_text(&box, "oci-layout", LAYOUT);
	box_put(&box, "index.json",
		make_index(xasprintf("%s,%s,%s",
				     descriptor("manifest.v1+json", manifest_a,
						",\"annotations\":{\"org.opencontainers.image."
						"ref.name\":\"one\"}"),
				     descriptor("manifest.v1+json", manifest_a,
						",\"annotations\":{\"org.opencontainers.image."
						"ref.name\":\"localhost/two:2\"}"),
				     descriptor("manifest.v1+json", manifest_arm,
						",\"annotations\":{\"org.opencontainers.image."
						"ref.name\":\"one\"}"))));
	box_blob(&box, manifest_a);
	box_blob(&box, manifest_arm);
	box_blob(&box, config_a);
	box_blob(&box, config_arm);
	box_blob(&box, layer_a);
	path = box_close(&box);
	assert_image_a(archive("oci-archive", path, "one")); /* of two platforms, the host's */
	assert_image_a(archive("oci-archive", path, "two:2"));
	assert_image_a(archive("oci-archive", path, digest_of_bytes(manifest_a)));
	refuse(archive("oci-archive", path, "three"),
	       "there is no image 'three' in it, only 'one'");
}

static void several_docker(void **state UNUSED)
{
	struct box box;
	char *path;

	box_open(&box);
	box_put(&box, "a.json", config_a);
	box_put(&box, "ab.json", config_ab);
	box_put(&box, "a.tar", layer_a);
	box_put(&box, "b.tar", layer_b);
	box_text(
		&box, "manifest.json",
		"[{\"Config\":\"ab.json\",\"RepoTags\":null,\"Layers\":[\"a.tar\",\"b.tar\"]},"
		"{\"Config\":\"a.json\",\"RepoTags\":[\"x:0\",\"x:1\"],\"Layers\":[\"a.tar\"]}]");
	path = box_close(&box);
	assert_image_a(archive("docker-archive", path, "x:1"));
	assert_image_a(archive("docker-archive", path, "@1"));
	refuse(archive("docker-archive", path, NULL),
	       "several images; name one of them: '@0', 'x:0'");
	refuse(archive("docker-archive", path, "x:2"), "no image 'x:2' in it");
	refuse(archive("docker-archive", path, "@2"), "no image '@2' in it");
}

/* The whole archive compressed, and the same from a pipe. */
static void spooled(void **state UNUSED)
{
	int saved = dup(STDIN_FILENO), fds[2];
	struct bytes packed;
	struct box box;

	box_open(&box);
	box_put(&box, "c.json", config_a);
	box_put(&box, "l.tar", layer_a);
	box_manifest(&box, "c.json", "x:1", "\"l.tar\"");
	box_close(&box);
	packed = gzip(box.bytes);
	assert_image_a(archive("docker-archive", write_file("a.tar.gz", packed), NULL));
	for (int i = 0; i < 2; i++) {
		const struct bytes *in = i ? &packed : &box.bytes;

		assert_int_equal(pipe(fds), 0);
		assert_int_equal(write_all(fds[1], in->data, in->len), 0);
		close(fds[1]);
		assert_true(dup2(fds[0], STDIN_FILENO) >= 0);
		close(fds[0]);
		assert_image_a("-");
	}
	assert_true(dup2(saved, STDIN_FILENO) >= 0);
	close(saved);
}

/* Not an image's layer type, but bytes that say what they are. */
static void by_magic(void **state UNUSED)
{
	struct bytes packed = gzip(layer_a);
	struct bytes lies_plain = make_manifest(config_a, packed, "layer.v1.tar");
	struct bytes lies_gzip = make_manifest(config_a, layer_a, "layer.v1.tar+gzip");
	const struct bytes manifests[] = { lies_plain, lies_gzip };
	const struct bytes layers[] = { packed, layer_a };
	struct box box;

	for (size_t i = 0; i < 2; i++) {
		box_open(&box);
		box_text(&box, "oci-layout", LAYOUT);
		box_put(&box, "index.json",
			make_index(descriptor("manifest.v1+json", manifests[i], "")));
		box_blob(&box, manifests[i]);
		box_blob(&box, config_a);
		box_blob(&box, layers[i]);
		assert_image_a(archive("oci-archive", box_close(&box), NULL));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(legacy),	 cmocka_unit_test(odd_names),
		cmocka_unit_test(crane),	 cmocka_unit_test(hybrid),
		cmocka_unit_test(docker_faults), cmocka_unit_test(nested_index),
		cmocka_unit_test(oci_choice),	 cmocka_unit_test(several_docker),
		cmocka_unit_test(spooled),	 cmocka_unit_test(by_magic),
	};

	return cmocka_run_group_tests(tests, setup, box_cleanup);
}
