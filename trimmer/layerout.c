// SPDX-License-Identifier: Apache-2.0
/*
 * layerout.c - layers of the new image into unlinked files, hashed and compressed on the way
 *
 * In: a marked tree, or a layer that passes through. Out: a blob, its digest and its diff ID.
 * Never compresses anew what is stored in the wanted form already.
 */
#include "layerout.h"
#include "diag.h"
#include "imageconf.h"
#include "spool.h"

#define COPY_SIZE (256u << 10)

/* The tar on its way: diff ID, then compressor (or none), then blob digest and file. */
struct packing {
	struct spool_sink sink;
	const struct range *place; /* of the bytes, or NULL: sink's file is ours */
	struct digest diff, stored;
	struct compressor *compressor;
	uint64_t plain_len;
};

static int pack_bytes(void *arg, const void *data, size_t len)
{
	struct packing *p = arg;

	p->plain_len += len;
	if (!p->compressor)
		return spool_write(&p->sink, data, len);
	digest_update(&p->diff, data, len);
	return compressor_write(p->compressor, data, len);
}

/* Releases all; the file only if no layer was made. */
static void pack_fini(struct packing *p, bool made)
{
	if (!made && !p->place && p->sink.fd >= 0)
		close(p->sink.fd);
	compressor_free(p->compressor);
	digest_fini(&p->diff);
	digest_fini(&p->stored);
	*p = (struct packing) { .sink.fd = -1 };
}

static int pack_begin(struct packing *p, const struct compress_form *form,
		      const struct range *place)
{
	*p = (struct packing) { .sink.fd = place ? place->fd : spool_open(0), .place = place };
	if (p->sink.fd < 0)
		return p->sink.fd;
	if (place && lseek(place->fd, (off_t)place->off, SEEK_SET) < 0)
		return -errno;
	p->sink.digest = &p->stored;
	digest_init(&p->stored);
	if (form->filter == TAR_PLAIN)
		return 0;
	digest_init(&p->diff);
	return compressor_new(form, spool_write, &p->sink, &p->compressor);
}

static int pack_end(struct packing *p, struct layerout *out)
{
	int r = p->compressor ? compressor_end(p->compressor) : 0;

	if (r < 0)
		return r;
	*out = (struct layerout) {
		.blob = { p->sink.fd, p->place ? p->place->off : 0, p->sink.len },
		.plain_len = p->plain_len,
		.hashed = true,
		.owned = !p->place,
	};
	digest_final(&p->stored, &out->digest);
	if (p->compressor)
		digest_final(&p->diff, &out->diff_id);
	else
		out->diff_id = out->digest;
	return 0;
}

int layerout_write(struct layerout *out, struct image *image, const struct tree *tree,
		   const struct compress_form *form, const struct range *place)
{
	int64_t latest = INT64_MAX;
	struct packing p;
	int r = imageconf_source_date(&latest);

	if (r < 0)
		return r;
	r = pack_begin(&p, form, place);
	if (r == 0)
		r = layer_write(image, tree, latest, pack_bytes, &p);
	if (r == 0)
		r = pack_end(&p, out);
	pack_fini(&p, r == 0);
	return r < 0 ? diag_fail(r, "%s: a trimmed layer cannot be written", image->name) : 0;
}

/* ---- what passes through --------------------------------------------------------------------- */

static int pack_range(struct packing *p, const struct range *range)
{
	cleanup_free char *buf = xmalloc(COPY_SIZE);

	for (uint64_t off = 0; off < range->len; off += COPY_SIZE) {
		size_t n = (size_t)MIN((uint64_t)COPY_SIZE, range->len - off);
		int r = pread_all(range->fd, buf, n, range->off + off);

		if (r == 0)
			r = pack_bytes(p, buf, n);
		if (r < 0)
			return r;
	}
	return 0;
}

static int compress_layer(struct layerout *out, const struct image_layer *layer,
			  const struct compress_form *form)
{
	struct packing p;
	int r = pack_begin(&p, form, NULL);

	if (r == 0)
		r = pack_range(&p, &layer->tar);
	if (r == 0)
		r = pack_end(&p, out);
	pack_fini(&p, r == 0);
	return r;
}

static void set_digest(struct digest_text *to, const char *text)
{
	memcpy(to->text, text, DIGEST_TEXT_LEN + 1);
}

static int pass_other_form(struct layerout *out, const struct image *image, size_t i,
			   const struct compress_form *form)
{
	const struct image_layer *layer = &image->layers[i];
	int r;

	if (form->filter == TAR_PLAIN) {
		out->blob = layer->tar;
		out->digest = out->diff_id;
		out->hashed = true; /* in an unlinked file of ours */
		return 0;
	}
	r = compress_layer(out, layer, form);
	if (r < 0)
		return diag_fail(r, "%s: layer %zu cannot be written", image->name, i + 1);
	if (strcmp(out->diff_id.text, layer->diff_id) == 0)
		return 0;
	layerout_fini(out);
	diag_error("%s: layer %zu was changed while it was read", image->name, i + 1);
	return -EBADMSG;
}

int layerout_pass(struct layerout *out, const struct image *image, size_t i,
		  const struct compress_form *form)
{
	const struct image_layer *layer = &image->layers[i];
	enum tar_filter stored;
	int r = tar_filter_of(&layer->blob, &stored);

	if (r < 0)
		return diag_fail(r, "%s: layer %zu cannot be read", image->name, i + 1);
	*out = (struct layerout) { .blob = layer->blob, .plain_len = layer->tar.len };
	set_digest(&out->digest, layer->digest);
	set_digest(&out->diff_id, layer->diff_id);
	return form->chosen && form->filter != stored ? pass_other_form(out, image, i, form)
						      : 0;
}

void layerout_fini(struct layerout *out)
{
	if (out->owned)
		close(out->blob.fd);
	*out = (struct layerout) { 0 };
}
