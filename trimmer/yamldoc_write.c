// SPDX-License-Identifier: Apache-2.0
/*
 * yamldoc_write.c - values as YAML text
 *
 * In: values. Out: block or flow style as kubectl would write it. Never writes an alias.
 */
#include "yamldoc.h"
#include "json_value.h"

#include <strings.h>

void text_put(struct text *t, const char *data, size_t len)
{
	xgrow(&t->data, &t->cap, t->len + len, 1);
	memcpy(t->data + t->len, data, len);
	t->len += len;
	t->data[t->len] = '\0';
}

static void put_word(struct text *t, const char *word)
{
	text_put(t, word, strlen(word));
}

static void put_indent(struct text *t, size_t indent)
{
	while (indent--)
		text_put(t, " ", 1);
}

/* Text that no reader, of YAML 1.1 or 1.2, takes for anything else. */
static bool is_plain(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/";
	static const char rest[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/0123456789._-";
	static const char *const words[] = { "null", "true", "false", "yes", "no",
					     "on",   "off",  "y",     "n" };
	size_t len = strlen(text);

	if (!len || !strchr(letters, text[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!strchr(rest, text[i]) && !(text[i] == ':' && i + 1 < len))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasecmp(text, words[i]) == 0)
			return false;
	return true;
}

/* JSON's quoting is YAML's double-quoted style. */
static void put_text(struct text *t, const char *text)
{
	struct json *value CLEANUP(json_freep) = NULL;
	cleanup_free char *quoted = NULL;
	size_t len;

	if (is_plain(text)) {
		put_word(t, text);
		return;
	}
	value = json_new_text(text);
	quoted = json_write(value, &len);
	text_put(t, quoted, len);
}

/* Plain text on one line as it stood: what it is taken for must not change. */
static bool stood_plain(const struct json *value)
{
	return value->src.data && value->src.len && !strchr("\"'|>&*!", value->src.data[0]) &&
	       !memchr(value->src.data, '\n', value->src.len);
}

static void put_scalar(struct text *t, const struct json *value)
{
	if (stood_plain(value))
		text_put(t, value->src.data, value->src.len);
	else if (value->type == JSON_NULL)
		put_word(t, "null");
	else if (value->type == JSON_BOOL)
		put_word(t, value->yes ? "true" : "false");
	else if (value->type == JSON_NUMBER)
		put_word(t, value->text);
	else if (value->type == JSON_STRING)
		put_text(t, value->text);
	else
		put_word(t, value->type == JSON_ARRAY ? "[]" : "{}");
}

void yamldoc_put_flow(struct text *t, const struct json *value)
{
	bool object = value->type == JSON_OBJECT;

	if (!value->n) {
		put_scalar(t, value);
		return;
	}
	put_word(t, object ? "{" : "[");
	for (size_t i = 0; i < value->n; i++) {
		if (i)
			put_word(t, ", ");
		if (object) {
			put_text(t, value->items[i].key);
			put_word(t, ": ");
		}
		yamldoc_put_flow(t, value->items[i].value);
	}
	put_word(t, object ? "}" : "]");
}

/* All items, the first without indentation where it stands behind a dash. */
static void put_items(struct text *t, const struct json *value, size_t indent, bool inlined);

static void put_after_dash(struct text *t, const struct json *value, size_t indent)
{
	if (value->n) {
		put_items(t, value, indent + 2, true);
		return;
	}
	put_scalar(t, value);
	put_word(t, "\n");
}

static void put_after_key(struct text *t, const struct json *value, size_t indent)
{
	if (value->n) {
		put_word(t, "\n");
		put_items(t, value, value->type == JSON_OBJECT ? indent + 2 : indent, false);
		return;
	}
	put_word(t, " ");
	put_scalar(t, value);
	put_word(t, "\n");
}

static void put_items(struct text *t, const struct json *value, size_t indent, bool inlined)
{
	for (size_t i = 0; i < value->n; i++) {
		const struct json_item *item = &value->items[i];

		put_indent(t, i || !inlined ? indent : 0);
		if (item->key) {
			put_text(t, item->key);
			put_word(t, ":");
			put_after_key(t, item->value, indent);
		} else {
			put_word(t, "- ");
			put_after_dash(t, item->value, indent);
		}
	}
}

void yamldoc_put_member(struct text *t, const char *key, const struct json *value,
			size_t indent)
{
	put_indent(t, indent);
	put_text(t, key);
	put_word(t, ":");
	put_after_key(t, value, indent);
}

void yamldoc_put_element(struct text *t, const struct json *value, size_t indent)
{
	put_indent(t, indent);
	put_word(t, "- ");
	put_after_dash(t, value, indent);
}

void yamldoc_put_root(struct text *t, const struct json *value)
{
	if (value->n)
		put_items(t, value, 0, false);
	else
		put_after_dash(t, value, 0);
}
