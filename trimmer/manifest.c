// SPDX-License-Identifier: Apache-2.0
/*
 * manifest.c - Kubernetes objects in, changed, out
 *
 * In: JSON or YAML text. Out: the same form, what was not changed byte for byte. Never decides
 * what is changed.
 */
#include "manifest.h"
#include "diag.h"
#include "limit.h"

#include <fcntl.h>
#include <stdio.h>

/* Where each kind has its pod spec. */
static const struct {
	const char *kind;
	const char *path[6];
} kinds[] = {
	{ "Pod", { "spec" } },
	{ "Deployment", { "spec", "template", "spec" } },
	{ "StatefulSet", { "spec", "template", "spec" } },
	{ "DaemonSet", { "spec", "template", "spec" } },
	{ "ReplicaSet", { "spec", "template", "spec" } },
	{ "Job", { "spec", "template", "spec" } },
	{ "CronJob", { "spec", "jobTemplate", "spec", "template", "spec" } },
};

struct json *manifest_pod_spec(const struct json *object)
{
	const char *kind = json_get_text(object, "kind");
	struct json *at = NULL;

	for (size_t i = 0; kind && i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].kind, kind) != 0)
			continue;
		at = json_get(object, kinds[i].path[0]);
		for (size_t k = 1; kinds[i].path[k]; k++)
			at = json_get(at, kinds[i].path[k]);
	}
	return at && json_type(at) == JSON_OBJECT ? at : NULL;
}

char *manifest_object_name(const struct json *object)
{
	const char *kind = json_get_text(object, "kind");
	const char *name = json_get_text(json_get(object, "metadata"), "name");

	return xasprintf("%s %s", kind ? kind : "object", name ? name : "without a name");
}

/* ---- reading ------------------------------------------------------------------------------ */

static int parse_json(struct manifest *m, const char *text, size_t len)
{
	cleanup_free char *reason = NULL;

	m->docs = xcalloc(1, sizeof(*m->docs));
	if (json_parse(text, len, len, &m->docs[0], &reason) < 0)
		return diag_refuse("%s: %s", m->name, reason);
	m->n_docs = 1;
	return 0;
}

static int parse_yaml(struct manifest *m, const char *text, size_t len)
{
	cleanup_free char *reason = NULL;

	m->is_yaml = true;
	if (yamldoc_parse(text, len, &m->stream, &reason) < 0)
		return diag_refuse("%s: %s", m->name, reason);
	m->docs = xcalloc(m->stream.n_docs + 1, sizeof(*m->docs));
	for (size_t i = 0; i < m->stream.n_docs; i++)
		m->docs[m->n_docs++] = json_copy(m->stream.docs[i].value);
	return 0;
}

int manifest_read(const char *path, struct manifest *m)
{
	bool standard = strcmp(path, "-") == 0;
	cleanup_fd int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	cleanup_free char *text = NULL;
	size_t len;
	int r;

	*m = (struct manifest) { .name = standard ? "standard input" : path };
	if (fd < 0)
		return diag_fail(-errno, "%s cannot be read", m->name);
	r = read_whole(fd, limit_get(LIMIT_YAML_SIZE), &text, &len);
	if (r == -EFBIG)
		return limit_exceeded(m->name, LIMIT_YAML_SIZE);
	if (r < 0)
		return diag_fail(r, "%s cannot be read", m->name);
	/* Objects are JSON or YAML; a YAML document in braces is read as JSON. */
	if (text[strspn(text, " \t\r\n")] == '{')
		return parse_json(m, text, len);
	return parse_yaml(m, text, len);
}

void manifest_fini(struct manifest *m)
{
	for (size_t i = 0; i < m->n_docs; i++)
		json_free(m->docs[i]);
	free(m->docs);
	yamldoc_fini(&m->stream);
}

/* ---- objects ------------------------------------------------------------------------------ */

/* List, PodList, DeploymentList: anything with items and such a kind. */
static bool is_list(const struct json *object)
{
	const char *kind = json_get_text(object, "kind");
	size_t len = kind ? strlen(kind) : 0;

	return len >= 4 && strcmp(kind + len - 4, "List") == 0;
}

static int visit(struct json *object, unsigned int depth,
		 int (*each)(void *arg, struct json *object), void *arg)
{
	struct json *items = json_get(object, "items");
	int r = 0;

	if (!is_list(object))
		return each(arg, object);
	for (size_t i = 0; i < json_count(items) && r >= 0 && depth < 4; i++)
		if (json_at(items, i))
			r = visit(json_at(items, i), depth + 1, each, arg);
	return r;
}

int manifest_each(const struct manifest *m, int (*each)(void *arg, struct json *object),
		  void *arg)
{
	int r = 0;

	for (size_t i = 0; i < m->n_docs && r >= 0; i++)
		r = visit(m->docs[i], 0, each, arg);
	return r < 0 ? r : 0;
}

/* ---- writing ------------------------------------------------------------------------------ */

int manifest_write(const struct manifest *m)
{
	cleanup_free char *text = NULL;
	size_t len, n_respelt = 0;
	int r = 0;

	if (!m->is_yaml)
		text = json_write(m->docs[0], &len);
	else
		r = yamldoc_patch(&m->stream, m->docs, &text, &len, &n_respelt);
	if (r < 0)
		return diag_refuse("%s cannot be changed as YAML; convert it to JSON", m->name);
	if (n_respelt)
		diag_warning("%zu documents of %s (aliases, unusual layout) are written anew, "
			     "without their comments",
			     n_respelt, m->name);
	if (fwrite(text, 1, len, stdout) != len || (!m->is_yaml && putchar('\n') == EOF))
		return diag_fail(-EIO, "standard output cannot be written");
	return 0;
}
