// SPDX-License-Identifier: Apache-2.0
/* test_image_write.c - what is written is read back; failures leave nothing behind */
#include "fixture.h"
#include "image_draft.h"

#include <dirent.h>

static struct bytes config, layer_a, layer_b;
static char *id_a, *id_b;
static struct image_out_layer layers[3];

static int fd_of(struct bytes b)
{
	int fd = spool_open(0);

	assert_int_equal(write_all(fd, b.data, b.len), 0);
	return fd;
}

/* Three layers, the third equal to the first. */
static int setup(void **state)
{
	layer_a = make_layer("a");
	layer_b = gzip(make_layer("b"));
	id_a = digest_of_bytes(layer_a);
	id_b = digest_of_bytes(layer_b);
	layers[0] = (struct image_out_layer) {
		{ fd_of(layer_a), 0, layer_a.len }, id_a, NULL, true
	};
	layers[1] = (struct image_out_layer) {
		{ fd_of(layer_b), 0, layer_b.len }, id_b, NULL, false
	};
	layers[2] = layers[0];
	config = make_config("amd64", (const char *[]) { id_a, digest_of_bytes(make_layer("b")),
							 id_a, NULL });
	return box_setup(state);
}

static bool docker_types;

static int write_image(const char *dest, char **id)
{
	const struct image_out out = {
		.config_text = config.data,
		.config_len = config.len,
		.docker_types = docker_types,
		.layers = layers,
		.n_layers = ARRAY_SIZE(layers),
	};
	struct image_draft draft;
	struct image_ref ref;
	struct listen l;
	int r;

	assert_int_equal(image_ref_parse(dest, &ref), 0);
	listen_begin(&l);
	r = image_draft_open(&draft, &ref, NULL);
	if (r == 0)
		r = image_write(&draft, &out, id);
	image_draft_fini(&draft);
	listen_end(&l);
	image_ref_fini(&ref);
	return r;
}

/* Writes and reads back. */
static void assert_written(const char *dest, const char *source)
{
	char *id = NULL;
	struct image *image;

	if (write_image(dest, &id) < 0)
		fail_msg("%s: %s", dest, said);
	image = accept(source);
	assert_string_equal(id, digest_of_bytes(config));
	assert_string_equal(image->config_digest, id);
	assert_int_equal(image->config_len, config.len);
	assert_memory_equal(image->config_text, config.data, config.len);
	assert_int_equal(image->n_layers, 3);
	assert_string_equal(image->layers[1].digest, id_b);
	assert_tar(image, 0, layer_a);
	assert_tar(image, 1, make_layer("b"));
	assert_tar(image, 2, layer_a);
	image_free(image);
	free(id);
}

static char *in_box(const char *form, const char *name)
{
	return xasprintf("%s:%s/%s", form, box_dir, name);
}

static struct bytes read_file(const char *name)
{
	int fd = open(box_path(name), O_RDONLY | O_CLOEXEC);
	struct bytes b;

	assert_true(fd >= 0);
	assert_int_equal(read_whole(fd, 1 << 20, &b.data, &b.len), 0);
	keep(b.data);
	close(fd);
	return b;
}

static size_t count_files(const char *sub)
{
	DIR *dir = opendir(box_path(sub));
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void archives(void **state UNUSED)
{
	struct bytes first, second;

	assert_written(in_box("docker-archive", "d.tar:name:1"),
		       in_box("docker-archive", "d.tar:name:1"));
	assert_written(in_box("docker-archive", "d.tar"), in_box("docker-archive", "d.tar"));
	assert_written(in_box("docker-archive", "d.tar:name"),
		       in_box("docker-archive", "d.tar:name:latest"));
	assert_written(in_box("oci-archive", "o.tar:word"),
		       in_box("oci-archive", "o.tar:word"));
	assert_written(in_box("oci-archive", "o.tar:n/m:1"),
		       in_box("oci-archive", "o.tar:docker.io/n/m:1"));
	/* Twice the same bytes; the repeated layer once. */
	first = read_file("o.tar");
	assert_written(in_box("oci-archive", "p.tar:n/m:1"), in_box("oci-archive", "p.tar"));
	second = read_file("p.tar");
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
	assert_true(first.len < 2 * layer_a.len + 16 * 512 + layer_b.len);
}

static void layouts(void **state UNUSED)
{
	struct bytes index;
	char *id;

	assert_written(in_box("oci", "l:one"), in_box("oci", "l:one"));
	assert_written(in_box("oci", "l:two"), in_box("oci", "l:two"));
	assert_int_equal(count_files("l/blobs/sha256"), 4);
	/* The entry of the same ref is replaced; others keep their bytes. */
	write_file(
		"l/index.json",
		bytes_of(
			"{ \"schemaVersion\":2, \"manifests\":[ {\"digest\" : \"sha256:0\",\"x\":1.0 },"
			"{\"annotations\":{\"org.opencontainers.image.ref.name\":\"one\"}} ], \"y\":[ ] }"));
	assert_int_equal(write_image(in_box("oci", "l:one"), &id), 0);
	free(id);
	index = read_file("l/index.json");
	assert_memory_equal(
		index.data,
		"{\"schemaVersion\":2,\"manifests\":[{\"digest\" : \"sha256:0\",\"x\":1.0 },{"
		"\"mediaType\"",
		77);
	assert_non_null(strstr(index.data, "],\"y\":[ ]}"));
	assert_int_equal(count_files("l"), 3);
	/* A blob that was damaged is written anew. */
	write_file(xasprintf("l/%s", blob_path(id_b)), bytes_of("damaged"));
	write_file("l/index.json", bytes_of("{\"manifests\":[]}"));
	assert_written(in_box("oci", "l"), in_box("oci", "l"));
}

static void refuse_write(const char *dest, const char *words)
{
	char *id = NULL;

	if (write_image(dest, &id) == 0)
		fail_msg("%s is written, but '%s' was expected", dest, words);
	assert_said(words);
	assert_null(id);
}

static void bad_places(void **state UNUSED)
{
	size_t before;

	assert_int_equal(mkdir(box_path("full"), 0755), 0);
	write_file("full/file", bytes_of("x"));
	write_file("victim", bytes_of("x"));
	assert_int_equal(symlink("victim", box_path("link")), 0);
	assert_int_equal(mkfifo(box_path("fifo"), 0600), 0);
	before = count_files("");
	refuse_write(in_box("docker-archive", "none/d.tar"), "No such file");
	refuse_write(in_box("docker-archive", "full"), "no regular file");
	refuse_write(in_box("docker-archive", "fifo"), "no regular file");
	refuse_write(in_box("oci-archive", "link"), "symbolic link");
	refuse_write("docker-archive:/dev/null", "no regular file");
	refuse_write(in_box("oci", "full"), "no OCI layout");
	refuse_write(in_box("oci", "victim"), "no directory");
	refuse_write(in_box("oci", "none/l"), "No such file");
	refuse_write(in_box("docker-archive", "d2.tar:Bad:1"), "no image name");
	refuse_write(in_box("docker-archive",
			    "d2.tar:a@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e46"
			    "49b934ca495991b7852b855"),
		     "not by a digest");
	refuse_write(in_box("oci-archive", "d2.tar:sp ace"), "may hold letters");
	assert_int_equal(count_files(""), before);
	assert_int_equal(count_files("full"), 1);
	assert_int_equal(read_file("victim").len, 1);
}

/* A link inside a layout would lead our blobs elsewhere. */
static void layout_links(void **state UNUSED)
{
	assert_int_equal(mkdir(box_path("trap"), 0755), 0);
	assert_int_equal(mkdir(box_path("outside"), 0755), 0);
	write_file("trap/index.json", bytes_of("{}"));
	assert_int_equal(symlink("../outside", box_path("trap/blobs")), 0);
	refuse_write(in_box("oci", "trap"), "blobs is no directory");
	assert_int_equal(count_files("outside"), 0);
	assert_int_equal(count_files("trap"), 2);
}

/* A layer whose file changed since it was verified: nothing of the image stays. */
static void changed_meanwhile(void **state UNUSED)
{
	int fd = layers[1].blob.fd;
	size_t before = count_files("");

	assert_int_equal(pwrite(fd, "X", 1, 20), 1);
	refuse_write(in_box("docker-archive", "c.tar"), "changed meanwhile");
	refuse_write(in_box("oci", "c"), "changed meanwhile");
	assert_int_equal(count_files(""), before);
	assert_int_equal(pwrite(fd, layer_b.data + 20, 1, 20), 1);
	assert_written(in_box("docker-archive", "c.tar"), in_box("docker-archive", "c.tar"));
}

/* Docker's types where engines load, OCI's in layouts: skopeo and umoci find no others there. */
static void media_types(void **state UNUSED)
{
	static const struct {
		const char *transport;
		bool docker;
	} rows[] = { { "oci-archive", false }, { "docker-archive", true } };

	docker_types = true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *dest = xasprintf("%s:%s", rows[i].transport, box_path("types.tar"));
		struct image *image;
		char *id = NULL;

		assert_int_equal(write_image(dest, &id), 0);
		free(id);
		image = accept(dest);
		assert_int_equal(image->docker_types, rows[i].docker);
		for (size_t k = 0; k < image->n_layers; k++)
			assert_int_equal(strncmp(image->layers[k].media_type,
						 "application/vnd.docker.", 23) == 0,
					 rows[i].docker);
		image_free(image);
	}
	docker_types = false;
}

/* A layer that was written where it stays in the archive: the same bytes, and nothing copied. */
static void in_place(void **state UNUSED)
{
	const struct image_out out = {
		.config_text = config.data,
		.config_len = config.len,
		.layers = layers,
		.n_layers = ARRAY_SIZE(layers),
	};
	struct image_draft draft CLEANUP(image_draft_fini) = { .fd = -1 };
	struct image_ref ref CLEANUP(image_ref_fini) = { 0 };
	struct image_out_layer original = layers[0];
	struct bytes copied, placed;
	struct range place;
	char *id = NULL;

	assert_written(in_box("docker-archive", "copied.tar"),
		       in_box("docker-archive", "copied.tar"));
	assert_int_equal(image_ref_parse(in_box("docker-archive", "placed.tar"), &ref), 0);
	assert_int_equal(image_draft_open(&draft, &ref, NULL), 0);
	assert_int_equal(image_draft_place(&draft, &place), 0);
	assert_int_equal(pwrite(place.fd, layer_a.data, layer_a.len, (off_t)place.off),
			 layer_a.len);
	layers[0].blob = (struct range) { place.fd, place.off, layer_a.len };
	assert_int_equal(image_write(&draft, &out, &id), 0);
	layers[0] = original;
	keep(id);
	copied = read_file("copied.tar");
	placed = read_file("placed.tar");
	assert_int_equal(placed.len, copied.len);
	assert_memory_equal(placed.data, copied.data, copied.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(media_types),	cmocka_unit_test(archives),
		cmocka_unit_test(layouts),	cmocka_unit_test(bad_places),
		cmocka_unit_test(layout_links), cmocka_unit_test(changed_meanwhile),
		cmocka_unit_test(in_place),
	};

	return cmocka_run_group_tests(tests, setup, box_cleanup);
}
