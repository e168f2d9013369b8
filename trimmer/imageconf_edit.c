// SPDX-License-Identifier: Apache-2.0
/*
 * imageconf_edit.c - configs of the instrumented and of the trimmed image
 *
 * In: the original's config. Out: its text with the listed fields changed. Never a clock, and
 * never a byte changed that need not be: instrumenting and trimming give back what was there.
 */
#include "imageconf.h"
#include "diag.h"

#include <stdio.h>
#include <time.h>

#define LABEL_VERSION LABEL_PREFIX "version"
#define LABEL_DIGEST  LABEL_PREFIX "original.digest"

/* Fields whose original JSON is kept in a label; Cmd is only told, it is not changed. */
static const struct {
	const char *key, *label;
	bool restore;
} wrapped[] = {
	{ "Entrypoint", LABEL_PREFIX "original.entrypoint", true },
	{ "Cmd", LABEL_PREFIX "original.cmd", false },
	{ "Healthcheck", LABEL_PREFIX "original.healthcheck", true },
};
#define HISTORY_INSTRUMENT "imagetrim instrument"
#define HISTORY_TRIM	   "imagetrim trim"

/* Of the build that made the original; nothing reads them, and they name its files. */
static const char *const leftovers[] = {
	"container", "container_config", "docker_version", "id", "parent", "Size", "throwaway",
};

int imageconf_source_date(int64_t *seconds)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	unsigned long long n;
	char *end;

	if (!text || !*text)
		return 0;
	errno = 0;
	n = strtoull(text, &end, 10);
	/* 9999-12-31T23:59:59Z is the last that RFC 3339 can write. */
	if (errno || *end || strspn(text, "0123456789") != strlen(text) || n > 253402300799)
		return diag_refuse(
			"SOURCE_DATE_EPOCH is '%s': it must be whole seconds since 1970", text);
	*seconds = (int64_t)n;
	return 1;
}

/* Sets *text to SOURCE_DATE_EPOCH in RFC 3339, NULL if it is not set. */
static int source_date_text(char **text)
{
	int64_t seconds = 0;
	char buf[32];
	struct tm tm;
	time_t t;
	int r = imageconf_source_date(&seconds);

	*text = NULL;
	if (r <= 0)
		return r;
	t = (time_t)seconds;
	gmtime_r(&t, &tm);
	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm);
	*text = xstrdup(buf);
	return 0;
}

/* Member of object, made (also over null) when it is not there. */
static struct json *make_member(struct json *object, const char *key, enum json_type type)
{
	struct json *member = json_get(object, key);

	if (!member) {
		member = type == JSON_OBJECT ? json_new_object() : json_new_array();
		json_set(object, key, member);
	}
	return member;
}

/* Member as it stands in the text: "null" when it is null, NULL when it is not there. */
static char *member_text(const struct json *object, const char *key)
{
	for (size_t i = 0; i < json_members(object); i++) {
		const char *name = NULL;
		const struct json *member = json_member(object, i, &name);

		if (strcmp(name, key) == 0)
			return member ? json_write(member, NULL) : xstrdup("null");
	}
	return NULL;
}

static int check_shape(const struct image *image, const struct json *config)
{
	static const struct {
		const char *key;
		enum json_type type;
		bool in_config;
	} shapes[] = {
		{ "config", JSON_OBJECT, false },     { "history", JSON_ARRAY, false },
		{ "rootfs", JSON_OBJECT, false },     { "Labels", JSON_OBJECT, true },
		{ "Healthcheck", JSON_OBJECT, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		const struct json *in =
			shapes[i].in_config ? json_get(config, "config") : config;
		const struct json *member = json_get(in, shapes[i].key);

		if (member && json_type(member) != shapes[i].type)
			return diag_refuse("%s: '%s' in its config is of the wrong type",
					   image->name, shapes[i].key);
	}
	return 0;
}

/* ---- instrument ------------------------------------------------------------------------------ */

static struct json *traced_words(char **words, bool health)
{
	struct json *array = json_new_array();

	if (health)
		json_add_text(array, "CMD");
	json_add_text(array, TRACER_PATH);
	json_add_text(array, "--");
	for (size_t i = 0; words[i]; i++)
		json_add_text(array, words[i]);
	argv_free(words);
	return array;
}

static void wrap(struct json *config, struct json *inner)
{
	struct json *labels = make_member(inner, "Labels", JSON_OBJECT);
	char **health = imageconf_healthcheck(config);

	for (size_t i = 0; i < ARRAY_SIZE(wrapped); i++) {
		cleanup_free char *text = member_text(inner, wrapped[i].key);

		if (text)
			json_set_text(labels, wrapped[i].label, text);
	}
	json_set(inner, "Entrypoint", traced_words(imageconf_entrypoint(config), false));
	if (health[0])
		json_set(json_get(inner, "Healthcheck"), "Test", traced_words(health, true));
	else
		argv_free(health);
}

static void add_history(struct json *config, const char *date, const char *created_by)
{
	struct json *entry = json_new_object();
	const char *created = date ? date : json_get_text(config, "created");

	if (created)
		json_set_text(entry, "created", created);
	json_set_text(entry, "created_by", created_by);
	json_add(make_member(config, "history", JSON_ARRAY), entry);
}

static void set_created(struct json *config, const char *date)
{
	if (date)
		json_set_text(config, "created", date);
}

int imageconf_instrument(const struct image *image, const char *diff_id, char **text,
			 size_t *len)
{
	struct json *config CLEANUP(json_freep) = json_copy(image->config);
	cleanup_free char *date = NULL;
	struct json *inner, *labels;
	int r = source_date_text(&date);

	if (r == 0)
		r = check_shape(image, config);
	if (r < 0)
		return r;
	inner = make_member(config, "config", JSON_OBJECT);
	if (imageconf_is_instrumented(config)) {
		diag_error("%s is instrumented already; name the original", image->name);
		return -EEXIST;
	}
	wrap(config, inner);
	labels = json_get(inner, "Labels");
	json_set_text(labels, LABEL_DIGEST, image->config_digest);
	json_set_text(labels, LABEL_VERSION, IMAGETRIM_VERSION);
	json_add_text(make_member(json_get(config, "rootfs"), "diff_ids", JSON_ARRAY), diff_id);
	add_history(config, date, HISTORY_INSTRUMENT);
	set_created(config, date);
	*text = json_write(config, len);
	return 0;
}

const char *imageconf_original(const struct json *config)
{
	return json_get_text(json_get(json_get(config, "config"), "Labels"), LABEL_DIGEST);
}

/* ---- trim ----------------------------------------------------------------------------------- */

bool imageconf_is_instrumented(const struct json *config)
{
	char **entrypoint = imageconf_entrypoint(config);
	bool is = entrypoint[0] && strcmp(entrypoint[0], TRACER_PATH) == 0;

	argv_free(entrypoint);
	return is;
}

/* Puts back what wrap() changed; the labels are the image's word, so they are parsed anew. */
static int unwrap(const struct image *image, struct json *inner)
{
	struct json *labels = json_get(inner, "Labels");

	for (size_t i = 0; i < ARRAY_SIZE(wrapped); i++) {
		const char *text = json_get_text(labels, wrapped[i].label);
		cleanup_free char *reason = NULL;
		struct json *value;

		if (!wrapped[i].restore || !text) {
			if (wrapped[i].restore)
				json_remove(inner, wrapped[i].key);
			json_remove(labels, wrapped[i].label);
			continue;
		}
		if (json_parse(text, strlen(text), SIZE_MAX, &value, &reason) < 0)
			return diag_refuse("%s: label %s is no good JSON: %s", image->name,
					   wrapped[i].label, reason);
		json_set(inner, wrapped[i].key, value);
		json_remove(labels, wrapped[i].label);
	}
	return 0;
}

/* One entry for the one layer: when and how the original's last layer was made. */
static void renew_history(struct json *config, const char *date)
{
	const struct json *old = json_get(config, "history");
	const struct json *last = json_at(old, json_count(old) ? json_count(old) - 1 : 0);
	struct json *entry = json_new_object(), *history = json_new_array();
	const char *created = date ? date : json_get_text(last, "created");
	const char *by = json_get_text(last, "created_by");

	if (!created)
		created = json_get_text(config, "created");
	if (created)
		json_set_text(entry, "created", created);
	json_set_text(entry, "created_by", by ? by : HISTORY_TRIM);
	json_set_text(entry, "comment", HISTORY_TRIM);
	json_add(history, entry);
	json_set(config, "history", history);
}

static void renew_rootfs(struct json *config, const char *const diff_ids[], size_t n)
{
	struct json *ids = json_new_array();

	for (size_t i = 0; i < n; i++)
		if (diff_ids[i])
			json_add_text(ids, diff_ids[i]);
	json_set(json_get(config, "rootfs"), "diff_ids", ids);
}

/* Entries of layers that are gone, and those that never had one, are of empty layers. */
static void thin_history(struct json *config, const char *const diff_ids[], size_t n)
{
	struct json *history = json_get(config, "history");
	size_t layer = 0;

	for (size_t i = 0; i < json_count(history); i++) {
		struct json *entry = json_at(history, i);

		if (json_type(entry) != JSON_OBJECT ||
		    json_get_bool(entry, "empty_layer", false))
			continue;
		if (layer >= n || !diff_ids[layer])
			json_set(entry, "empty_layer", json_new_bool(true));
		layer++;
	}
}

/* The last history entry of an instrumented image is ours, the one before the original's. */
static void drop_own_history(struct json *config)
{
	const struct json *old = json_get(config, "history");
	size_t n = json_count(old);
	const char *by = n ? json_get_text(json_at(old, n - 1), "created_by") : NULL;
	struct json *history;

	if (!by || strcmp(by, HISTORY_INSTRUMENT) != 0)
		return;
	history = json_new_array();
	for (size_t i = 0; i + 1 < n; i++) {
		const struct json *entry = json_at(old, i);

		json_add(history, entry ? json_copy(entry) : json_new_null());
	}
	json_set(config, "history", history);
}

/* All but what tells of layers. */
static int trim_config(const struct image *image, struct json *config)
{
	struct json *inner, *labels;
	bool instrumented = imageconf_is_instrumented(config);
	int r = check_shape(image, config);

	if (r < 0)
		return r;
	inner = make_member(config, "config", JSON_OBJECT);
	if (instrumented) {
		r = unwrap(image, inner);
		if (r < 0)
			return r;
		drop_own_history(config);
	}
	labels = make_member(inner, "Labels", JSON_OBJECT);
	if (!instrumented || !json_get(labels, LABEL_DIGEST))
		json_set_text(labels, LABEL_DIGEST, image->config_digest);
	json_set_text(labels, LABEL_VERSION, IMAGETRIM_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(leftovers); i++)
		json_remove(config, leftovers[i]);
	return 0;
}

/* squash: one layer and one history entry; else the original's, without those that are gone. */
static int trim_to(const struct image *image, const char *const diff_ids[], size_t n,
		   bool squash, char **text, size_t *len)
{
	struct json *config CLEANUP(json_freep) = json_copy(image->config);
	cleanup_free char *date = NULL;
	int r = source_date_text(&date);

	if (r == 0)
		r = trim_config(image, config);
	if (r < 0)
		return r;
	if (squash)
		renew_history(config, date);
	else
		thin_history(config, diff_ids, n);
	renew_rootfs(config, diff_ids, n);
	set_created(config, date);
	*text = json_write(config, len);
	return 0;
}

int imageconf_trim(const struct image *image, const char *diff_id, char **text, size_t *len)
{
	return trim_to(image, &diff_id, 1, true, text, len);
}

int imageconf_trim_layers(const struct image *image, const char *const diff_ids[], char **text,
			  size_t *len)
{
	return trim_to(image, diff_ids, image->n_layers, false, text, len);
}
