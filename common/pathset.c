// SPDX-License-Identifier: Apache-2.0
/*
 * pathset.c - open addressing over numbers, texts in an arena of chunks
 *
 * In: byte strings. Out: numbers. Never aborts: every allocation can fail with -ENOMEM.
 */
#include "pathset.h"

#define CHUNK 16384

struct entry {
	const char *text;
	uint32_t len;
};

/* The hash stands here, so that passing over a slot costs no look at its entry. */
struct slot {
	uint32_t number; /* + 1; 0: free */
	uint32_t hash;
};

struct chunk {
	struct chunk *next;
	char data[];
};

struct pathset {
	struct entry *entries;
	size_t n_entries, entries_cap;
	struct slot *slots; /* a power of two */
	size_t n_slots;
	struct chunk *chunks;
	size_t chunk_left;
	char *chunk_pos;
};

struct pathset *pathset_new(void)
{
	return calloc(1, sizeof(struct pathset));
}

void pathset_free(struct pathset *set)
{
	if (!set)
		return;
	for (struct chunk *c = set->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(set->entries);
	free(set->slots);
	free(set);
}

/* FNV-1a over 8-byte words with a final mix; quality suffices for linear probing. */
static uint32_t hash_bytes(const char *data, size_t len)
{
	uint64_t h = 0xcbf29ce484222325u ^ len;

	while (len >= 8) {
		uint64_t w;

		memcpy(&w, data, 8);
		h = (h ^ w) * 0x9fb21c651e98df25u;
		h ^= h >> 32;
		data += 8;
		len -= 8;
	}
	for (; len; len--)
		h = (h ^ (unsigned char)*data++) * 0x100000001b3u;
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9u;
	return (uint32_t)(h >> 32);
}

/* The slot that holds path, or the free one where it belongs. */
static size_t find_slot(const struct pathset *set, uint32_t hash, const char *path, size_t len)
{
	size_t mask = set->n_slots - 1;
	size_t i = hash & mask;

	for (; set->slots[i].number; i = (i + 1) & mask) {
		const struct entry *e;

		if (set->slots[i].hash != hash)
			continue;
		e = &set->entries[set->slots[i].number - 1];
		if (e->len == len && memcmp(e->text, path, len) == 0)
			break;
	}
	return i;
}

static int grow(struct pathset *set)
{
	size_t n_slots = set->n_slots ? set->n_slots * 2 : 256;
	size_t cap = n_slots / 4 * 3;
	struct entry *entries = realloc(set->entries, cap * sizeof(*entries));
	struct slot *slots;

	if (!entries)
		return -ENOMEM;
	set->entries = entries;
	slots = calloc_table(n_slots, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (size_t n = 0; n < set->n_slots; n++) {
		size_t i = set->slots[n].hash & (n_slots - 1);

		if (!set->slots[n].number)
			continue;
		while (slots[i].number)
			i = (i + 1) & (n_slots - 1);
		slots[i] = set->slots[n];
	}
	free(set->slots);
	set->slots = slots;
	set->n_slots = n_slots;
	set->entries_cap = cap;
	return 0;
}

static char *store(struct pathset *set, const char *path, size_t len)
{
	char *text;

	if (set->chunk_left < len + 1) {
		size_t size = MAX((size_t)CHUNK, len + 1);
		struct chunk *c = malloc(sizeof(*c) + size);

		if (!c)
			return NULL;
		c->next = set->chunks;
		set->chunks = c;
		set->chunk_pos = c->data;
		set->chunk_left = size;
	}
	text = set->chunk_pos;
	memcpy(text, path, len);
	text[len] = '\0';
	set->chunk_pos += len + 1;
	set->chunk_left -= len + 1;
	return text;
}

int64_t pathset_add(struct pathset *set, const char *path, size_t len, bool *fresh)
{
	uint32_t hash = hash_bytes(path, len);
	size_t i;
	char *text;

	if (set->n_entries == set->entries_cap && grow(set) < 0)
		return -ENOMEM;
	i = find_slot(set, hash, path, len);
	*fresh = !set->slots[i].number;
	if (!*fresh)
		return set->slots[i].number - 1;
	text = store(set, path, len);
	if (!text)
		return -ENOMEM;
	set->entries[set->n_entries++] = (struct entry) { text, (uint32_t)len };
	set->slots[i] = (struct slot) { (uint32_t)set->n_entries, hash };
	return (int64_t)set->n_entries - 1;
}

int64_t pathset_find(const struct pathset *set, const char *path, size_t len)
{
	size_t i;

	if (!set->n_slots)
		return -ENOENT;
	i = find_slot(set, hash_bytes(path, len), path, len);
	return set->slots[i].number ? (int64_t)set->slots[i].number - 1 : -ENOENT;
}

const char *pathset_get(const struct pathset *set, size_t n, size_t *len)
{
	if (len)
		*len = set->entries[n].len;
	return set->entries[n].text;
}

size_t pathset_count(const struct pathset *set)
{
	return set->n_entries;
}
