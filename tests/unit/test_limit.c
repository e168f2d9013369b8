// SPDX-License-Identifier: Apache-2.0
/* test_limit.c - each limit is told when it is reached, and can be raised (formats.md 10) */
#include "layer.h"
#include "logfile.h"
#include "rules.h"
#include "sound.h"

#include <lzma.h>
#include <zstd.h>

static void set(const char *name, uint64_t value)
{
	char *setting = xasprintf("%s=%llu", name, (unsigned long long)value);
	const char *items[] = { setting };
	const struct strlist list = { items, 1, 1 };

	assert_int_equal(limit_set_all(&list), 0);
}

/* Opened and its layers read; what is wrong is in said. */
static int read_image(const char *text)
{
	struct image *image = NULL;
	int r = open_text(text, &image);
	struct listen l;

	if (r < 0)
		return r;
	listen_begin(&l);
	{
		struct tree *tree = tree_new();

		r = layer_read_all(image, tree);
		tree_free(tree);
	}
	listen_end(&l);
	image_free(image);
	return r;
}

/* Refused with limit NAME at low, naming the option; fine again at its default. */
static void bound(const char *text, const char *name, uint64_t low)
{
	enum limit which = 0;
	uint64_t standard;

	while (strcmp(limit_name(which), name) != 0)
		which++;
	standard = limit_get(which);
	set(name, low);
	if (read_image(text) == 0)
		fail_msg("%s is not refused with %s=%llu", text, name, (unsigned long long)low);
	assert_said(xasprintf("; --limit %s=N allows more", name));
	set(name, standard);
	if (read_image(text) < 0)
		fail_msg("%s: refused with %s at its default: %s", text, name, said);
}

static char *docker_archive(struct bytes config, const char *const layers[], size_t n,
			    const struct bytes *data)
{
	char *list = xstrdup("");
	struct box box;

	box_open(&box);
	box_put(&box, "c.json", config);
	for (size_t i = 0; i < n; i++) {
		box_put(&box, layers[i], data[i]);
		list = xasprintf("%s%s\"%s\"", list, i ? "," : "", layers[i]);
	}
	box_manifest(&box, "c.json", "x:1", list);
	return xasprintf("docker-archive:%s", box_close(&box));
}

static void archives(void **state UNUSED)
{
	const char *text = docker_archive(config_a, (const char *[]) { "l.tar" }, 1, &layer_a);
	struct bytes whole = { 0 };
	struct box box;

	bound(text, "archive-entries", 2);
	bound(text, "config-size", config_a.len - 1);
	bound(text, "manifest-size", 20);
	bound(text, "json-depth", 1);
	bound(text, "json-values", 3);
	put_sound(&box);
	box_close(&box);
	whole = gzip(box.bytes);
	bound(xasprintf("docker-archive:%s", write_file("a.tgz", whole)), "archive-size", 4000);
}

static void layers(void **state UNUSED)
{
	const struct bytes data[] = { gzip(layer_a), gzip(layer_b) };
	struct bytes config =
		make_config(image_host_arch(), (const char *[]) { id_a, id_b, NULL });
	const char *text =
		docker_archive(config, (const char *[]) { "a.tgz", "b.tgz" }, 2, data);

	bound(text, "layers", 1);
	bound(text, "files", 2); /* the root is one */
	bound(text, "layer-size", 1000);
	bound(text, "total-size", layer_a.len + 1000);
}

static void indexes(void **state UNUSED)
{
	struct bytes manifest = make_manifest(config_a, layer_a, "layer.v1.tar");
	struct bytes nested = make_index(descriptor("manifest.v1+json", manifest, ""));
	const char *text;
	struct box box;

	box_open(&box);
	box_text(&box, "oci-layout", LAYOUT);
	box_put(&box, "index.json", make_index(descriptor("index.v1+json", nested, "")));
	box_blob(&box, nested);
	box_blob(&box, manifest);
	box_blob(&box, config_a);
	box_blob(&box, layer_a);
	text = xasprintf("oci-archive:%s", box_close(&box));
	bound(text, "index-depth", 1);
	bound(text, "index-entries", 1);
}

/* ---- bombs ------------------------------------------------------------------------------------- */

static struct bytes xz(struct bytes plain, uint32_t window)
{
	lzma_options_lzma options;
	lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options }, { LZMA_VLI_UNKNOWN, NULL } };
	struct bytes b = { xmalloc(plain.len + 1000), 0 };

	assert_false(lzma_lzma_preset(&options, 0));
	options.dict_size = window;
	assert_int_equal(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL,
						   (const uint8_t *)plain.data, plain.len,
						   (uint8_t *)b.data, &b.len, plain.len + 1000),
			 LZMA_OK);
	return b;
}

/* A frame that says it needs a window of 2^log bytes. */
static struct bytes zstd(struct bytes plain, int log)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	struct bytes b = { xmalloc(plain.len + 1000), 0 };
	ZSTD_inBuffer in = { plain.data, plain.len, 0 };
	ZSTD_outBuffer out = { b.data, plain.len + 1000, 0 };

	/* Streamed, of unknown length: else the window shrinks to the data. */
	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, log)));
	while (in.pos < in.size)
		ZSTD_compressStream2(c, &out, &in, ZSTD_e_continue);
	assert_int_equal(ZSTD_compressStream2(c, &out, &in, ZSTD_e_end), 0);
	ZSTD_freeCCtx(c);
	b.len = out.pos;
	return b;
}

static const char *one_layer(struct bytes stored, struct bytes plain)
{
	struct bytes config = make_config(image_host_arch(),
					  (const char *[]) { digest_of_bytes(plain), NULL });

	return docker_archive(config, (const char *[]) { "l" }, 1, &stored);
}

static void windows(void **state UNUSED)
{
	bound(one_layer(xz(layer_a, 16u << 20), layer_a), "decoder-memory", 8u << 20);
	bound(one_layer(zstd(layer_a, 24), layer_a), "decoder-memory", 8u << 20);
	/* What is beyond the default is refused before it takes the memory. */
	refuse(one_layer(xz(layer_a, 1u << 30), layer_a),
	       "layer 1 needs more than 134217728 bytes of memory");
	set("decoder-memory", UINT64_C(4) << 30);
	image_free(accept(one_layer(xz(layer_a, 256u << 20), layer_a)));
	set("decoder-memory", 128u << 20);
}

/* A tar that ends in zeros compresses beyond what any layer does. */
static void ratio(void **state UNUSED)
{
	struct bytes plain = { calloc(1, 3u << 20), 3u << 20 };
	const char *text;

	memcpy(plain.data, layer_a.data, layer_a.len);
	text = one_layer(zstd(plain, 20), plain);
	bound(text, "layer-size", 2u << 20);
	set("ratio-from", 1u << 20);
	set("layer-ratio", 100000);
	bound(text, "layer-ratio", 100);
	set("ratio-from", 1u << 30);
	free(plain.data);
}

static void sparse(void **state UNUSED)
{
	/* GNU's old form: a hole of 1 MiB, and no data. */
	char block[2 * 512 + 1024] = { 0 };
	unsigned int sum = 0;

	memcpy(block, "hole", 4);
	memcpy(block + 100, "0000644", 7);
	memcpy(block + 108, "0000000", 7);
	memcpy(block + 116, "0000000", 7);
	memcpy(block + 124, "00000000000", 11);
	memcpy(block + 136, "00000000000", 11);
	block[156] = 'S';
	memcpy(block + 257, "ustar  ", 7);
	memcpy(block + 386, "00004000000", 11); /* offset and length of a piece of data: none */
	memcpy(block + 398, "00000000000", 11);
	memcpy(block + 483, "00004000000", 11);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	{
		struct bytes layer = { block, sizeof(block) };

		bound(one_layer(layer, layer), "sparse-size", 1u << 19);
	}
}

/* ---- files of the user --------------------------------------------------------------------------- */

static void files(void **state UNUSED)
{
	const char *path = write_file("list", bytes_of("/a\n/b\n"));
	const struct strlist list = { &path, 1, 1 };
	struct rules rules = { 0 };
	struct logfile file;
	struct listen l;
	int r;

	set("log-size", 3);
	listen_begin(&l);
	r = logfile_read(path, &file);
	listen_end(&l);
	assert_int_equal(r, -EFBIG);
	assert_said("has more than 3 bytes; --limit log-size=N");
	set("log-size", 6);
	assert_int_equal(logfile_read(path, &file), 0);
	logfile_fini(&file);
	set("rules-size", 3);
	listen_begin(&l);
	r = rules_read(&rules, &list, true);
	listen_end(&l);
	assert_int_equal(r, -EFBIG);
	assert_said("has more than 3 bytes; --limit rules-size=N");
	rules_fini(&rules);
}

static void settings(void **state UNUSED)
{
	static const struct {
		const char *text, *words;
	} wrong[] = {
		{ "layers", "NAME=VALUE" },
		{ "layer=1", "NAME=VALUE" },
		{ "layers=", "wants a number from 1" },
		{ "layers=0", "wants a number from 1" },
		{ "layers=x", "wants a number from 1" },
		{ "json-depth=5001", "from 1 to 5000" },
	};
	struct listen l;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const char *items[] = { wrong[i].text };
		const struct strlist list = { items, 1, 1 };
		int r;

		listen_begin(&l);
		r = limit_set_all(&list);
		listen_end(&l);
		assert_int_equal(r, -EINVAL);
		assert_said(wrong[i].words);
	}
	set("layer-size", UINT64_C(65) << 30);
	assert_int_equal(limit_get(LIMIT_LAYER_SIZE), UINT64_C(65) << 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(archives), cmocka_unit_test(layers),
		cmocka_unit_test(indexes),  cmocka_unit_test(windows),
		cmocka_unit_test(ratio),    cmocka_unit_test(sparse),
		cmocka_unit_test(files),    cmocka_unit_test(settings),
	};

	return cmocka_run_group_tests(tests, sound_setup, box_cleanup);
}
