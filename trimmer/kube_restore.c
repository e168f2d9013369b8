// SPDX-License-Identifier: Apache-2.0
/*
 * kube_restore.c - the manifest that was, from its annotation
 *
 * In: an object that kube.c changed. Out: the original values. Never takes away what others
 * added since.
 */
#include "kube.h"
#include "diag.h"
#include "manifest.h"

/* How our own elements of a list are known: by name; NULL: one of our environment. */
struct mark {
	const char *list, *name;
};

static const struct mark container_marks[] = {
	{ "env", NULL },
	{ "volumeMounts", KUBE_VOLUME },
};
static const struct mark pod_marks[] = {
	{ "volumes", KUBE_VOLUME },
	{ "containers", KUBE_COLLECTOR },
};

static bool is_ours(const struct json *element, const struct mark *mark)
{
	const char *text = json_get_text(element, "name");

	if (!text)
		return false;
	if (!mark->name)
		return kube_is_our_env(text);
	return strcmp(text, mark->name) == 0;
}

/* What want_member() made and nobody uses now goes back to what it was. */
static void unmake(struct json *object, const char *key, const struct json *made)
{
	const char *was = json_get_text(made, key);
	const struct json *member = json_get(object, key);

	if (!was || (member && (json_count(member) || json_members(member))))
		return;
	if (strcmp(was, "null") == 0)
		json_set(object, key, json_new_null());
	else
		json_remove(object, key);
}

static void remove_ours(struct json *object, const struct mark *mark, const struct json *made)
{
	struct json *list = json_get(object, mark->list), *left = json_new_array();

	for (size_t i = 0; i < json_count(list); i++) {
		struct json *element = json_at(list, i);

		if (!element)
			json_add(left, json_new_null());
		else if (!is_ours(element, mark))
			json_add(left, json_copy_plain(element));
	}
	if (json_count(left) == json_count(list)) {
		json_free(left);
		return;
	}
	json_set(object, mark->list, left);
	unmake(object, mark->list, made);
}

void kube_put_back(struct json *object, const char *key, const struct json *kept,
		   const char *name)
{
	const struct json *was = json_get(kept, name);

	if (object && was)
		json_set(object, key, json_copy_plain(was));
	else if (object && json_has(kept, name))
		json_remove(object, key);
}

static void restore_container(struct json *container, const struct json *kept)
{
	kube_put_back(container, "image", kept, "image");
	kube_put_back(container, "securityContext", kept, "securityContext");
	for (size_t i = 0; i < kube_n_commands; i++)
		kube_put_back(i ? kube_command_holder(container, &kube_commands[i]) : container,
			      "command", kept, kube_commands[i].name);
	for (size_t i = 0; i < ARRAY_SIZE(container_marks); i++)
		remove_ours(container, &container_marks[i], json_get(kept, "made"));
}

static size_t restore_list(const struct json *list, const struct json *containers)
{
	size_t n = 0;

	for (size_t i = 0; i < json_count(list); i++) {
		struct json *container = json_at(list, i);
		const char *name = json_get_text(container, "name");
		const struct json *kept = name ? json_get(containers, name) : NULL;

		if (kept)
			restore_container(container, kept);
		n += kept != NULL;
	}
	return n;
}

int kube_restore(struct json *object, struct kube_result *result)
{
	struct json *original CLEANUP(json_freep) = NULL;
	struct json *spec = manifest_pod_spec(object), *metadata = json_get(object, "metadata");
	struct json *annotations = json_get(metadata, "annotations"), *made, *containers;
	const char *text = json_get_text(annotations, KUBE_ANNOTATION);
	cleanup_free char *name = manifest_object_name(object);
	cleanup_free char *reason = NULL;

	if (!spec || !text)
		return 0;
	if (json_parse(text, strlen(text), SIZE_MAX, &original, &reason) < 0)
		return diag_refuse("%s: annotation " KUBE_ANNOTATION ": %s", name, reason);
	made = json_get(original, "made");
	containers = json_get(original, "containers");
	result->n_containers += restore_list(json_get(spec, "containers"), containers);
	result->n_containers += restore_list(json_get(spec, "initContainers"), containers);
	for (size_t i = 0; i < ARRAY_SIZE(pod_marks); i++)
		remove_ours(spec, &pod_marks[i], made);
	json_remove(annotations, KUBE_ANNOTATION);
	unmake(metadata, "annotations", made);
	unmake(object, "metadata", made);
	result->n_objects++;
	return 0;
}
