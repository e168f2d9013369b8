// SPDX-License-Identifier: Apache-2.0
/*
 * shares.c - three counted objects
 *
 * In: what a thread has, to be copied or let go. Out: the same. Never aborts when memory is short.
 */
#include "shares.h"

void shares_space_unref(struct space *s)
{
	if (!s || --s->refs)
		return;
	if (s->mem >= 0)
		close(s->mem);
	free(s);
}

void shares_places_unref(struct places *p)
{
	if (!p || --p->refs)
		return;
	free(p->cwd);
	free(p->root);
	free(p);
}

void shares_dirs_unref(struct dirs *d)
{
	if (!d || --d->refs)
		return;
	for (size_t i = 0; i < d->n_entries; i++)
		free(d->entries[i].abs);
	free(d->entries);
	free(d);
}

struct space *shares_space(void)
{
	struct space *s = calloc_small(sizeof(*s));

	if (s) {
		s->refs = 1;
		s->mem = -1;
	}
	return s;
}

struct places *shares_places(const struct places *from)
{
	struct places *p = calloc_small(sizeof(*p));

	if (!p)
		return NULL;
	p->refs = 1;
	p->fresh_ns = !from;
	if (from) {
		p->cwd = from->cwd ? strdup(from->cwd) : NULL;
		p->root = from->root ? strdup(from->root) : NULL;
		p->seen_at = from->seen_at;
		p->foreign = from->foreign;
		p->fresh_ns = from->fresh_ns;
		p->loose = from->loose;
	}
	return p;
}

/* ---- directories by descriptor --------------------------------------------------------- */

/* Enough for any sane program; the rest is only a fall back's loss. */
#define DIRS_MAX 256

const char *shares_dir(const struct dirs *d, int fd)
{
	for (size_t i = 0; fd >= 0 && i < d->n_entries; i++)
		if (d->entries[i].fd == fd)
			return d->entries[i].abs;
	return NULL;
}

static void remove_dir(struct dirs *d, size_t i)
{
	free(d->entries[i].abs);
	memmove(d->entries + i, d->entries + i + 1, (--d->n_entries - i) * sizeof(*d->entries));
}

static void append_dir(struct dirs *d, int fd, const char *abs, dev_t dev, ino_t ino)
{
	char *copy;

	if (d->n_entries == d->cap) {
		size_t cap = d->cap ? d->cap * 2 : 8;
		struct dir_entry *entries = realloc(d->entries, cap * sizeof(*entries));

		if (!entries)
			return;
		d->entries = entries;
		d->cap = cap;
	}
	copy = strdup(abs);
	if (copy)
		d->entries[d->n_entries++] = (struct dir_entry) { fd, copy, dev, ino };
}

struct dirs *shares_dirs(const struct dirs *from)
{
	struct dirs *d = calloc_small(sizeof(*d));

	if (!d)
		return NULL;
	d->refs = 1;
	for (size_t i = 0; from && i < from->n_entries; i++) {
		const struct dir_entry *e = &from->entries[i];

		append_dir(d, e->fd, e->abs, e->dev, e->ino);
	}
	return d;
}

void shares_set_dir(struct dirs *d, int fd, const char *abs)
{
	for (size_t i = 0; i < d->n_entries; i++)
		if (d->entries[i].fd == fd) {
			remove_dir(d, i);
			break;
		}
	if (abs && d->n_entries < DIRS_MAX)
		append_dir(d, fd, abs, 0, 0);
}

void shares_add_dir(struct dirs *d, const char *abs, dev_t dev, ino_t ino)
{
	for (size_t i = 0; i < d->n_entries; i++)
		if (d->entries[i].fd == SHARES_ANY_FD && strcmp(d->entries[i].abs, abs) == 0)
			return;
	/* The oldest is the least likely to be still open. */
	if (d->n_entries >= DIRS_MAX)
		remove_dir(d, 0);
	append_dir(d, SHARES_ANY_FD, abs, dev, ino);
}
