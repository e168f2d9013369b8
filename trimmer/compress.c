// SPDX-License-Identifier: Apache-2.0
/*
 * compress.c - plain bytes to gzip or zstd, on several threads
 *
 * In: pieces of any size. Out: a compressed stream, handed to a sink in order. Never a time, a
 * name or this machine's kind in a header, and never a split that depends on the threads.
 *
 * gzip: blocks of a fixed size, each a gzip member of its own, compressed side by side. RFC
 * 1952 calls members one after another one file, and every engine reads them so (formats.md
 * 2.2; eStargz layers are made this way). zstd: the library's own workers, at least one, since
 * without any it cuts its jobs elsewhere.
 */
#include "compress.h"
#include "diag.h"

#include <libdeflate.h>
#include <pthread.h>
#include <zstd.h>

#define GZIP_BLOCK \
	(2u << 20) /* 0.1 % larger than one member; 0.5 MiB: 0.3 % (18 MB of redis) */
#define THREADS_MAX 64
#define WHOLE_LEVEL 9

/* ---- what the user wants --------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum tar_filter filter;
	int level, min, max;
} forms[] = {
	{ "none", TAR_PLAIN, 0, 0, 0 },
	{ "gzip", TAR_GZIP, 6, 1, 12 },
	/* Above 19 readers need more memory than they allow by default. */
	{ "zstd", TAR_ZSTD, 3, 1, 19 },
};

static bool parse_number(const char *text, int min, int max, int *n)
{
	size_t len = strlen(text);

	if (!len || len > 6 || strspn(text, "0123456789") != len)
		return false;
	*n = atoi(text);
	return *n >= min && *n <= max;
}

static int parse_form(const char *text, struct compress_form *form)
{
	size_t len = strcspn(text, ":");

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (strlen(forms[i].name) != len || memcmp(forms[i].name, text, len) != 0)
			continue;
		form->filter = forms[i].filter;
		form->level = forms[i].level;
		if (!text[len])
			return 0;
		if (forms[i].max &&
		    parse_number(text + len + 1, forms[i].min, forms[i].max, &form->level))
			return 0;
		if (forms[i].max)
			return diag_refuse("--compress %s: the level is a number from %d to %d",
					   text, forms[i].min, forms[i].max);
	}
	return diag_refuse("--compress wants none, gzip[:LEVEL] or zstd[:LEVEL], not '%s'",
			   text);
}

int compress_parse(const char *text, const char *threads, struct compress_form *form)
{
	struct compress_form f = { .filter = TAR_PLAIN, .chosen = text != NULL };
	int n = (int)MIN(cpus_usable(), (size_t)THREADS_MAX);
	int r = text ? parse_form(text, &f) : 0;

	if (r == 0 && threads && !parse_number(threads, 1, THREADS_MAX, &n))
		r = diag_refuse("--threads wants a number from 1 to %d, not '%s'", THREADS_MAX,
				threads);
	f.threads = (unsigned int)n;
	if (r == 0)
		*form = f;
	return r;
}

/* ---- gzip ------------------------------------------------------------------------------------ */

struct gzip_block {
	struct libdeflate_compressor *deflate;
	char *in, *out;
	size_t used, len; /* bytes in; bytes out, 0 when it failed */
};

struct compressor {
	int (*sink)(void *arg, const void *data, size_t len);
	void *arg;
	struct compress_form form;
	/* gzip: the blocks that are compressed side by side */
	struct gzip_block *blocks;
	size_t n_full, out_size;
	bool any; /* a member was written */
	/* zstd */
	ZSTD_CCtx *zstd;
	char *out;
};

static void *compress_block(void *arg)
{
	struct gzip_block *b = arg;
	size_t room = libdeflate_gzip_compress_bound(b->deflate, GZIP_BLOCK);

	b->len = libdeflate_gzip_compress(b->deflate, b->in, b->used, b->out, room);
	return NULL;
}

/* Compresses the first n blocks, the last of them in this thread, and hands them on. */
static int gzip_flush(struct compressor *c, size_t n)
{
	pthread_t threads[THREADS_MAX];
	size_t started = 0;
	int r = 0;

	while (started + 1 < n && pthread_create(&threads[started], NULL, compress_block,
						 &c->blocks[started]) == 0)
		started++;
	for (size_t i = started; i < n; i++)
		compress_block(&c->blocks[i]);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < n && r == 0; i++) {
		r = c->blocks[i].len ? c->sink(c->arg, c->blocks[i].out, c->blocks[i].len)
				     : -EIO;
		c->blocks[i].used = 0;
	}
	c->any |= n > 0;
	c->n_full = 0;
	return r;
}

static int gzip_begin(struct compressor *c)
{
	c->blocks = xcalloc(c->form.threads, sizeof(*c->blocks));
	for (unsigned int i = 0; i < c->form.threads; i++) {
		struct gzip_block *b = &c->blocks[i];

		b->deflate = libdeflate_alloc_compressor(c->form.level);
		if (!b->deflate)
			return -ENOMEM;
		b->in = xmalloc(GZIP_BLOCK);
		b->out = xmalloc(libdeflate_gzip_compress_bound(b->deflate, GZIP_BLOCK));
	}
	return 0;
}

static int gzip_write(struct compressor *c, const char *data, size_t len)
{
	while (len) {
		struct gzip_block *b = &c->blocks[c->n_full];
		size_t n = MIN(len, GZIP_BLOCK - b->used);

		memcpy(b->in + b->used, data, n);
		b->used += n;
		data += n;
		len -= n;
		if (b->used == GZIP_BLOCK && ++c->n_full == c->form.threads) {
			int r = gzip_flush(c, c->n_full);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int gzip_end(struct compressor *c)
{
	size_t n = c->n_full;

	if (n < c->form.threads && (c->blocks[n].used || (!n && !c->any)))
		n++;
	return gzip_flush(c, n);
}

static void gzip_free(struct compressor *c)
{
	for (unsigned int i = 0; c->blocks && i < c->form.threads; i++) {
		if (c->blocks[i].deflate)
			libdeflate_free_compressor(c->blocks[i].deflate);
		free(c->blocks[i].in);
		free(c->blocks[i].out);
	}
	free(c->blocks);
}

/* ---- zstd ------------------------------------------------------------------------------------ */

static int zstd_begin(struct compressor *c)
{
	int workers = (int)c->form.threads;

	c->zstd = ZSTD_createCCtx();
	if (!c->zstd)
		return -ENOMEM;
	c->out_size = ZSTD_CStreamOutSize();
	c->out = xmalloc(c->out_size);
	/* A library without threads refuses; then it works in this one. */
	(void)ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_nbWorkers, workers);
	if (ZSTD_isError(
		    ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_compressionLevel, c->form.level)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(c->zstd, ZSTD_c_checksumFlag, 1)))
		return -EINVAL;
	return 0;
}

static int zstd_run(struct compressor *c, const void *data, size_t len, ZSTD_EndDirective mode)
{
	ZSTD_inBuffer in = { data, len, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { c->out, c->out_size, 0 };
		int r = 0;

		left = ZSTD_compressStream2(c->zstd, &out, &in, mode);
		if (ZSTD_isError(left))
			return -EIO;
		if (out.pos)
			r = c->sink(c->arg, c->out, out.pos);
		if (r < 0)
			return r;
	} while (mode == ZSTD_e_end ? left != 0 : in.pos < in.size);
	return 0;
}

static int zstd_write(struct compressor *c, const char *data, size_t len)
{
	return zstd_run(c, data, len, ZSTD_e_continue);
}

static int zstd_end(struct compressor *c)
{
	return zstd_run(c, NULL, 0, ZSTD_e_end);
}

static void zstd_free(struct compressor *c)
{
	ZSTD_freeCCtx(c->zstd);
	free(c->out);
}

/* ---- both ------------------------------------------------------------------------------------ */

static const struct {
	int (*begin)(struct compressor *c);
	int (*write)(struct compressor *c, const char *data, size_t len);
	int (*end)(struct compressor *c);
	void (*free)(struct compressor *c);
} kinds[] = {
	[TAR_GZIP] = { gzip_begin, gzip_write, gzip_end, gzip_free },
	[TAR_ZSTD] = { zstd_begin, zstd_write, zstd_end, zstd_free },
};

int compressor_new(const struct compress_form *form,
		   int (*sink)(void *arg, const void *data, size_t len), void *arg,
		   struct compressor **compressor)
{
	struct compressor *c = xcalloc(1, sizeof(*c));
	int r;

	c->sink = sink;
	c->arg = arg;
	c->form = *form;
	r = kinds[form->filter].begin(c);
	if (r == 0)
		*compressor = c;
	else
		compressor_free(c);
	return r;
}

int compressor_write(struct compressor *c, const void *data, size_t len)
{
	return kinds[c->form.filter].write(c, data, len);
}

int compressor_end(struct compressor *c)
{
	return kinds[c->form.filter].end(c);
}

void compressor_free(struct compressor *c)
{
	if (c)
		kinds[c->form.filter].free(c);
	free(c);
}

/* ---- one piece --------------------------------------------------------------------------------- */

char *compress_whole(const void *data, size_t len, size_t *compressed_len)
{
	struct libdeflate_compressor *deflate = libdeflate_alloc_compressor(WHOLE_LEVEL);
	size_t room;
	char *out;

	if (!deflate)
		abort();
	room = libdeflate_gzip_compress_bound(deflate, len);
	out = xmalloc(room);
	*compressed_len = libdeflate_gzip_compress(deflate, data, len, out, room);
	libdeflate_free_compressor(deflate);
	return out;
}
