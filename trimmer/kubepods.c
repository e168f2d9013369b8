// SPDX-License-Identifier: Apache-2.0
/*
 * kubepods.c - selectors, volumes and states of pods
 *
 * In: objects as the cluster tells them. Out: what to ask for, whom to ask. Never asks itself.
 */
#include "kubepods.h"
#include "kube.h"

/* Names of Kubernetes: a DNS subdomain, so no slash, and no dot or dash first. */
static bool is_name(const char *text)
{
	size_t len = text ? strlen(text) : 0;

	return len > 0 && len <= 253 && text[0] != '.' && text[0] != '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") == len;
}

/* ---- selectors --------------------------------------------------------------------------- */

/* Appends term to *selector, with a comma between. */
static void add_term(char **selector, char *term)
{
	char *both = *selector ? xasprintf("%s,%s", *selector, term) : xstrdup(term);

	free(*selector);
	free(term);
	*selector = both;
}

static char *join_values(const struct json *values)
{
	char *text = NULL;

	for (size_t i = 0; i < json_count(values); i++)
		if (json_text(json_at(values, i)))
			add_term(&text, xstrdup(json_text(json_at(values, i))));
	return text ? text : xstrdup("");
}

/* {"key": K, "operator": "In", "values": [...]} in kubectl's words. */
static void add_expression(char **selector, const struct json *expression)
{
	static const struct {
		const char *operator, * before, *after;
		bool has_values;
	} rows[] = {
		{ "In", "", " in ", true },
		{ "NotIn", "", " notin ", true },
		{ "Exists", "", "", false },
		{ "DoesNotExist", "!", "", false },
	};
	cleanup_free char *values = join_values(json_get(expression, "values"));
	const char *key = json_get_text(expression, "key");
	const char *operator= json_get_text(expression, "operator");

	for (size_t i = 0; key && operator&& i<ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].operator, operator) == 0)
			add_term(selector,
				 rows[i].has_values
					 ? xasprintf("%s%s(%s)", key, rows[i].after, values)
					 : xasprintf("%s%s", rows[i].before, key));
}

char *kubepods_selector(const struct json *object)
{
	const struct json *selector = json_get(json_get(object, "spec"), "selector");
	const struct json *labels = json_get(selector, "matchLabels");
	const struct json *expressions = json_get(selector, "matchExpressions");
	char *text = NULL;

	for (size_t i = 0; i < json_members(labels); i++) {
		const char *key, *value = json_text(json_member(labels, i, &key));

		if (value)
			add_term(&text, xasprintf("%s=%s", key, value));
	}
	for (size_t i = 0; i < json_count(expressions); i++)
		add_expression(&text, json_at(expressions, i));
	return text;
}

bool kubepods_owned(const struct json *object, const char *uid)
{
	const struct json *owners = json_get(json_get(object, "metadata"), "ownerReferences");

	for (size_t i = 0; i < json_count(owners); i++) {
		const char *owner = json_get_text(json_at(owners, i), "uid");

		if (owner && uid && strcmp(owner, uid) == 0)
			return true;
	}
	return false;
}

/* ---- places ------------------------------------------------------------------------------ */

/* The element of that name. */
static const struct json *by_name(const struct json *list, const char *name)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const char *text = json_get_text(json_at(list, i), "name");

		if (text && strcmp(text, name) == 0)
			return json_at(list, i);
	}
	return NULL;
}

static bool is_running(const struct json *pod, const char *container)
{
	const struct json *status = json_get(pod, "status");
	const struct json *own = by_name(json_get(status, "containerStatuses"), container);

	return json_get(json_get(own, "state"), "running") != NULL;
}

/* A running container that sees the volume: the collector, else the first. */
static const char *choose_container(const struct json *pod)
{
	const struct json *containers = json_get(json_get(pod, "spec"), "containers");
	const char *chosen = NULL;

	for (size_t i = 0; i < json_count(containers); i++) {
		const struct json *c = json_at(containers, i);
		const char *name = json_get_text(c, "name");

		if (!is_name(name) || !by_name(json_get(c, "volumeMounts"), KUBE_VOLUME) ||
		    !is_running(pod, name))
			continue;
		if (!chosen || strcmp(name, KUBE_COLLECTOR) == 0)
			chosen = name;
	}
	return chosen;
}

static char *make_key(const struct json *pod, const struct json *volume, const char *name)
{
	const char *claim =
		json_get_text(json_get(volume, "persistentVolumeClaim"), "claimName");
	const char *node = json_get_text(json_get(pod, "spec"), "nodeName");

	if (is_name(claim))
		return xasprintf("pvc-%s", claim);
	if (json_get(volume, "hostPath") && is_name(node))
		return xasprintf("node-%s", node);
	return xstrdup(name);
}

bool kubepods_place(const struct json *pod, struct kubepods_place *place)
{
	const char *name = json_get_text(json_get(pod, "metadata"), "name");
	const struct json *volume =
		by_name(json_get(json_get(pod, "spec"), "volumes"), KUBE_VOLUME);

	if (!volume || !is_name(name))
		return false;
	*place = (struct kubepods_place) {
		.pod = name,
		.container = choose_container(pod),
		.why_not = "none of its containers that record is running",
		.key = make_key(pod, volume, name),
	};
	return true;
}
