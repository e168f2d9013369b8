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
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#define PIECE	 (256u << 10)
#define PAUSE	 2000000     /* ns; between looks for more */
#define WORTH_IT (64u << 10) /* bytes; less is soon hashed by whoever needs it */

/*
 * The engine and its program come first, who fill two CPUs: what this thread took from them was a
 * twentieth of a trim through Docker. What it has not done at their end is done by who waits for it.
 */
#define NICENESS 19

enum got {
	GOT_IT,
	GOT_NEVER, /* it will not come, or is strange: nothing more is said */
	GOT_LATER, /* the end is known: whoever waits goes on */
};

struct follower {
	pthread_t thread;
	int fd;
	bool behind; /* the thread is at work */
	atomic_bool ended;
	struct tar_header header;
	uint64_t pos; /* of a header, or of the data of one */
	bool hashing; /* its data, of which so many bytes are done: */
	uint64_t done;
	struct digest digest;
	enum got last;
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

/* Waits until the file has all bytes before end. */
static enum got wait_for(const struct follower *f, uint64_t end)
{
	const struct timespec pause = { .tv_nsec = PAUSE };

	for (;;) {
		bool ended = atomic_load(&f->ended);
		struct stat st;

		if (ended && f->behind)
			return GOT_LATER;
		if (fstat(f->fd, &st) < 0)
			return GOT_NEVER;
		if ((uint64_t)st.st_size >= end)
			return GOT_IT;
		if (ended)
			return GOT_NEVER;
		nanosleep(&pause, NULL);
	}
}

static enum got hash_piece(struct follower *f, size_t n)
{
	enum got got = wait_for(f, f->pos + f->done + n);

	if (got != GOT_IT)
		return got;
	if (pread_all(f->fd, f->buf, n, f->pos + f->done) < 0)
		return GOT_NEVER;
	digest_update(&f->digest, f->buf, n);
	f->done += n;
	return GOT_IT;
}

/* The data of the entry in hand, from where it was left. */
static enum got hash(struct follower *f)
{
	struct follow_digest found = { .off = f->pos, .len = f->header.body };

	if (!f->hashing) {
		digest_init(&f->digest);
		f->done = 0;
		f->hashing = true;
	}
	while (f->done < found.len) {
		enum got got = hash_piece(f, (size_t)MIN((uint64_t)PIECE, found.len - f->done));

		if (got != GOT_IT)
			return got;
	}
	digest_final(&f->digest, &found.digest);
	f->hashing = false;
	xgrow(&f->digests.items, &f->digests.cap, f->digests.n_items,
	      sizeof(*f->digests.items));
	f->digests.items[f->digests.n_items++] = found;
	return GOT_IT;
}

/* One header; *worth: its data is to be hashed. */
static enum got next_header(struct follower *f, bool *worth)
{
	char block[TAR_RECORD];
	enum got got = wait_for(f, f->pos + TAR_RECORD);
	enum tar_header_kind kind;

	if (got != GOT_IT)
		return got;
	if (pread_all(f->fd, block, TAR_RECORD, f->pos) < 0)
		return GOT_NEVER;
	tar_header_begin(&f->header);
	kind = tar_header_take(&f->header, block);
	if (kind == TAR_HEADER_END || kind == TAR_HEADER_STRANGE ||
	    f->header.body > INT64_MAX - 2 * TAR_RECORD - f->pos)
		return GOT_NEVER;
	f->pos += TAR_RECORD;
	*worth = kind == TAR_HEADER_ENTRY && f->header.body >= WORTH_IT;
	return GOT_IT;
}

/* From header to header: of all that stands before an entry only the size counts here. */
static enum got go_on(struct follower *f)
{
	for (;;) {
		bool worth = f->hashing;
		enum got got = worth ? GOT_IT : next_header(f, &worth);

		if (got == GOT_IT && worth)
			got = hash(f);
		if (got != GOT_IT)
			return got;
		f->pos += (f->header.body + TAR_RECORD - 1) / TAR_RECORD * TAR_RECORD;
	}
}

static void *work(void *arg)
{
	struct follower *f = arg;

	/* Of this thread alone: in Linux each has its own. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
	f->last = go_on(f);
	return NULL;
}

static void follower_free(struct follower *f)
{
	if (f->hashing)
		digest_fini(&f->digest);
	tar_header_fini(&f->header);
	free(f->buf);
	free(f);
}

struct follower *follow_begin(int fd)
{
	struct follower *f;

	if (cpus_usable() < 2)
		return NULL;
	f = xcalloc(1, sizeof(*f));
	f->fd = fd;
	f->behind = true;
	f->buf = xmalloc(PIECE);
	if (pthread_create(&f->thread, NULL, work, f) == 0)
		return f;
	follower_free(f);
	return NULL;
}

void follow_end(struct follower *follower, bool whole, struct follow_digests *digests)
{
	*digests = (struct follow_digests) { 0 };
	if (!follower)
		return;
	atomic_store(&follower->ended, true);
	pthread_join(follower->thread, NULL);
	follower->behind = false;
	if (whole && follower->last == GOT_LATER)
		go_on(follower);
	if (whole)
		*digests = follower->digests;
	else
		follow_digests_fini(&follower->digests);
	follower_free(follower);
}
