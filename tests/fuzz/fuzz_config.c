// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_config.c - any texts as the JSON of an image
 *
 * The input is up to four texts with a NUL between them: manifest.json, index.json, manifest,
 * config. One that is empty is not in the archive. Digests would stop every change at the
 * door, so "@m", "@c" and "@l" in the texts stand for those of the manifest, the config and the
 * layer, "@C" and "@L" for their hex digits.
 */
#include "digest.h"
#include "fuzz.h"
#include "image_bytes.h"
#include "spool.h"
#include "tar.h"

#include <stdio.h>
#include <sys/mman.h>

enum part {
	MANIFEST_JSON,
	INDEX_JSON,
	MANIFEST,
	CONFIG,
	N_PARTS
};

struct texts {
	char *text[N_PARTS];
	struct digest_text digest[N_PARTS];
};

/* An archive without entries. */
static const char layer[1024];

/* What stands for a digest at p, or NULL. */
static const char *digest_at(const char *p, const struct texts *t, const char *layer_digest)
{
	switch (*p == '@' ? p[1] : '\0') {
	case 'm':
		return t->digest[MANIFEST].text;
	case 'c':
		return t->digest[CONFIG].text;
	case 'l':
		return layer_digest;
	case 'C':
		return digest_hex(t->digest[CONFIG].text);
	case 'L':
		return digest_hex(layer_digest);
	default:
		return NULL;
	}
}

/* The part with the digests in their places. */
static char *fill_in(const char *part, const struct texts *t, const char *layer_digest)
{
	size_t n = 0, places = 0;
	char *out;

	for (const char *p = part; (p = strchr(p, '@')); p++)
		places++;
	out = xmalloc(strlen(part) + places * sizeof(struct digest_text) + 1);
	for (const char *p = part; *p; p++) {
		const char *digest = digest_at(p, t, layer_digest);

		if (digest) {
			n += (size_t)sprintf(out + n, "%s", digest);
			p++;
		} else {
			out[n++] = *p;
		}
	}
	out[n] = '\0';
	return out;
}

static int put(struct tar_writer *w, const char *path, const void *data, size_t len)
{
	const struct tar_entry e = {
		.path = path, .type = TAR_FILE, .mode = 0644, .size = len
	};
	int r = tar_put(w, &e);

	return r < 0 ? r : tar_write(w, data, len);
}

static int put_blob(struct tar_writer *w, const struct digest_text *digest, const void *data,
		    size_t len)
{
	char path[sizeof("blobs/sha256/") + DIGEST_TEXT_LEN];

	snprintf(path, sizeof(path), "blobs/sha256/%s", digest_hex(digest->text));
	return put(w, path, data, len);
}

static int put_texts(struct tar_writer *w, const struct texts *t,
		     const struct digest_text *layer_digest)
{
	static const char *const names[] = { "manifest.json", "index.json" };
	static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	int r = put(w, "oci-layout", layout, strlen(layout));

	for (size_t i = 0; i < ARRAY_SIZE(names) && r == 0; i++)
		if (*t->text[i])
			r = put(w, names[i], t->text[i], strlen(t->text[i]));
	for (size_t i = MANIFEST; i < N_PARTS && r == 0; i++)
		r = put_blob(w, &t->digest[i], t->text[i], strlen(t->text[i]));
	return r < 0 ? r : put_blob(w, layer_digest, layer, sizeof(layer));
}

static void texts_fini(struct texts *t)
{
	for (size_t i = 0; i < N_PARTS; i++)
		free(t->text[i]);
}

/* From the last to the first: each may name those behind it. */
static void take_texts(struct texts *t, const char *data, const char *layer_digest)
{
	const char *parts[N_PARTS];

	for (size_t i = 0; i < N_PARTS; i++) {
		parts[i] = data;
		data += strlen(data) + 1;
	}
	for (size_t i = N_PARTS; i-- > 0;) {
		t->text[i] = fill_in(parts[i], t, layer_digest);
		digest_of(t->text[i], strlen(t->text[i]), &t->digest[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	/* Four NULs at its end, whatever the input. */
	cleanup_free char *copy = xcalloc(1, size + N_PARTS);
	struct texts texts CLEANUP(texts_fini) = { 0 };
	struct spool_sink sink = { .fd = memfd_create("archive", MFD_CLOEXEC) };
	struct digest_text layer_digest;
	struct tar_writer *w;

	if (!ready)
		small_limits();
	ready = true;
	memcpy(copy, data, size);
	digest_of(layer, sizeof(layer), &layer_digest);
	take_texts(&texts, copy, layer_digest.text);
	if (tar_writer_new(spool_write, &sink, &w) < 0)
		abort();
	if (put_texts(w, &texts, &layer_digest) < 0 || tar_writer_finish(w) < 0)
		abort();
	look_at_image(sink.fd);
	close(sink.fd);
	return 0;
}
