// SPDX-License-Identifier: Apache-2.0
/*
 * image_verify.c - plain layers hashed in threads, beside the work with them
 *
 * In: an image whose layers were not opened yet. Out: whether each plain layer has its diff ID.
 * Threads read and hash, nothing else; what is wrong is told by whoever waits for them.
 */
#include "image_parts.h"
#include "diag.h"
#include "progress.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#define THREADS_MAX 16
#define LOOK_EVERY  100000000 /* ns; at the bytes done, for the progress line */

struct verdict {
	bool wanted; /* it is plain, and the first with these bytes */
	bool known;  /* found is there already */
	int r;	     /* of reading it */
	struct digest_text found;
};

struct image_verifier {
	const struct image *image;
	struct verdict *verdicts; /* one a layer */
	uint64_t total;
	size_t n_threads;
	pthread_t threads[THREADS_MAX];
	atomic_size_t next; /* layer for the thread that asks */
	atomic_uint_fast64_t done;
	atomic_bool stop;
};

static void count(void *arg, size_t n)
{
	struct image_verifier *v = arg;

	atomic_fetch_add(&v->done, n);
}

static void *work(void *arg)
{
	struct image_verifier *v = arg;

	for (;;) {
		size_t i = atomic_fetch_add(&v->next, 1);

		if (i >= v->image->n_layers)
			return NULL;
		if (v->verdicts[i].wanted && !v->verdicts[i].known)
			v->verdicts[i].r = image_hash(&v->image->layers[i].blob, count, v,
						      &v->stop, &v->verdicts[i].found);
	}
}

static bool is_repeated(const struct image *image, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (image_same_blob(&image->layers[j], &image->layers[i]))
			return true;
	return false;
}

/* What was hashed while it was spooled (follow.h); what differs is looked at again. */
static bool take_known(const struct image *image, size_t i, struct verdict *verdict)
{
	const struct digest_text *digest =
		image->store ? store_digest(image->store, &image->layers[i].blob) : NULL;

	if (!digest || strcmp(digest->text, image->layers[i].diff_id) != 0)
		return false;
	verdict->found = *digest;
	verdict->known = true;
	return true;
}

void image_verify_later(struct image *image)
{
	struct image_verifier *v = xcalloc(1, sizeof(*v));
	size_t n = 0, cpus = cpus_usable();

	v->image = image;
	v->verdicts = xcalloc(image->n_layers, sizeof(*v->verdicts));
	for (size_t i = 0; i < image->n_layers; i++) {
		const struct range *blob = &image->layers[i].blob;
		enum tar_filter filter;

		/* What cannot be read is told when the layer is opened. */
		if (tar_filter_of(blob, &filter) < 0 || filter != TAR_PLAIN ||
		    is_repeated(image, i))
			continue;
		v->verdicts[i].wanted = true;
		if (take_known(image, i, &v->verdicts[i]))
			continue;
		v->total += blob->len;
		n++;
	}
	image->verifier = v;
	while (v->n_threads < MIN(MIN(n, cpus), (size_t)THREADS_MAX)) {
		if (pthread_create(&v->threads[v->n_threads], NULL, work, v) != 0)
			break;
		v->n_threads++;
	}
	if (n && !v->n_threads)
		work(v); /* here and now, then */
}

static void join(struct image_verifier *v, struct progress *progress)
{
	for (; v->n_threads; v->n_threads--) {
		struct timespec until;

		do {
			uint64_t done = atomic_load(&v->done);

			if (progress)
				progress_add(progress, done - progress->done);
			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += LOOK_EVERY;
			until.tv_sec += until.tv_nsec / 1000000000;
			until.tv_nsec %= 1000000000;
		} while (pthread_timedjoin_np(v->threads[v->n_threads - 1], NULL, &until) ==
			 ETIMEDOUT);
	}
}

int image_verify(struct image *image)
{
	struct image_verifier *v = image->verifier;
	struct progress progress;
	char what[256];
	int r = 0;

	if (!v)
		return 0;
	snprintf(what, sizeof(what), "%.200s: verifying", image->name);
	progress_begin(&progress, what, v->total);
	join(v, &progress);
	progress_end(&progress);
	for (size_t i = 0; i < image->n_layers && r == 0; i++)
		if (v->verdicts[i].wanted)
			r = image_judge(image, i, v->verdicts[i].r, &v->verdicts[i].found);
	image_verify_stop(image);
	return r;
}

void image_verify_stop(struct image *image)
{
	struct image_verifier *v = image->verifier;

	if (!v)
		return;
	atomic_store(&v->stop, true);
	join(v, NULL);
	free(v->verdicts);
	free(v);
	image->verifier = NULL;
}
