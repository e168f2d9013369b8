// SPDX-License-Identifier: Apache-2.0
/*
 * json.c - values that remember their text
 *
 * In: JSON text. Out: a tree of values, and text again. Never converts a number and never
 * respells what was not changed.
 *
 * Every value made by the parser has `src`, its bytes in the document's text. A change clears
 * src in the value and all above it; json_write() copies src where there is one and puts the
 * rest together (json_write.c). The reading half (yajl) is json_parse.c.
 */
#include "json_value.h"

enum json_type json_type(const struct json *value)
{
	return value->type;
}

static bool is(const struct json *value, enum json_type type)
{
	return value && value->type == type;
}

struct json *json_new(enum json_type type)
{
	struct json *value = xcalloc(1, sizeof(*value));

	value->type = type;
	return value;
}

void json_free(struct json *value)
{
	if (!value)
		return;
	for (size_t i = 0; i < value->n; i++) {
		free(value->items[i].key);
		json_free(value->items[i].value);
	}
	free(value->items);
	free(value->text);
	free(value->document);
	free(value);
}

static struct json_item *find(const struct json *value, const char *key)
{
	if (!is(value, JSON_OBJECT))
		return NULL;
	for (size_t i = 0; i < value->n; i++)
		if (strcmp(value->items[i].key, key) == 0)
			return &value->items[i];
	return NULL;
}

/* JSON null counts as absent. */
static struct json *present(struct json *value)
{
	return is(value, JSON_NULL) ? NULL : value;
}

struct json *json_get(const struct json *value, const char *key)
{
	struct json_item *item = find(value, key);

	return item ? present(item->value) : NULL;
}

const char *json_text(const struct json *value)
{
	return is(value, JSON_STRING) ? value->text : NULL;
}

const char *json_get_text(const struct json *value, const char *key)
{
	return json_text(json_get(value, key));
}

bool json_get_bool(const struct json *value, const char *key, bool fallback)
{
	const struct json *member = json_get(value, key);

	return is(member, JSON_BOOL) ? member->yes : fallback;
}

uint64_t json_get_size(const struct json *value, const char *key, uint64_t fallback)
{
	const struct json *member = json_get(value, key);
	unsigned long long n;
	char *end;

	if (!is(member, JSON_NUMBER) || strspn(member->text, "0123456789") == 0)
		return fallback;
	errno = 0;
	n = strtoull(member->text, &end, 10);
	return errno || *end ? fallback : n;
}

size_t json_count(const struct json *value)
{
	return is(value, JSON_ARRAY) ? value->n : 0;
}

struct json *json_at(const struct json *value, size_t i)
{
	return i < json_count(value) ? present(value->items[i].value) : NULL;
}

size_t json_members(const struct json *value)
{
	return is(value, JSON_OBJECT) ? value->n : 0;
}

struct json *json_member(const struct json *value, size_t i, const char **key)
{
	if (i >= json_members(value))
		return NULL;
	if (key)
		*key = value->items[i].key;
	return present(value->items[i].value);
}

/* ---- making and changing ---------------------------------------------------------------- */

struct json *json_new_object(void)
{
	return json_new(JSON_OBJECT);
}

struct json *json_new_array(void)
{
	return json_new(JSON_ARRAY);
}

struct json *json_new_null(void)
{
	return json_new(JSON_NULL);
}

struct json *json_new_text(const char *text)
{
	struct json *value = json_new(JSON_STRING);

	value->text = xstrdup(text);
	return value;
}

struct json *json_new_size(uint64_t n)
{
	struct json *value = json_new(JSON_NUMBER);

	value->text = xasprintf("%llu", (unsigned long long)n);
	return value;
}

struct json *json_new_bool(bool b)
{
	struct json *value = json_new(JSON_BOOL);

	value->yes = b;
	return value;
}

static void touch(struct json *value)
{
	for (; value; value = value->parent)
		value->src = (struct span) { 0 };
}

void json_put(struct json *parent, char *key, struct span key_src, struct json *value)
{
	size_t cap = parent->cap;

	xgrow(&parent->items, &cap, parent->n, sizeof(*parent->items));
	parent->cap = (uint32_t)cap;
	parent->items[parent->n++] = (struct json_item) { key, key_src, value };
	value->parent = parent;
}

void json_set(struct json *object, const char *key, struct json *member)
{
	struct json_item *item = find(object, key);

	touch(object);
	if (!item) {
		json_put(object, xstrdup(key), (struct span) { 0 }, member);
		return;
	}
	json_free(item->value);
	item->value = member;
	member->parent = object;
}

void json_set_text(struct json *object, const char *key, const char *text)
{
	json_set(object, key, json_new_text(text));
}

void json_remove(struct json *object, const char *key)
{
	struct json_item *item = find(object, key);
	size_t at;

	if (!item)
		return;
	touch(object);
	free(item->key);
	json_free(item->value);
	at = (size_t)(item - object->items);
	memmove(item, item + 1, (object->n - at - 1) * sizeof(*item));
	object->n--;
}

void json_add(struct json *array, struct json *element)
{
	touch(array);
	json_put(array, NULL, (struct span) { 0 }, element);
}

void json_add_text(struct json *array, const char *text)
{
	json_add(array, json_new_text(text));
}

/* Where a piece of the old document's text stands in the copy's. */
static struct span rebase(struct span s, const char *from, const char *to)
{
	return s.data ? (struct span) { to + (s.data - from), s.len } : s;
}

/* from, to: the text value's spans point into and its copy; both NULL above unchanged values. */
static struct json *copy(const struct json *value, const char *from, const char *to)
{
	struct json *c = json_new(value->type);

	if (value->src.data && !to) {
		c->document = xmemdup(value->src.data, value->src.len);
		from = value->src.data;
		to = c->document;
	}
	c->src = to ? rebase(value->src, from, to) : (struct span) { 0 };
	c->yes = value->yes;
	c->text = value->text ? xstrdup(value->text) : NULL;
	for (size_t i = 0; i < value->n; i++) {
		const struct json_item *item = &value->items[i];
		struct span key_src =
			to ? rebase(item->key_src, from, to) : (struct span) { 0 };

		json_put(c, item->key ? xstrdup(item->key) : NULL, key_src,
			 copy(item->value, from, to));
	}
	return c;
}

struct json *json_copy(const struct json *value)
{
	return copy(value, NULL, NULL);
}

struct json *json_copy_plain(const struct json *value)
{
	struct json *c = json_new(value->type);

	c->yes = value->yes;
	c->text = value->text ? xstrdup(value->text) : NULL;
	for (size_t i = 0; i < value->n; i++) {
		const struct json_item *item = &value->items[i];

		json_put(c, item->key ? xstrdup(item->key) : NULL, (struct span) { 0 },
			 json_copy_plain(item->value));
	}
	return c;
}

bool json_has(const struct json *object, const char *key)
{
	return find(object, key) != NULL;
}
