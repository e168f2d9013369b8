// SPDX-License-Identifier: Apache-2.0
/*
 * image_layer.c - a layer's plain tar, verified
 *
 * In: a blob as it is stored. Out: a range of plain tar whose bytes have blob digest and diff
 * ID. Never decompresses without a limit, and an equal layer of the same image only once.
 */
#include "image_parts.h"
#include "diag.h"
#include "digest.h"
#include "progress.h"
#include "spool.h"

#include <stdio.h>
#include <sys/stat.h>

#define COPY_SIZE (256u << 10)

static void begin(struct progress *p, char what[256], const struct image *image, size_t i,
		  uint64_t total)
{
	snprintf(what, 256, "%.200s: layer %zu", image->name, i + 1);
	progress_begin(p, what, total);
}

/* A range on its way into a digest. */
struct feed {
	const struct range *range;
	uint64_t hole_end, data_end; /* what is known of the file's holes, from the start */
	char *buf;
};

/*
 * Zeros that the file system does not even store need not be read: that would fill the page
 * cache with nothing. Where it cannot tell of holes all is data.
 */
static void look_for_hole(struct feed *f, uint64_t off)
{
	const struct range *range = f->range;
	off_t data = lseek(range->fd, (off_t)(range->off + off), SEEK_DATA), hole;
	struct stat st;

	f->hole_end = off;
	f->data_end = range->len;
	if (data < 0 && errno == ENXIO && fstat(range->fd, &st) == 0)
		data = st.st_size; /* a hole up to there */
	if (data < 0)
		return;
	if ((uint64_t)data > range->off + off)
		f->hole_end = MIN((uint64_t)data - range->off, range->len);
	hole = lseek(range->fd, data, SEEK_HOLE);
	if (hole > data)
		f->data_end = (uint64_t)hole - range->off;
}

/* Points *data at what comes at off; how much, or -errno. */
static ssize_t next_piece(struct feed *f, uint64_t off, const char **data)
{
	static char zeros[COPY_SIZE];
	uint64_t n = MIN((uint64_t)COPY_SIZE, f->range->len - off);
	int r;

	if (off >= f->data_end)
		look_for_hole(f, off);
	if (off < f->hole_end) {
		*data = zeros;
		return (ssize_t)MIN(n, f->hole_end - off);
	}
	*data = f->buf;
	r = pread_all(f->range->fd, f->buf, (size_t)n, f->range->off + off);
	return r < 0 ? r : (ssize_t)n;
}

int image_hash(const struct range *range, void (*count)(void *arg, size_t n), void *arg,
	       const atomic_bool *stop, struct digest_text *out)
{
	cleanup_free char *buf = xmalloc(COPY_SIZE);
	struct feed feed = { .range = range, .buf = buf };
	const char *data;
	struct digest d;
	ssize_t n;

	digest_init(&d);
	for (uint64_t off = 0; off < range->len; off += (uint64_t)n) {
		n = stop && atomic_load(stop) ? -ECANCELED : next_piece(&feed, off, &data);
		if (n < 0) {
			digest_fini(&d);
			return (int)n;
		}
		digest_update(&d, data, (size_t)n);
		count(arg, (size_t)n);
	}
	digest_final(&d, out);
	return 0;
}

/* A plain layer's digest is its diff ID. */
int image_judge(const struct image *image, size_t i, int r, const struct digest_text *found)
{
	const struct image_layer *layer = &image->layers[i];

	if (r < 0)
		return diag_fail(r, "%s: layer %zu cannot be read", image->name, i + 1);
	if (strcmp(found->text, layer->diff_id) != 0)
		return image_bad(image,
				 "layer %zu: its bytes have the digest %s, not the diff ID %s",
				 i + 1, found->text, layer->diff_id);
	return 0;
}

static void count_progress(void *arg, size_t n)
{
	progress_add(arg, n);
}

static int hash_blob(const struct image *image, size_t i, struct digest_text *found)
{
	const struct image_layer *layer = &image->layers[i];
	const struct range *blob = &layer->blob;
	const char *want = layer->digest ? layer->digest : layer->diff_id;
	const struct digest_text *known =
		image->store ? store_digest(image->store, blob) : NULL;
	struct progress progress;
	char what[256];
	int r;

	if (known && strcmp(known->text, want) == 0) {
		*found = *known;
		return 0;
	}
	begin(&progress, what, image, i, blob->len);
	r = image_hash(blob, count_progress, &progress, NULL, found);
	progress_end(&progress);
	return r;
}

/* The stored bytes must be those the manifest names. */
static int verify_blob(const struct image *image, size_t i, bool plain)
{
	struct image_layer *layer = &image->layers[i];
	struct digest_text found;
	int r = hash_blob(image, i, &found);

	if (r == 0 && layer->digest && strcmp(found.text, layer->digest) != 0)
		return image_bad(image, "layer %zu: its bytes have the digest %s, not %s",
				 i + 1, found.text, layer->digest);
	if (r < 0 || plain)
		r = image_judge(image, i, r, &found);
	if (r == 0 && !layer->digest)
		layer->digest = xstrdup(found.text);
	return r;
}

/* A plain layer that is verified later, or never; its digest is then as good as its diff ID. */
static int claim_plain(const struct image *image, size_t i)
{
	struct image_layer *layer = &image->layers[i];

	if (layer->digest && strcmp(layer->digest, layer->diff_id) != 0)
		return image_bad(image,
				 "layer %zu is not compressed, but its digest %s is not its "
				 "diff ID %s",
				 i + 1, layer->digest, layer->diff_id);
	if (!layer->digest)
		layer->digest = xstrdup(layer->diff_id);
	return 0;
}

/* What decompressed layers take on the disk by now. */
static uint64_t spooled(const struct image *image)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < image->n_layers; i++)
		if (image->layers[i].tar.fd >= 0 &&
		    image->layers[i].tar.fd != image->layers[i].blob.fd)
			sum += image->layers[i].tar.len;
	return sum;
}

/* Bombs: what layer i may grow to, and by which limit. */
static uint64_t layer_max(const struct image *image, size_t i, enum limit *which)
{
	uint64_t len = image->layers[i].blob.len, used = spooled(image), ratio;
	uint64_t max = limit_get(LIMIT_LAYER_SIZE), total = limit_get(LIMIT_TOTAL_SIZE);

	*which = LIMIT_LAYER_SIZE;
	if (__builtin_mul_overflow(len, limit_get(LIMIT_LAYER_RATIO), &ratio))
		ratio = UINT64_MAX;
	ratio = MAX(ratio, limit_get(LIMIT_RATIO_FROM));
	if (ratio < max) {
		*which = LIMIT_LAYER_RATIO;
		max = ratio;
	}
	total -= MIN(used, total);
	if (total < max) {
		*which = LIMIT_TOTAL_SIZE;
		max = total;
	}
	return max;
}

static int bad_decompression(const struct image *image, size_t i, int r)
{
	char what[256];
	enum limit which;
	uint64_t max = layer_max(image, i, &which);

	snprintf(what, sizeof(what), "%.200s: layer %zu", image->name, i + 1);
	if (r == -EFBIG)
		return image_bad(
			image, "layer %zu grows beyond %llu bytes when decompressed" LIMIT_HINT,
			i + 1, (unsigned long long)max, limit_name(which));
	if (r == -E2BIG)
		return limit_memory(what);
	if (r == -EBADMSG)
		return image_bad(image, "layer %zu: its compressed data is broken", i + 1);
	return diag_fail(r,
			 "%s: layer %zu cannot be decompressed; set TMPDIR to a larger place",
			 image->name, i + 1);
}

/* Where decompressed bytes go. */
struct unpacking {
	struct digest digest;
	struct progress progress;
	struct spool_sink *sink; /* NULL: they are only hashed */
};

static int take_bytes(void *arg, const void *data, size_t len)
{
	struct unpacking *u = arg;

	digest_update(&u->digest, data, len);
	progress_add(&u->progress, len);
	return u->sink ? spool_write(u->sink, data, len) : 0;
}

/* Decompresses to sink's file, or (NULL) only to compare with the diff ID. */
static int decompress(const struct image *image, size_t i, struct spool_sink *sink)
{
	const struct image_layer *layer = &image->layers[i];
	struct unpacking u = { .sink = sink };
	struct digest_text found;
	enum limit which;
	char what[256];
	int r;

	digest_init(&u.digest);
	begin(&u.progress, what, image, i, 0);
	r = tar_decompress(&layer->blob, layer_max(image, i, &which), take_bytes, &u);
	progress_end(&u.progress);
	digest_final(&u.digest, &found);
	if (r < 0)
		return bad_decompression(image, i, r);
	if (strcmp(found.text, layer->diff_id) != 0)
		return image_bad(image,
				 "layer %zu: its tar has the digest %s, not the diff ID %s",
				 i + 1, found.text, layer->diff_id);
	return 0;
}

bool image_same_blob(const struct image_layer *a, const struct image_layer *b)
{
	return a->blob.fd == b->blob.fd && a->blob.off == b->blob.off &&
	       a->blob.len == b->blob.len && strcmp(a->diff_id, b->diff_id) == 0;
}

/* An equal layer further down that was done before: equal layers occur. */
static const struct image_layer *done_before(const struct image *image, size_t i)
{
	const struct image_layer *layer = &image->layers[i];

	for (size_t j = 0; j < i; j++) {
		const struct image_layer *other = &image->layers[j];

		if (other->tar.fd >= 0 && image_same_blob(other, layer))
			return other;
	}
	return NULL;
}

/* True if an equal layer did the work already. */
static bool take_done(const struct image *image, size_t i)
{
	struct image_layer *layer = &image->layers[i];
	const struct image_layer *same = done_before(image, i);

	if (!same || (layer->digest && strcmp(layer->digest, same->digest) != 0))
		return false;
	if (!layer->digest)
		layer->digest = xstrdup(same->digest);
	layer->tar = same->tar;
	return true;
}

static int verify(const struct image *image, size_t i, enum tar_filter *filter)
{
	int r = tar_filter_of(&image->layers[i].blob, filter);

	if (r < 0)
		return diag_fail(r, "%s: layer %zu cannot be read", image->name, i + 1);
	if (*filter == TAR_PLAIN && (image->verifier || image->no_verify))
		return claim_plain(image, i);
	return verify_blob(image, i, *filter == TAR_PLAIN);
}

static int open_tar(struct image *image, size_t i)
{
	struct image_layer *layer = &image->layers[i];
	struct spool_sink sink = { .fd = -1 };
	enum tar_filter filter;
	int r = verify(image, i, &filter);

	if (r < 0)
		return r;
	if (filter == TAR_PLAIN) {
		layer->tar = layer->blob;
		return 0;
	}
	sink.fd = spool_open(layer->blob.len);
	if (sink.fd < 0)
		return sink.fd;
	store_keep_fd(image->store, sink.fd);
	r = decompress(image, i, &sink);
	if (r == 0)
		layer->tar = (struct range) { sink.fd, 0, sink.len };
	return r;
}

int image_layer_tar(struct image *image, size_t i, struct range *tar)
{
	struct image_layer *layer = &image->layers[i];

	if (layer->tar.fd < 0 && !take_done(image, i)) {
		int r = open_tar(image, i);

		if (r < 0)
			return r;
	}
	*tar = layer->tar;
	return 0;
}

int image_layer_check(const struct image *image, size_t i)
{
	enum tar_filter filter;
	int r;

	if (image->layers[i].tar.fd >= 0 || take_done(image, i))
		return 0;
	r = verify(image, i, &filter);
	if (r < 0)
		return r;
	if (filter != TAR_PLAIN)
		return decompress(image, i, NULL);
	image->layers[i].tar = image->layers[i].blob;
	return 0;
}
