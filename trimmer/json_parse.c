// SPDX-License-Identifier: Apache-2.0
/*
 * json_parse.c - text to values with yajl's event parser
 *
 * In: hostile text. Out: values with their spans, or a reason. Never the tree parser of yajl
 * (CVE-2023-33460), never unbounded: depth, bytes and number of values are limited.
 *
 * yajl tells in a callback how far it has lexed, which is the end of the token. Its start is
 * the end of the token before, less white space, ',' and ':', for which no callback comes.
 */
#include "json_value.h"
#include "limit.h"

#include <stdio.h>
#include <yajl/yajl_parse.h>

struct parse {
	yajl_handle yajl;
	const char *text;
	size_t len;
	size_t last;		/* end of the token before */
	struct json *root, *at; /* at: the open array or object */
	char *key;
	struct span key_src;
	size_t depth, n_values;
	const char *reason;
	enum limit reached; /* with reason NULL: what it is too much of */
};

static struct span token(struct parse *p)
{
	size_t start = p->last, end = yajl_get_bytes_consumed(p->yajl);

	while (start < end && strchr(" \t\r\n,:", p->text[start]))
		start++;
	p->last = end;
	return (struct span) { p->text + start, end - start };
}

static int refuse(struct parse *p, const char *reason)
{
	p->reason = reason;
	return 0;
}

static int refuse_more(struct parse *p, enum limit reached)
{
	p->reached = reached;
	return 0;
}

static int place(struct parse *p, struct json *value, struct span src)
{
	value->src = src;
	if (p->at)
		json_put(p->at, steal_ptr(p->key), p->key_src, value);
	else
		p->root = value;
	p->key_src = (struct span) { 0 }; /* elements of an array have none */
	if (++p->n_values > limit_get(LIMIT_JSON_VALUES))
		return refuse_more(p, LIMIT_JSON_VALUES);
	return 1;
}

static int open_container(struct parse *p, enum json_type type)
{
	struct json *value = json_new(type);
	int ok = place(p, value, token(p));

	p->at = value;
	if (++p->depth > limit_get(LIMIT_JSON_DEPTH))
		return refuse_more(p, LIMIT_JSON_DEPTH);
	return ok;
}

static int close_container(struct parse *p)
{
	struct span end = token(p);

	p->at->src.len = (size_t)(end.data + end.len - p->at->src.data);
	p->at = p->at->parent;
	p->depth--;
	return 1;
}

static int on_null(void *ctx)
{
	return place(ctx, json_new(JSON_NULL), token(ctx));
}

static int on_bool(void *ctx, int yes)
{
	return place(ctx, json_new_bool(yes), token(ctx));
}

static int on_number(void *ctx, const char *text, size_t len)
{
	struct json *value = json_new(JSON_NUMBER);

	value->text = xmemdup(text, len);
	return place(ctx, value, token(ctx));
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	struct json *value = json_new(JSON_STRING);

	value->text = xmemdup(text, len);
	if (!place(ctx, value, token(ctx)))
		return 0;
	return memchr(text, 0, len) ? refuse(ctx, "a string holds a NUL") : 1;
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
	struct parse *p = ctx;

	p->key = xmemdup(text, len);
	p->key_src = token(p);
	return memchr(text, 0, len) ? refuse(p, "a key holds a NUL") : 1;
}

static int on_open_object(void *ctx)
{
	return open_container(ctx, JSON_OBJECT);
}

static int on_open_array(void *ctx)
{
	return open_container(ctx, JSON_ARRAY);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Parsers differ in which of two equal keys counts, so neither may. */
static bool has_duplicates(const struct json *object)
{
	cleanup_free char **keys = xcalloc(object->n, sizeof(*keys));

	for (size_t i = 0; i < object->n; i++)
		keys[i] = object->items[i].key;
	qsort(keys, object->n, sizeof(*keys), by_key);
	for (size_t i = 1; i < object->n; i++)
		if (strcmp(keys[i - 1], keys[i]) == 0)
			return true;
	return false;
}

static int on_close_object(void *ctx)
{
	struct parse *p = ctx;

	if (has_duplicates(p->at))
		return refuse(p, "a key occurs twice in one object");
	return close_container(p);
}

static int on_close_array(void *ctx)
{
	return close_container(ctx);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_bool,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_open_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_close_object,
	.yajl_start_array = on_open_array,
	.yajl_end_array = on_close_array,
};

static char *limit_reason(const struct parse *p)
{
	bool depth = p->reached == LIMIT_JSON_DEPTH;

	return xasprintf("%s%llu %s" LIMIT_HINT, depth ? "nested more than " : "more than ",
			 (unsigned long long)limit_get(p->reached), depth ? "deep" : "values",
			 limit_name(p->reached));
}

/* yajl's words on one line, without its picture of the place; NULL-safe. */
static char *yajl_reason(struct parse *p)
{
	unsigned char *words = yajl_get_error(p->yajl, 0, NULL, 0);
	char *reason =
		xasprintf("%s at byte %zu", words ? (const char *)words : "not JSON", p->last);

	if (words)
		yajl_free_error(p->yajl, words);
	for (char *c = reason; *c; c++)
		if (*c == '\n')
			*c = ' ';
	return reason;
}

/* Length of the UTF-8 sequence at p (RFC 3629: no surrogates, shortest form), 0 if it is none. */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char first, last; /* of the lead byte */
		unsigned char low, high;   /* of the byte behind it */
		size_t len;
	} rows[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	if (*p < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (*p < rows[i].first || *p > rows[i].last)
			continue;
		if (left < rows[i].len || p[1] < rows[i].low || p[1] > rows[i].high)
			return 0;
		for (size_t k = 2; k < rows[i].len; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return rows[i].len;
	}
	return 0;
}

struct json *json_new_bytes(const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t len = strlen(text), n;
	cleanup_free char *utf8 = xmalloc(4 * len + 1);
	char *out = utf8;

	for (const char *p = text; *p; p += n) {
		n = utf8_len((const unsigned char *)p, len - (size_t)(p - text));
		if (n && *p != '\\') {
			memcpy(out, p, n);
			out += n;
			continue;
		}
		n = 1;
		*out++ = '\\';
		*out++ = 'x';
		*out++ = hex[(unsigned char)*p >> 4];
		*out++ = hex[*p & 15];
	}
	*out = '\0';
	return json_new_text(utf8);
}

/*
 * What yajl lets pass and RFC 8259 does not: control bytes as white space, overlong UTF-8,
 * surrogates. NULL if there is nothing of it.
 */
static const char *text_fault(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_len(p + i, len - i);
		if (n == 0)
			return "it is not in UTF-8";
		if (p[i] < 0x20 && p[i] != '\t' && p[i] != '\n' && p[i] != '\r')
			return "it holds control bytes";
	}
	return NULL;
}

static yajl_status run(struct parse *p)
{
	yajl_status status = yajl_parse(p->yajl, (const unsigned char *)p->text, p->len + 1);

	return status == yajl_status_ok ? yajl_complete_parse(p->yajl) : status;
}

int json_parse(const char *text, size_t len, size_t max, struct json **value, char **reason)
{
	struct parse p = { .len = len, .reached = N_LIMITS };
	const char *fault;
	char *document;

	if (len > max) {
		*reason = xasprintf("%zu bytes are more than the %zu allowed", len, max);
		return -EBADMSG;
	}
	fault = text_fault(text, len);
	if (fault) {
		*reason = xstrdup(fault);
		return -EBADMSG;
	}
	/* A space behind the text ends a number at the end inside the same buffer. */
	document = xmemdup(text, len);
	document[len] = ' ';
	p.text = document;
	p.yajl = yajl_alloc(&callbacks, NULL, &p);
	if (!p.yajl)
		abort();
	if (run(&p) != yajl_status_ok || !p.root) {
		*reason = p.reason		 ? xstrdup(p.reason)
			  : p.reached < N_LIMITS ? limit_reason(&p)
						 : yajl_reason(&p);
		yajl_free(p.yajl);
		free(p.key);
		json_free(p.root);
		free(document);
		return -EBADMSG;
	}
	yajl_free(p.yajl);
	p.root->document = document;
	*value = p.root;
	return 0;
}
