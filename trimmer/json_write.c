// SPDX-License-Identifier: Apache-2.0
/*
 * json_write.c - values to text
 *
 * In: values. Out: their text; what still has the bytes it was read from comes out as they were.
 */
#include "json_value.h"

#include <stdio.h>

struct buffer {
	char *data;
	size_t len, cap;
};

static void put(struct buffer *b, const char *data, size_t len)
{
	xgrow(&b->data, &b->cap, b->len + len, 1);
	memcpy(b->data + b->len, data, len);
	b->len += len;
}

/* The shortest spelling: only what JSON demands is escaped. */
static void put_text(struct buffer *b, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	put(b, "\"", 1);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\') {
			put(b, (char[]) { '\\', *text }, 2);
		} else if (c < 0x20) {
			put(b, "\\u00", 4);
			put(b, (char[]) { hex[c >> 4], hex[c & 15] }, 2);
		} else {
			put(b, text, 1);
		}
	}
	put(b, "\"", 1);
}

static void put_value(struct buffer *b, const struct json *value);

static void put_items(struct buffer *b, const struct json *value)
{
	for (size_t i = 0; i < value->n; i++) {
		const struct json_item *item = &value->items[i];

		if (i)
			put(b, ",", 1);
		if (item->key_src.data)
			put(b, item->key_src.data, item->key_src.len);
		else if (item->key)
			put_text(b, item->key);
		if (item->key)
			put(b, ":", 1);
		put_value(b, item->value);
	}
}

static void put_value(struct buffer *b, const struct json *value)
{
	if (value->src.data) {
		put(b, value->src.data, value->src.len);
		return;
	}
	switch (value->type) {
	case JSON_NULL:
		put(b, "null", 4);
		break;
	case JSON_BOOL:
		put(b, value->yes ? "true" : "false", value->yes ? 4 : 5);
		break;
	case JSON_NUMBER:
		put(b, value->text, strlen(value->text));
		break;
	case JSON_STRING:
		put_text(b, value->text);
		break;
	case JSON_ARRAY:
		put(b, "[", 1);
		put_items(b, value);
		put(b, "]", 1);
		break;
	case JSON_OBJECT:
		put(b, "{", 1);
		put_items(b, value);
		put(b, "}", 1);
		break;
	}
}

char *json_write(const struct json *value, size_t *len)
{
	struct buffer b = { 0 };

	put_value(&b, value);
	put(&b, "", 1);
	if (len)
		*len = b.len - 1;
	return b.data;
}

/* ---- long arrays -------------------------------------------------------------------------- */

/* An array that is its text. */
static struct json *finish_long(struct buffer *b)
{
	struct json *array = json_new_array();

	put(b, "]", 1);
	array->src = (struct span) { b->data, b->len };
	array->document = b->data;
	return array;
}

struct json *json_new_sizes(const uint64_t *numbers, size_t n)
{
	struct buffer b = { 0 };
	char text[32];

	put(&b, "[", 1);
	for (size_t i = 0; i < n; i++) {
		int len = snprintf(text, sizeof(text), "%s%llu", i ? "," : "",
				   (unsigned long long)numbers[i]);

		put(&b, text, (size_t)len);
	}
	return finish_long(&b);
}

struct json *json_new_names(const char *const *texts, size_t n)
{
	struct buffer b = { 0 };

	put(&b, "[", 1);
	for (size_t i = 0; i < n; i++) {
		struct json *text = json_new_bytes(texts[i]);

		if (i)
			put(&b, ",", 1);
		put_value(&b, text);
		json_free(text);
	}
	return finish_long(&b);
}
