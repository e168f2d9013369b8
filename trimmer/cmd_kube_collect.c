// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_kube_collect.c - imagetrim kube collect: the logs out of running pods
 *
 * In: a workload's name. Out: its pods' logs, a directory for each volume. Talks to the
 * cluster by kubectl only, changes nothing there.
 */
#include "cmd.h"
#include "diag.h"
#include "kube.h"
#include "kubectl.h"
#include "kubepods.h"
#include "logstream.h"
#include "manifest.h"
#include "process.h"
#include "spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

struct options {
	struct common_options common;
	struct kubectl kubectl;
	const char *output;
	double timeout;
};

#define TIMEOUT 60 /* seconds: to reach a node may take kubectl 30 */

#define AT(field) offsetof(struct options, field)

static const struct option_row rows[] = {
	{ "output", 'o', OPTION_TEXT, "DIR", AT(output),
	  "where the logs go, a directory for each volume; it is made" },
	{ "timeout", 0, OPTION_SECONDS, "SECONDS", AT(timeout),
	  "how long a pod, or the cluster, may say nothing (default 60)" },
	{ "namespace", 'n', OPTION_TEXT, "NS", AT(kubectl.namespace), "as for kubectl" },
	{ "context", 0, OPTION_TEXT, "NAME", AT(kubectl.context), "as for kubectl" },
	{ "kubeconfig", 0, OPTION_TEXT, "FILE", AT(kubectl.kubeconfig), "as for kubectl" },
};

/* A volume: done once one pod that sees it was read to the end. */
struct volume {
	char *key;
	bool done;
};

struct collecting {
	const struct options *options;
	struct volume *volumes;
	size_t n_volumes, cap;
	size_t n_pods;
	struct logstream total;
	struct json *pods; /* what became of each that was asked, for --json */
};

static void collecting_fini(struct collecting *c)
{
	for (size_t i = 0; i < c->n_volumes; i++)
		free(c->volumes[i].key);
	free(c->volumes);
	json_free(c->pods);
}

/* ---- one pod ----------------------------------------------------------------------------- */

static int make_directory(const char *path, int *dir)
{
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return diag_fail(-errno, "directory %s cannot be made", path);
	*dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *dir < 0 ? diag_fail(-errno, "directory %s cannot be opened", path) : 0;
}

/* Prints the error; what came before it is kept. */
static int read_pod(struct collecting *c, const struct kubepods_place *place,
		    struct logstream *s)
{
	static const char *const words[] = { KUBE_TRACER, "cat-logs", NULL };
	cleanup_fd int list = spool_open(0), out = -1;
	pid_t pid;
	int r = list < 0 ? list : logstream_tell(s, list), status;

	if (r < 0)
		return r;
	pid = kubectl_exec(&c->options->kubectl, place->pod, place->container, words, list,
			   &out);
	if (pid < 0)
		return pid;
	r = logstream_take(s, out);
	close(steal_fd(&out));
	if (r < 0)
		process_kill(pid, false);
	status = r < 0 ? r : kubectl_end(pid);
	if (r == 0 && s->ended)
		return 0;
	if (r == 0)
		diag_error("%s: kubectl exec ended with status %d before all was sent; 'kube "
			   "collect' again takes the rest",
			   s->from, status);
	return -EIO;
}

static void set_counts(struct json *o, const struct logstream *s)
{
	json_set(o, "new", json_new_size(s->n_new));
	json_set(o, "longer", json_new_size(s->n_longer));
	json_set(o, "bytes", json_new_size(s->bytes));
}

static void add_pod(struct collecting *c, const struct kubepods_place *place,
		    const struct logstream *s, bool read)
{
	struct json *o = json_new_object();

	json_set(o, "pod", json_new_bytes(place->pod));
	json_set(o, "volume", json_new_bytes(place->key));
	if (place->container)
		json_set(o, "container", json_new_bytes(place->container));
	else
		json_set(o, "why_not", json_new_bytes(place->why_not));
	json_set(o, "read", json_new_bool(read));
	set_counts(o, s);
	json_add(c->pods, o);
}

static int collect_place(struct collecting *c, const struct kubepods_place *place)
{
	cleanup_free char *path = xasprintf("%s/%s", c->options->output, place->key);
	struct logstream s = { .from = place->pod,
			       .path = path,
			       .seconds = c->options->timeout };
	cleanup_fd int dir = -1;
	int r = make_directory(path, &dir);

	if (r < 0)
		return r;
	s.dir = dir;
	r = read_pod(c, place, &s);
	add_pod(c, place, &s, r == 0);
	diag_note("%s: %zu new logs, %zu longer, %llu bytes", place->key, s.n_new, s.n_longer,
		  (unsigned long long)s.bytes);
	c->total.n_new += s.n_new;
	c->total.n_longer += s.n_longer;
	c->total.bytes += s.bytes;
	return r;
}

static struct volume *find_volume(struct collecting *c, char *key)
{
	for (size_t i = 0; i < c->n_volumes; i++) {
		if (strcmp(c->volumes[i].key, key) != 0)
			continue;
		free(key);
		return &c->volumes[i];
	}
	xgrow(&c->volumes, &c->cap, c->n_volumes, sizeof(*c->volumes));
	c->volumes[c->n_volumes] = (struct volume) { .key = key };
	return &c->volumes[c->n_volumes++];
}

/* A pod that cannot be read does not end the rest. */
static void collect_pod(struct collecting *c, const struct json *pod)
{
	struct kubepods_place place;
	struct volume *volume;

	if (!kubepods_place(pod, &place))
		return;
	c->n_pods++;
	volume = find_volume(c, place.key);
	place.key = volume->key;
	if (volume->done)
		return;
	if (!place.container) {
		diag_warning("%s: %s", place.pod, place.why_not);
		add_pod(c, &place, &(const struct logstream) { 0 }, false);
		return;
	}
	volume->done = collect_place(c, &place) == 0;
}

/* ---- the workload ------------------------------------------------------------------------ */

/* All pods that the object's selector names. */
static int collect_selected(struct collecting *c, const struct json *object)
{
	cleanup_free char *selector = kubepods_selector(object);
	const char *const words[] = { "pods", "-l", selector, NULL };
	struct json *pods CLEANUP(json_freep) = NULL;
	const struct json *items;
	int r;

	if (!selector)
		return diag_refuse("the workload has no selector of labels");
	r = kubectl_get(&c->options->kubectl, words, &pods);
	if (r < 0)
		return r;
	items = json_get(pods, "items");
	for (size_t i = 0; i < json_count(items); i++)
		collect_pod(c, json_at(items, i));
	return 0;
}

/* A CronJob's pods are those of its Jobs. */
static int collect_jobs(struct collecting *c, const struct json *cron)
{
	static const char *const words[] = { "jobs", NULL };
	const char *uid = json_get_text(json_get(cron, "metadata"), "uid");
	struct json *jobs CLEANUP(json_freep) = NULL;
	const struct json *items;
	int r = kubectl_get(&c->options->kubectl, words, &jobs);

	items = r < 0 ? NULL : json_get(jobs, "items");
	for (size_t i = 0; i < json_count(items) && r == 0; i++)
		if (kubepods_owned(json_at(items, i), uid))
			r = collect_selected(c, json_at(items, i));
	return r;
}

static int collect_workload(struct collecting *c, const char *name)
{
	/* As for kubectl exec, a word alone is a pod's name. */
	cleanup_free char *full = strchr(name, '/') ? xstrdup(name) : xasprintf("pod/%s", name);
	const char *const words[] = { full, NULL };
	struct json *object CLEANUP(json_freep) = NULL;
	const char *kind;
	int r = kubectl_get(&c->options->kubectl, words, &object);

	if (r < 0)
		return r;
	kind = json_get_text(object, "kind");
	if (!kind || !manifest_pod_spec(object))
		return diag_refuse("%s is no workload that has pods", full);
	if (strcmp(kind, "Pod") == 0)
		collect_pod(c, object);
	else if (strcmp(kind, "CronJob") == 0)
		r = collect_jobs(c, object);
	else
		r = collect_selected(c, object);
	return r;
}

static void print_json(struct collecting *c)
{
	struct json *o CLEANUP(json_freep) = json_new_object(), *volumes = json_new_array();
	cleanup_free char *text = NULL;

	for (size_t i = 0; i < c->n_volumes; i++) {
		struct json *volume = json_new_object();

		json_set(volume, "volume", json_new_bytes(c->volumes[i].key));
		json_set(volume, "read", json_new_bool(c->volumes[i].done));
		json_add(volumes, volume);
	}
	json_set(o, "volumes", volumes);
	json_set(o, "pods", steal_ptr(c->pods));
	set_counts(o, &c->total);
	text = json_write(o, NULL);
	printf("%s\n", text);
}

static int judge(struct collecting *c, const char *name)
{
	size_t n_done = 0;

	for (size_t i = 0; i < c->n_volumes; i++)
		n_done += c->volumes[i].done;
	if (!c->n_pods)
		return diag_refuse("%s has no pod with a volume " KUBE_VOLUME
				   "; was it made by 'kube instrument'?",
				   name);
	if (c->options->common.json)
		print_json(c);
	if (c->n_volumes > 1)
		diag_note("%zu of %zu volumes read: %zu new logs, %zu longer, %llu bytes",
			  n_done, c->n_volumes, c->total.n_new, c->total.n_longer,
			  (unsigned long long)c->total.bytes);
	return n_done == c->n_volumes ? 0 : 1;
}

static int run(void *options, int argc UNUSED, char **argv)
{
	struct options *o = options;
	struct collecting c CLEANUP(collecting_fini) = { .options = o,
							 .pods = json_new_array() };
	cleanup_fd int dir = -1;
	int r;

	if (!o->output)
		return diag_refuse("kube collect wants -o DIR");
	if (!(o->timeout > 0))
		o->timeout = TIMEOUT;
	o->kubectl.seconds = (unsigned int)MIN(o->timeout + 0.999, 1e9);
	r = make_directory(o->output, &dir);
	if (r == 0)
		r = collect_workload(&c, argv[0]);
	return r < 0 ? r : judge(&c, argv[0]);
}

const struct verb cmd_kube_collect = {
	.name = "kube collect",
	.synopsis = "KIND/NAME|POD -o DIR",
	.summary = "Take the logs out of a workload's pods.",
	.details =
		"By 'kubectl exec', from running pods, also while they record; images need\n"
		"neither tar nor a shell. A directory for each volume: a pod's name, pvc-CLAIM or\n"
		"node-NODE. What is there already is not taken twice. A pod that says nothing for\n"
		"too long is left, the others are read all the same. Status 1 when a volume could\n"
		"not be read.\n",
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.options_size = sizeof(struct options),
	.min_args = 1,
	.max_args = 1,
	.no_engine = true,
	.run = run,
};
