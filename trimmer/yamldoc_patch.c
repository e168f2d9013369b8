// SPDX-License-Identifier: Apache-2.0
/*
 * yamldoc_patch.c - changed values into the text they came from
 *
 * In: the values as read and as wanted. Out: the text with splices at the places that differ.
 * Never trusts itself: the result is parsed again and compared.
 */
#include "yamldoc.h"
#include "json_value.h"

#define NO_KEY SIZE_MAX

struct splice {
	size_t from, to;
	struct text text;
};

struct patch {
	const char *text;
	size_t len;
	const char *wanted_base; /* what unchanged values of the wanted document point into */
	size_t start;		 /* the byte of the stream that this is */
	struct splice *splices;
	size_t n_splices, cap;
	bool failed; /* some layout this cannot edit */
};

/* ---- places ------------------------------------------------------------------------------- */

static bool is_flow(const struct json *value)
{
	return value->src.len && (*value->src.data == '{' || *value->src.data == '[');
}

static size_t start_of(const struct patch *p, const struct json *value)
{
	return (size_t)(value->src.data - p->text);
}

/* Behind the last byte that belongs to the value, without the white space behind it. */
static size_t end_of(const struct patch *p, const struct json *value)
{
	const struct json *last = value;
	size_t end;

	while (last->n && !is_flow(last))
		last = last->items[last->n - 1].value;
	end = start_of(p, last) + last->src.len;
	return end;
}

static size_t line_start(const struct patch *p, size_t at)
{
	while (at && p->text[at - 1] != '\n')
		at--;
	return at;
}

/* The beginning of the next line, or at itself if it begins one. */
static size_t next_line(const struct patch *p, size_t at)
{
	while (at < p->len && at && p->text[at - 1] != '\n')
		at++;
	return at;
}

static bool blank_before(const struct patch *p, size_t at)
{
	size_t from = line_start(p, at);

	return strspn(p->text + from, " ") >= at - from;
}

static size_t dash_of(const struct patch *p, const struct json *element)
{
	size_t at = start_of(p, element);

	while (at && p->text[at - 1] == ' ')
		at--;
	return at && p->text[at - 1] == '-' ? at - 1 : SIZE_MAX;
}

/* ---- splices ------------------------------------------------------------------------------ */

static struct text *splice(struct patch *p, size_t from, size_t to)
{
	if (p->n_splices && from < p->splices[p->n_splices - 1].to)
		p->failed = true;
	xgrow(&p->splices, &p->cap, p->n_splices, sizeof(*p->splices));
	p->splices[p->n_splices] = (struct splice) { .from = from, .to = to };
	return &p->splices[p->n_splices++].text;
}

static void free_splices(struct patch *p, size_t n)
{
	while (p->n_splices > n)
		free(p->splices[--p->n_splices].text.data);
}

static char *apply(const struct patch *p, size_t *len)
{
	struct text out = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < p->n_splices; i++) {
		const struct splice *s = &p->splices[i];

		text_put(&out, p->text + at, s->from - at);
		if (s->text.len)
			text_put(&out, s->text.data, s->text.len);
		at = s->to;
	}
	text_put(&out, p->text + at, p->len - at);
	*len = out.len;
	return out.data;
}

/* ---- differences -------------------------------------------------------------------------- */

static bool equal(const struct json *a, const struct json *b)
{
	if (a->type != b->type || a->n != b->n || a->yes != b->yes ||
	    (a->text && strcmp(a->text, b->text) != 0))
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct json *other = b->items[i].value;

		if (a->items[i].key && strcmp(a->items[i].key, b->items[i].key) != 0)
			return false;
		if (!equal(a->items[i].value, other))
			return false;
	}
	return true;
}

static const struct json *member_of(const struct json *object, const char *key)
{
	for (size_t i = 0; i < object->n; i++)
		if (strcmp(object->items[i].key, key) == 0)
			return object->items[i].value;
	return NULL;
}

static void patch_value(struct patch *p, const struct json *was, const struct json *want,
			size_t key_end);

static void replace(struct patch *p, const struct json *was, const struct json *want,
		    size_t key_end)
{
	size_t from = start_of(p, was), to = end_of(p, was);
	struct text *t;

	while (to > from && strchr(" \n", p->text[to - 1]))
		to--;
	if (was->n && !is_flow(was) && key_end != NO_KEY) {
		t = splice(p, key_end, to);
		text_put(t, ": ", 2);
	} else {
		t = splice(p, from, to);
		if (!was->src.len)
			text_put(t, " ", 1);
	}
	yamldoc_put_flow(t, want);
}

static bool same_keys(const struct json *was, const struct json *want)
{
	if (was->n != want->n)
		return false;
	for (size_t i = 0; i < was->n; i++)
		if (!member_of(want, was->items[i].key))
			return false;
	return true;
}

static void remove_lines(struct patch *p, size_t from, size_t end)
{
	if (from == SIZE_MAX || !blank_before(p, from))
		p->failed = true;
	else
		splice(p, line_start(p, from), next_line(p, end));
}

static void patch_object(struct patch *p, const struct json *was, const struct json *want)
{
	size_t first = (size_t)(was->items[0].key_src.data - p->text);
	size_t indent = first - line_start(p, first);

	for (size_t i = 0; i < was->n; i++) {
		const struct json_item *item = &was->items[i];
		const struct json *now = member_of(want, item->key);
		size_t key = (size_t)(item->key_src.data - p->text);

		if (now)
			patch_value(p, item->value, now, key + item->key_src.len);
		else
			remove_lines(p, key, end_of(p, item->value));
	}
	for (size_t i = 0; i < want->n; i++) {
		size_t at = next_line(p, end_of(p, was));

		if (!member_of(was, want->items[i].key))
			yamldoc_put_member(splice(p, at, at), want->items[i].key,
					   want->items[i].value, indent);
	}
}

static void insert_elements(struct patch *p, const struct json *was, size_t before,
			    const struct json *want, size_t from, size_t n)
{
	size_t dash = dash_of(p, was->items[before < was->n ? before : 0].value), at, indent;

	if (!n)
		return;
	if (dash == SIZE_MAX || (before < was->n && !blank_before(p, dash))) {
		p->failed = true;
		return;
	}
	indent = dash - line_start(p, dash);
	at = before < was->n ? line_start(p, dash) : next_line(p, end_of(p, was));
	for (size_t i = 0; i < n; i++)
		yamldoc_put_element(splice(p, at, at), want->items[from + i].value, indent);
}

/* Equal elements at both ends stay; of the rest, one becomes the other as far as they go. */
static void patch_array(struct patch *p, const struct json *was, const struct json *want)
{
	size_t head = 0, tail = 0, n_was, n_want, both;

	while (head < MIN(was->n, want->n) &&
	       equal(was->items[head].value, want->items[head].value))
		head++;
	while (tail < MIN(was->n, want->n) - head &&
	       equal(was->items[was->n - 1 - tail].value,
		     want->items[want->n - 1 - tail].value))
		tail++;
	n_was = was->n - head - tail;
	n_want = want->n - head - tail;
	both = MIN(n_was, n_want);
	for (size_t i = head; i < head + both; i++)
		patch_value(p, was->items[i].value, want->items[i].value, NO_KEY);
	for (size_t i = head + both; i < head + n_was; i++)
		remove_lines(p, dash_of(p, was->items[i].value),
			     end_of(p, was->items[i].value));
	insert_elements(p, was, head + both, want, head + both, n_want - both);
}

static void patch_value(struct patch *p, const struct json *was, const struct json *want,
			size_t key_end)
{
	bool object = was->type == JSON_OBJECT;

	if (want->src.data &&
	    (size_t)(want->src.data - p->wanted_base) == start_of(p, was) - p->start)
		return;
	if (equal(was, want))
		return;
	if (was->type != want->type || !was->n || !want->n)
		replace(p, was, want, key_end);
	else if (is_flow(was) && !(object ? same_keys(was, want) : was->n == want->n))
		replace(p, was, want, key_end);
	else if (object)
		patch_object(p, was, want);
	else
		patch_array(p, was, want);
}

/* ---- documents ---------------------------------------------------------------------------- */

static void respell(struct patch *p, const struct yamldoc *doc, const struct json *want)
{
	size_t to = next_line(p, end_of(p, doc->value));
	struct text *t = splice(p, doc->start, to);

	if (doc->start != line_start(p, doc->start))
		text_put(t, "\n", 1);
	yamldoc_put_root(t, want);
}

/* One pass over all documents; those with respelt[i] are written anew. */
static char *make(const struct yamldoc_stream *s, struct json *const wanted[], bool *respelt,
		  size_t *len)
{
	struct patch p = { .text = s->text, .len = s->len };
	char *out;

	for (size_t i = 0; i < s->n_docs; i++) {
		size_t before = p.n_splices;

		p.wanted_base = wanted[i]->document;
		p.start = s->docs[i].start;
		p.failed = false;
		if (!respelt[i])
			patch_value(&p, s->docs[i].value, wanted[i], NO_KEY);
		if (p.failed)
			respelt[i] = true;
		if (respelt[i]) {
			free_splices(&p, before);
			respell(&p, &s->docs[i], wanted[i]);
		}
	}
	out = apply(&p, len);
	free_splices(&p, 0);
	free(p.splices);
	return out;
}

/* Marks the documents whose values are not the wanted ones; true if there is none. */
static bool check(const char *text, size_t len, const struct yamldoc_stream *s,
		  struct json *const wanted[], bool *respelt)
{
	struct yamldoc_stream again CLEANUP(yamldoc_fini) = { 0 };
	cleanup_free char *reason = NULL;
	bool parsed =
		yamldoc_parse(text, len, &again, &reason) == 0 && again.n_docs == s->n_docs;
	bool good = parsed;

	for (size_t i = 0; i < s->n_docs; i++) {
		bool right = parsed ? equal(again.docs[i].value, wanted[i])
				    : equal(s->docs[i].value, wanted[i]);

		good = good && right;
		respelt[i] = respelt[i] || !right;
	}
	return good;
}

int yamldoc_patch(const struct yamldoc_stream *stream, struct json *const wanted[], char **text,
		  size_t *len, size_t *n_respelt)
{
	cleanup_free bool *respelt = xcalloc(stream->n_docs + 1, sizeof(bool));
	cleanup_free char *out = NULL;
	size_t n = 0;

	out = make(stream, wanted, respelt, len);
	if (!check(out, *len, stream, wanted, respelt)) {
		free(out);
		out = make(stream, wanted, respelt, len);
		if (!check(out, *len, stream, wanted, respelt))
			return -EBADMSG;
	}
	for (size_t i = 0; i < stream->n_docs; i++)
		n += respelt[i];
	*n_respelt = n;
	*text = steal_ptr(out);
	return 0;
}
