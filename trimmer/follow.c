// SPDX-License-Identifier: Apache-2.0
/*
 * follow.c - a thread behind whoever writes an archive
 *
 * In: a growing file. Out: digests of what its plain headers name. Never judges: at the first
 * strange header, or at a read that fails, it stops, and what it has not seen is hashed later.
 */
#include "follow.h"
#include "tar_header.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <time.h>

#define PIECE	 (256u << 10)
#define PAUSE	 2000000     /* ns; between looks for more */
#define WORTH_IT (64u << 10) /* bytes; less is soon hashed by whoever needs it */

struct follower {
	pthread_t thread;
	int fd;
	atomic_bool ended;
	struct follow_digests digests;
	char *buf;
};

void follow_digests_fini(struct follow_digests *digests)
{
	free(digests->items);
	*digests = (struct follow_digests) { 0 };
}

const struct digest_text *follow_digests_find(const struct follow_digests *digests,
					      uint64_t off, uint64_t len)
{
	for (size_t i = 0; i < digests->n_items; i++)
		if (digests->items[i].off == off && digests->items[i].len == len)
			return &digests->items[i].digest;
	return NULL;
}

/* Waits until the file has all bytes before end. False if they will never come. */
static bool wait_for(const struct follower *f, uint64_t end)
{
	const struct timespec pause = { .tv_nsec = PAUSE };

	for (;;) {
		bool ended = atomic_load(&f->ended);
		struct stat st;

		if (fstat(f->fd, &st) < 0)
			return false;
		if ((uint64_t)st.st_size >= end)
			return true;
		if (ended)
			return false;
		nanosleep(&pause, NULL);
	}
}

static bool hash(struct follower *f, uint64_t off, uint64_t len)
{
	struct follow_digest found = { .off = off, .len = len };
	struct digest digest;

	digest_init(&digest);
	for (uint64_t done = 0; done < len;) {
		size_t n = (size_t)MIN((uint64_t)PIECE, len - done);

		if (!wait_for(f, off + done + n) ||
		    pread_all(f->fd, f->buf, n, off + done) < 0) {
			digest_fini(&digest);
			return false;
		}
		digest_update(&digest, f->buf, n);
		done += n;
	}
	digest_final(&digest, &found.digest);
	xgrow(&f->digests.items, &f->digests.cap, f->digests.n_items,
	      sizeof(*f->digests.items));
	f->digests.items[f->digests.n_items++] = found;
	return true;
}

/* From header to header: of all that stands before an entry only the size counts here. */
static void *work(void *arg)
{
	struct follower *f = arg;
	struct tar_header header = { 0 };
	char block[TAR_RECORD];
	uint64_t pos = 0;

	for (;;) {
		enum tar_header_kind kind;

		tar_header_begin(&header);
		if (!wait_for(f, pos + TAR_RECORD) ||
		    pread_all(f->fd, block, TAR_RECORD, pos) < 0)
			break;
		kind = tar_header_take(&header, block);
		if (kind == TAR_HEADER_END || kind == TAR_HEADER_STRANGE ||
		    header.body > INT64_MAX - 2 * TAR_RECORD - pos)
			break;
		pos += TAR_RECORD;
		if (kind == TAR_HEADER_ENTRY && header.body >= WORTH_IT &&
		    !hash(f, pos, header.body))
			break;
		pos += (header.body + TAR_RECORD - 1) / TAR_RECORD * TAR_RECORD;
	}
	tar_header_fini(&header);
	return NULL;
}

struct follower *follow_begin(int fd)
{
	struct follower *f;

	if (cpus_usable() < 2)
		return NULL;
	f = xcalloc(1, sizeof(*f));
	f->fd = fd;
	f->buf = xmalloc(PIECE);
	if (pthread_create(&f->thread, NULL, work, f) == 0)
		return f;
	free(f->buf);
	free(f);
	return NULL;
}

void follow_end(struct follower *follower, bool whole, struct follow_digests *digests)
{
	*digests = (struct follow_digests) { 0 };
	if (!follower)
		return;
	atomic_store(&follower->ended, true);
	pthread_join(follower->thread, NULL);
	if (whole)
		*digests = follower->digests;
	else
		follow_digests_fini(&follower->digests);
	free(follower->buf);
	free(follower);
}
