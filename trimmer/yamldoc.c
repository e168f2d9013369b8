// SPDX-License-Identifier: Apache-2.0
/*
 * yamldoc.c - YAML text into values that remember their text
 *
 * In: a stream of documents. Out: values. Never resolves a tag and never writes.
 *
 * libyaml counts characters, spans are bytes: places[] translates where they differ.
 */
#include "yamldoc.h"
#include "json_value.h"

#include <yaml.h>

#define MAX_DEPTH  64
#define MAX_VALUES 200000

struct anchor {
	char *name;
	const struct json *value;
};

struct parse {
	yaml_parser_t yaml;
	struct yamldoc_stream *stream;
	size_t *places; /* byte of each character; NULL: all are one byte */
	size_t n_places;
	struct anchor *anchors; /* of this document */
	size_t n_anchors, anchors_cap;
	size_t n_values;
	char *reason;
};

static int refuse(struct parse *p, const yaml_mark_t *at, const char *why)
{
	if (!p->reason)
		p->reason = xasprintf("line %zu: %s", at->line + 1, why);
	return -EBADMSG;
}

static size_t place(const struct parse *p, const yaml_mark_t *mark)
{
	if (!p->places)
		return MIN(mark->index, p->stream->len);
	return p->places[MIN(mark->index, p->n_places)];
}

static struct span span_of(const struct parse *p, const yaml_mark_t *start,
			   const yaml_mark_t *end)
{
	size_t from = place(p, start), to = place(p, end);

	return (struct span) { p->stream->text + from, to > from ? to - from : 0 };
}

static int next(struct parse *p, yaml_event_t *event)
{
	if (yaml_parser_parse(&p->yaml, event))
		return 0;
	return refuse(p, &p->yaml.problem_mark,
		      p->yaml.problem ? p->yaml.problem : "it is not in UTF-8");
}

/* ---- scalars ------------------------------------------------------------------------------ */

/* JSON's grammar, so that a version such as 1.10 stays what it was: text is kept. */
static bool is_number(const char *text)
{
	const char *p = text + (*text == '-');
	size_t n = strspn(p, "0123456789");

	if (n == 0 || (n > 1 && *p == '0'))
		return false;
	p += n;
	if (*p == '.') {
		n = strspn(p + 1, "0123456789");
		if (n == 0)
			return false;
		p += n + 1;
	}
	if (*p == 'e' || *p == 'E') {
		p += 1 + (p[1] == '-' || p[1] == '+');
		n = strspn(p, "0123456789");
		if (n == 0)
			return false;
		p += n;
	}
	return *p == '\0';
}

static struct json *scalar_value(const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	struct json *value;

	if (!event->data.scalar.plain_implicit ||
	    event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return json_new_text(text);
	if (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0)
		return json_new_null();
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return json_new_bool(*text == 't');
	value = json_new_text(text);
	if (is_number(text))
		value->type = JSON_NUMBER;
	return value;
}

/* ---- values ------------------------------------------------------------------------------- */

static int parse_value(struct parse *p, yaml_event_t *event, unsigned int depth,
		       struct json **value);

static void add_anchor(struct parse *p, const yaml_char_t *name, const struct json *value)
{
	if (!name)
		return;
	xgrow(&p->anchors, &p->anchors_cap, p->n_anchors, sizeof(*p->anchors));
	p->anchors[p->n_anchors++] =
		(struct anchor) { .name = xstrdup((const char *)name), .value = value };
}

/* The values an alias stands for; their spans stay those of the anchor. */
static struct json *expand(struct parse *p, const struct json *value)
{
	struct json *c = json_new(value->type);

	p->n_values++;
	c->src = value->src;
	c->yes = value->yes;
	c->text = value->text ? xstrdup(value->text) : NULL;
	for (size_t i = 0; i < value->n && p->n_values < MAX_VALUES; i++) {
		const struct json_item *item = &value->items[i];

		json_put(c, item->key ? xstrdup(item->key) : NULL, item->key_src,
			 expand(p, item->value));
	}
	return c;
}

static int parse_alias(struct parse *p, const yaml_event_t *event, struct json **value)
{
	const char *name = (const char *)event->data.alias.anchor;

	for (size_t i = p->n_anchors; i-- > 0;) {
		if (strcmp(p->anchors[i].name, name) != 0)
			continue;
		*value = expand(p, p->anchors[i].value);
		(*value)->src = span_of(p, &event->start_mark, &event->end_mark);
		return 0;
	}
	return refuse(p, &event->start_mark, "there is no such anchor before");
}

static int parse_key(struct parse *p, const struct json *object, const yaml_event_t *event,
		     char **key)
{
	const char *text = (const char *)event->data.scalar.value;

	if (event->type != YAML_SCALAR_EVENT)
		return refuse(p, &event->start_mark, "a key that is no plain text");
	if (strlen(text) != event->data.scalar.length)
		return refuse(p, &event->start_mark, "a NUL byte");
	if (strcmp(text, "<<") == 0 && event->data.scalar.plain_implicit)
		return refuse(p, &event->start_mark, "merge keys (<<) are not understood");
	for (size_t i = 0; i < object->n; i++)
		if (strcmp(object->items[i].key, text) == 0)
			return refuse(p, &event->start_mark, "the same key twice");
	*key = xstrdup(text);
	return 0;
}

/* One member or element; 1, or 0 at the end of the collection, whose end is then known. */
static int parse_item(struct parse *p, struct json *value, const yaml_mark_t *start,
		      unsigned int depth)
{
	yaml_event_t event CLEANUP(yaml_event_delete) = { 0 };
	yaml_event_t second CLEANUP(yaml_event_delete) = { 0 };
	bool object = value->type == JSON_OBJECT;
	struct span key_src = { 0 };
	struct json *member;
	char *key = NULL;
	int r = next(p, &event);

	if (r < 0)
		return r;
	if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT) {
		value->src = span_of(p, start, &event.end_mark);
		return 0;
	}
	if (object) {
		r = parse_key(p, value, &event, &key);
		if (r == 0)
			r = next(p, &second);
		key_src = span_of(p, &event.start_mark, &event.end_mark);
	}
	if (r == 0)
		r = parse_value(p, object ? &second : &event, depth + 1, &member);
	if (r < 0) {
		free(key);
		return r;
	}
	json_put(value, key, key_src, member);
	return 1;
}

static int parse_collection(struct parse *p, const yaml_event_t *event, unsigned int depth,
			    struct json **value)
{
	bool object = event->type == YAML_MAPPING_START_EVENT;
	struct json *v CLEANUP(json_freep) = json_new(object ? JSON_OBJECT : JSON_ARRAY);
	int r;

	if (depth > MAX_DEPTH)
		return refuse(p, &event->start_mark, "nesting beyond 64");
	do
		r = parse_item(p, v, &event->start_mark, depth);
	while (r > 0);
	if (r < 0)
		return r;
	add_anchor(p,
		   object ? event->data.mapping_start.anchor
			  : event->data.sequence_start.anchor,
		   v);
	*value = steal_ptr(v);
	return 0;
}

static int parse_value(struct parse *p, yaml_event_t *event, unsigned int depth,
		       struct json **value)
{
	if (++p->n_values >= MAX_VALUES)
		return refuse(p, &event->start_mark, "more than 200,000 values");
	if (event->type == YAML_ALIAS_EVENT)
		return parse_alias(p, event, value);
	if (event->type != YAML_SCALAR_EVENT)
		return parse_collection(p, event, depth, value);
	if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
		return refuse(p, &event->start_mark, "a NUL byte");
	*value = scalar_value(event);
	(*value)->src = span_of(p, &event->start_mark, &event->end_mark);
	add_anchor(p, event->data.scalar.anchor, *value);
	return 0;
}

/* ---- documents ---------------------------------------------------------------------------- */

static void free_anchors(struct parse *p)
{
	for (size_t i = 0; i < p->n_anchors; i++)
		free(p->anchors[i].name);
	p->n_anchors = 0;
}

static int parse_document(struct parse *p)
{
	yaml_event_t event CLEANUP(yaml_event_delete) = { 0 };
	yaml_event_t end CLEANUP(yaml_event_delete) = { 0 };
	struct yamldoc_stream *s = p->stream;
	struct json *value = NULL;
	int r = next(p, &event);

	if (r == 0)
		r = parse_value(p, &event, 1, &value);
	free_anchors(p);
	if (r < 0)
		return r;
	xgrow(&s->docs, &s->cap, s->n_docs, sizeof(*s->docs));
	s->docs[s->n_docs++] = (struct yamldoc) {
		.value = value,
		.start = (size_t)(value->src.data - s->text),
	};
	return next(p, &end);
}

static int parse_stream(struct parse *p)
{
	for (;;) {
		yaml_event_t event CLEANUP(yaml_event_delete) = { 0 };
		int r = next(p, &event);

		if (r < 0 || event.type == YAML_STREAM_END_EVENT)
			return r;
		if (event.type == YAML_DOCUMENT_START_EVENT)
			r = parse_document(p);
		if (r < 0)
			return r;
	}
}

/* places[n]: the byte at which character n begins. */
static void find_places(struct parse *p)
{
	const struct yamldoc_stream *s = p->stream;

	p->places = xcalloc(s->len + 1, sizeof(*p->places));
	for (size_t i = 0; i < s->len; i++)
		if (((unsigned char)s->text[i] & 0xc0) != 0x80)
			p->places[p->n_places++] = i;
	p->places[p->n_places] = s->len;
}

static bool is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

static void take_text(struct yamldoc_stream *s, const char *text, size_t len)
{
	static const char mark[] = "\xef\xbb\xbf";

	if (len >= 3 && memcmp(text, mark, 3) == 0) {
		text += 3;
		len -= 3;
	}
	s->text = xmalloc(len + 2);
	memcpy(s->text, text, len);
	s->len = len;
	if (!len || text[len - 1] != '\n')
		s->text[s->len++] = '\n';
	s->text[s->len] = '\0';
}

int yamldoc_parse(const char *text, size_t len, struct yamldoc_stream *stream, char **reason)
{
	struct yamldoc_stream s CLEANUP(yamldoc_fini) = { 0 };
	struct parse p = { .stream = &s };
	int r;

	take_text(&s, text, len);
	if (!is_ascii(s.text, s.len))
		find_places(&p);
	if (!yaml_parser_initialize(&p.yaml))
		abort();
	yaml_parser_set_encoding(&p.yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p.yaml, (const unsigned char *)s.text, s.len);
	r = parse_stream(&p);
	yaml_parser_delete(&p.yaml);
	free_anchors(&p);
	free(p.anchors);
	free(p.places);
	if (r < 0) {
		*reason = p.reason;
		return r;
	}
	*stream = s;
	s = (struct yamldoc_stream) { 0 };
	return 0;
}

void yamldoc_fini(struct yamldoc_stream *stream)
{
	for (size_t i = 0; i < stream->n_docs; i++)
		json_free(stream->docs[i].value);
	free(stream->docs);
	free(stream->text);
	*stream = (struct yamldoc_stream) { 0 };
}
