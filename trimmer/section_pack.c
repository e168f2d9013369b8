// SPDX-License-Identifier: Apache-2.0
/*
 * section_pack.c - a section as bytes for a file of our own, and back
 *
 * In: a section. Out: the same. The bytes never leave the program, so they are believed.
 */
#include "section.h"

#define NUMBER_MAX 10

struct packing {
	char **data;
	size_t *cap, *len;
};

static void put_number(const struct packing *p, uint64_t n)
{
	char *out;

	xgrow(p->data, p->cap, *p->len + NUMBER_MAX, 1);
	out = *p->data + *p->len;
	for (; n >= 0x80; n >>= 7)
		*out++ = (char)(n | 0x80);
	*out++ = (char)n;
	*p->len = (size_t)(out - *p->data);
}

static uint64_t get_number(const char **data)
{
	uint64_t n = 0;

	for (unsigned int shift = 0;; shift += 7) {
		unsigned char c = (unsigned char)*(*data)++;

		n |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return n;
	}
}

static void put_text(const struct packing *p, const char *text)
{
	size_t len = strlen(text);

	put_number(p, len);
	xgrow(p->data, p->cap, *p->len + len, 1);
	memcpy(*p->data + *p->len, text, len);
	*p->len += len;
}

static char *get_text(const char **data)
{
	size_t len = get_number(data);
	char *text = xmemdup(*data, len);

	*data += len;
	return text;
}

static void put_facts(const struct packing *p, const struct facts *facts)
{
	put_number(p, facts->n_items);
	for (size_t i = 0; i < facts->n_items; i++) {
		const struct fact *f = &facts->items[i];

		put_number(p, f->key != NULL);
		if (f->key)
			put_text(p, f->key);
		put_text(p, f->value);
		put_number(p, f->count);
		put_number(p, f->code);
	}
}

static void get_facts(struct facts *facts, const char **data)
{
	for (uint64_t n = get_number(data); n; n--) {
		struct fact f = { 0 };

		f.key = get_number(data) ? get_text(data) : NULL;
		f.value = get_text(data);
		f.count = get_number(data);
		f.code = (unsigned int)get_number(data);
		facts_add(facts, f);
	}
}

/* NO_PATH is 0, so that it is short. */
static void put_path(const struct packing *p, uint32_t path)
{
	put_number(p, (uint32_t)(path + 1));
}

static uint32_t get_path(const char **data, const uint32_t *rank)
{
	uint32_t path = (uint32_t)get_number(data) - 1;

	return path == NO_PATH ? path : rank[path];
}

void section_pack(const struct section *s, char **data, size_t *cap, size_t *len)
{
	const struct packing p = { data, cap, len };

	put_facts(&p, &s->header);
	put_facts(&p, &s->notes);
	put_facts(&p, &s->end);
	put_number(&p, s->ended);
	put_number(&p, s->n_accesses);
	for (size_t i = 0; i < s->n_accesses; i++) {
		const struct access *a = &s->accesses[i];

		put_path(&p, a->path);
		put_path(&p, a->by);
		put_path(&p, a->of);
		put_number(&p, a->ops);
	}
}

void section_unpack(struct section *s, const char *data, const uint32_t *rank)
{
	size_t n;

	get_facts(&s->header, &data);
	get_facts(&s->notes, &data);
	get_facts(&s->end, &data);
	s->ended = get_number(&data);
	n = get_number(&data);
	xgrow(&s->accesses, &s->cap, n, sizeof(*s->accesses));
	s->n_accesses = n;
	for (size_t i = 0; i < n; i++) {
		struct access *a = &s->accesses[i];

		a->path = get_path(&data, rank);
		a->by = get_path(&data, rank);
		a->of = get_path(&data, rank);
		a->ops = (uint32_t)get_number(&data);
	}
}
