// SPDX-License-Identifier: Apache-2.0
/*
 * kube.c - a pod's manifest that records
 *
 * In: an object and a plan. Out: the object changed, and what it was in an annotation. Never
 * adds a capability unless asked, never touches a container that was not meant.
 */
#include "kube.h"
#include "diag.h"
#include "manifest.h"

/* What starts beside the container's own process, with no parent the tracer could follow. */
const struct kube_command kube_commands[] = {
	{ "command", { NULL } },
	{ "livenessProbe", { "livenessProbe", "exec" } },
	{ "readinessProbe", { "readinessProbe", "exec" } },
	{ "startupProbe", { "startupProbe", "exec" } },
	{ "postStart", { "lifecycle", "postStart", "exec" } },
	{ "preStop", { "lifecycle", "preStop", "exec" } },
};
const size_t kube_n_commands = ARRAY_SIZE(kube_commands);

/* Who recorded, from the downward API; the container's name is not in it. */
static const struct {
	const char *name, *field;
} env_rows[] = {
	{ "IMAGETRIM_POD", "metadata.name" },
	{ "IMAGETRIM_NAMESPACE", "metadata.namespace" },
	{ "IMAGETRIM_POD_UID", "metadata.uid" },
	{ "IMAGETRIM_NODE", "spec.nodeName" },
	{ "IMAGETRIM_CONTAINER", NULL },
};

struct json *kube_command_holder(const struct json *container,
				 const struct kube_command *command)
{
	struct json *at = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(command->path) && command->path[i]; i++)
		at = json_get(i ? at : container, command->path[i]);
	return at;
}

bool kube_is_our_env(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(env_rows); i++)
		if (strcmp(env_rows[i].name, name) == 0)
			return true;
	return false;
}

/* ---- the plan ----------------------------------------------------------------------------- */

int kube_check(const struct kube_plan *plan)
{
	if (!plan->images.n_items)
		return diag_refuse("kube instrument wants --image IMAGE=NEW");
	for (size_t i = 0; i < plan->images.n_items; i++) {
		const char *item = plan->images.items[i], *sign = strchr(item, '=');

		if (!sign || sign == item || !sign[1])
			return diag_refuse("--image wants IMAGE=NEW, not '%s'", item);
	}
	if (!plan->volume)
		return diag_refuse("kube instrument wants --volume emptydir, pvc:NAME or "
				   "hostpath:DIR");
	if (strcmp(plan->volume, "emptydir") == 0 ||
	    (strncmp(plan->volume, "pvc:", 4) == 0 && plan->volume[4]))
		return 0;
	if (strncmp(plan->volume, "hostpath:/", 10) != 0)
		return diag_refuse(
			"--volume wants emptydir, pvc:NAME or hostpath:DIR, not '%s'",
			plan->volume);
	diag_warning(
		"a hostPath volume is refused by the baseline and restricted policies, and "
		"%s must be writable for the container's user on every node",
		plan->volume + 9);
	return 0;
}

/* Length of the name without tag and digest. */
static size_t bare_length(const char *image)
{
	size_t len = strcspn(image, "@");
	const char *slash = memrchr(image, '/', len);
	size_t from = slash ? (size_t)(slash - image) : 0;
	const char *colon = memchr(image + from, ':', len - from);

	return colon ? (size_t)(colon - image) : len;
}

/* The new name of an image: by its whole name, or by the name without tag and digest. */
static const char *new_image(const struct kube_plan *plan, const char *image)
{
	for (size_t i = 0; i < plan->images.n_items; i++) {
		const char *item = plan->images.items[i];
		size_t len = strcspn(item, "=");

		if (strncmp(item, image, len) == 0 &&
		    (!image[len] || len == bare_length(image)))
			return item + len + 1;
	}
	return NULL;
}

static bool is_meant(const struct kube_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->containers.n_items; i++)
		if (strcmp(plan->containers.items[i], name) == 0)
			return true;
	return !plan->containers.n_items;
}

/* ---- pieces ------------------------------------------------------------------------------- */

/* The list or object of that name, made if there is none; made: remembers what was there. */
static struct json *want_member(struct json *object, const char *key, enum json_type type,
				struct json *made)
{
	struct json *member = json_get(object, key);

	if (member)
		return json_type(member) == type ? member : NULL;
	json_set_text(made, key, json_has(object, key) ? "null" : "absent");
	member = type == JSON_ARRAY ? json_new_array() : json_new_object();
	json_set(object, key, member);
	return member;
}

static bool has_element(const struct json *array, const char *key, const char *value)
{
	for (size_t i = 0; i < json_count(array); i++) {
		const char *text = json_get_text(json_at(array, i), key);

		if (text && strcmp(text, value) == 0)
			return true;
	}
	return false;
}

static struct json *env_element(const char *name, const char *field, const char *container)
{
	struct json *element = json_new_object(), *from, *ref;

	json_set_text(element, "name", name);
	if (!field) {
		json_set_text(element, "value", container);
		return element;
	}
	ref = json_new_object();
	json_set_text(ref, "fieldPath", field);
	from = json_new_object();
	json_set(from, "fieldRef", ref);
	json_set(element, "valueFrom", from);
	return element;
}

static struct json *volume_element(const char *volume)
{
	struct json *element = json_new_object(), *source = json_new_object();

	json_set_text(element, "name", KUBE_VOLUME);
	if (strncmp(volume, "pvc:", 4) == 0) {
		json_set_text(source, "claimName", volume + 4);
		json_set(element, "persistentVolumeClaim", source);
	} else if (strncmp(volume, "hostpath:", 9) == 0) {
		json_set_text(source, "path", volume + 9);
		json_set_text(source, "type", "DirectoryOrCreate");
		json_set(element, "hostPath", source);
	} else {
		json_set(element, "emptyDir", source);
	}
	return element;
}

static struct json *mount_element(void)
{
	struct json *element = json_new_object();

	json_set_text(element, "name", KUBE_VOLUME);
	json_set_text(element, "mountPath", KUBE_LOG_DIR);
	return element;
}

static void wrap_command(struct json *holder, const char *name, struct json *kept)
{
	struct json *command = json_get(holder, "command"), *wrapped;
	const char *first = json_text(json_at(command, 0));

	if (!first || strcmp(first, KUBE_TRACER) == 0)
		return;
	json_set(kept, name, json_copy_plain(command));
	wrapped = json_new_array();
	json_add_text(wrapped, KUBE_TRACER);
	json_add_text(wrapped, "--");
	for (size_t i = 0; i < json_count(command); i++)
		if (json_at(command, i))
			json_add(wrapped, json_copy_plain(json_at(command, i)));
	json_set(holder, "command", wrapped);
}

static int add_capability(struct json *container, struct json *kept)
{
	struct json *unused CLEANUP(json_freep) = json_new_object();
	struct json *context = json_get(container, "securityContext"), *caps, *add;

	json_set(kept, "securityContext", context ? json_copy_plain(context) : json_new_null());
	context = want_member(container, "securityContext", JSON_OBJECT, unused);
	caps = context ? want_member(context, "capabilities", JSON_OBJECT, unused) : NULL;
	add = caps ? want_member(caps, "add", JSON_ARRAY, unused) : NULL;
	if (!add)
		return diag_refuse("a securityContext is not what Kubernetes would take");
	for (size_t i = 0; i < json_count(add); i++)
		if (json_text(json_at(add, i)) &&
		    strcmp(json_text(json_at(add, i)), "SYS_PTRACE") == 0)
			return 0;
	json_add_text(add, "SYS_PTRACE");
	return 0;
}

/* ---- one container ------------------------------------------------------------------------ */

static int change_container(const struct kube_plan *plan, struct json *container,
			    const char *name, const char *image, struct json *kept)
{
	struct json *made = json_new_object(), *env, *mounts;

	json_set_text(kept, "image", json_get_text(container, "image"));
	json_set(kept, "made", made);
	json_set_text(container, "image", image);
	for (size_t i = 0; i < kube_n_commands; i++) {
		struct json *holder = kube_command_holder(container, &kube_commands[i]);

		wrap_command(i ? holder : container, kube_commands[i].name, kept);
	}
	env = want_member(container, "env", JSON_ARRAY, made);
	mounts = want_member(container, "volumeMounts", JSON_ARRAY, made);
	if (!env || !mounts)
		return diag_refuse("container %s: env or volumeMounts is no list", name);
	if (has_element(mounts, "mountPath", KUBE_LOG_DIR))
		return diag_refuse("container %s has a mount at " KUBE_LOG_DIR " already",
				   name);
	for (size_t i = 0; i < ARRAY_SIZE(env_rows); i++) {
		if (has_element(env, "name", env_rows[i].name))
			return diag_refuse("container %s has %s already", name,
					   env_rows[i].name);
		json_add(env, env_element(env_rows[i].name, env_rows[i].field, name));
	}
	json_add(mounts, mount_element());
	return plan->sys_ptrace ? add_capability(container, kept) : 0;
}

static int change_list(const struct kube_plan *plan, const struct json *list,
		       struct json *kept_all)
{
	for (size_t i = 0; i < json_count(list); i++) {
		struct json *container = json_at(list, i), *kept;
		const char *name = json_get_text(container, "name");
		const char *image = json_get_text(container, "image");
		const char *renamed = image ? new_image(plan, image) : NULL;
		int r;

		if (!name || !renamed || !is_meant(plan, name))
			continue;
		kept = json_new_object();
		json_set(kept_all, name, kept);
		r = change_container(plan, container, name, renamed, kept);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- the collector ------------------------------------------------------------------------ */

/* The first container that was changed, init or not. */
static const struct json *changed_container(const struct json *spec, const struct json *kept)
{
	static const char *const lists[] = { "containers", "initContainers" };

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		const struct json *list = json_get(spec, lists[l]);

		for (size_t i = 0; i < json_count(list); i++) {
			const char *name = json_get_text(json_at(list, i), "name");

			if (name && json_get(kept, name))
				return json_at(list, i);
		}
	}
	return NULL;
}

/*
 * A container that only waits, so that the volume can be read when the application has ended. As
 * its neighbour is: the same image and user, or a policy that takes that one would refuse it.
 */
static int add_collector(const struct json *object, struct json *spec, const struct json *kept)
{
	static const char *const alike[] = { "image", "imagePullPolicy", "securityContext" };
	const struct json *neighbour = changed_container(spec, kept);
	const struct json *was = json_get(kept, json_get_text(neighbour, "name"));
	const char *kind = json_get_text(object, "kind");
	struct json *containers = json_get(spec, "containers"), *collector, *command, *mounts;

	if (has_element(containers, "name", KUBE_COLLECTOR))
		return diag_refuse("a container is named " KUBE_COLLECTOR " already");
	collector = json_new_object();
	json_set_text(collector, "name", KUBE_COLLECTOR);
	for (size_t i = 0; i < ARRAY_SIZE(alike); i++)
		if (json_get(neighbour, alike[i]))
			json_set(collector, alike[i],
				 json_copy_plain(json_get(neighbour, alike[i])));
	/* Without the capability that was added to it. */
	kube_put_back(collector, "securityContext", was, "securityContext");
	command = json_new_array();
	json_add_text(command, KUBE_TRACER);
	json_add_text(command, "wait");
	json_set(collector, "command", command);
	mounts = json_new_array();
	json_add(mounts, mount_element());
	json_set(collector, "volumeMounts", mounts);
	json_add(containers, collector);
	if (kind && (strcmp(kind, "Job") == 0 || strcmp(kind, "CronJob") == 0))
		diag_warning("a %s does not complete while its collector waits; delete the "
			     "pods after 'kube collect'",
			     kind);
	return 0;
}

/* ---- one object --------------------------------------------------------------------------- */

static int annotate(struct json *object, struct json *original)
{
	struct json *made = json_get(original, "made"), *metadata, *annotations;
	cleanup_free char *text = NULL;

	metadata = want_member(object, "metadata", JSON_OBJECT, made);
	annotations = metadata ? want_member(metadata, "annotations", JSON_OBJECT, made) : NULL;
	if (!annotations)
		return diag_refuse("an object's metadata are not what Kubernetes would take");
	text = json_write(original, NULL);
	json_set_text(annotations, KUBE_ANNOTATION, text);
	return 0;
}

int kube_instrument(const struct kube_plan *plan, struct json *object,
		    struct kube_result *result)
{
	struct json *spec = manifest_pod_spec(object), *containers, *made, *volumes;
	struct json *original CLEANUP(json_freep) = json_new_object();
	struct json *metadata = json_get(object, "metadata");
	int r;

	if (!spec)
		return 0;
	if (json_get(json_get(metadata, "annotations"), KUBE_ANNOTATION)) {
		result->n_already++;
		return 0;
	}
	json_set(original, "containers", containers = json_new_object());
	json_set(original, "made", made = json_new_object());
	r = change_list(plan, json_get(spec, "containers"), containers);
	if (r == 0 && plan->init)
		r = change_list(plan, json_get(spec, "initContainers"), containers);
	if (r < 0 || !json_members(containers))
		return r;
	volumes = want_member(spec, "volumes", JSON_ARRAY, made);
	if (!volumes || has_element(volumes, "name", KUBE_VOLUME))
		return diag_refuse("a pod's volumes are no list, or one is named " KUBE_VOLUME
				   " already");
	json_add(volumes, volume_element(plan->volume));
	if (plan->collector) {
		r = add_collector(object, spec, containers);
		if (r < 0)
			return r;
	}
	result->n_objects++;
	result->n_containers += json_members(containers);
	return annotate(object, original);
}
