// SPDX-License-Identifier: Apache-2.0
/*
 * explain.c - a path and why, gathered and as JSON
 *
 * In: the marked tree and where its marks come from. Out: one JSON object a path. What people
 * read is printed from that object (explain_print.c), so both say the same.
 */
#include "explain.h"
#include "closure.h"
#include "imageconf.h"

#define CHAIN_MAX 32 /* kept files that ask for one another, as told */

static void set_path(struct json *o, const char *key, const struct node *node)
{
	char path[PATH_ABS_MAX + 1];

	tree_path(node, path, sizeof(path));
	json_set(o, key, json_new_bytes(path));
}

static void set_why(struct json *o, const struct explain *x, const struct node *node)
{
	cleanup_free char *why = provenance_why(x->provenance, node);

	json_set(o, "kept", json_new_bool(node->reason != KEEP_NO));
	json_set_text(o, "reason",
		      node->reason     ? reason_name(node->reason)
		      : node->excluded ? "excluded"
				       : "unused");
	json_set_text(o, "why", why);
}

/* ---- the way to it ------------------------------------------------------------------------ */

struct way {
	const struct explain *x;
	struct json *links;
};

static void add_link(void *arg, const struct node *link)
{
	const struct way *w = arg;
	struct json *o = json_new_object();

	set_path(o, "path", link);
	json_set(o, "target", json_new_bytes(link->inode->link));
	set_why(o, w->x, link);
	json_add(w->links, o);
}

/* The node abs leads to, or a link to nothing itself; NULL. Its links are set in o. */
static const struct node *walk(const struct explain *x, const char *abs, struct json *o)
{
	struct way w = { x, json_new_array() };
	struct node *node = NULL;

	if (resolve_trace(x->tree, abs, true, add_link, &w, &node) < 0 &&
	    resolve_find(x->tree, NULL, abs, false, &node) < 0)
		node = NULL;
	json_set(o, "links", w.links);
	return node;
}

/* ---- who used it -------------------------------------------------------------------------- */

static void set_ops(struct json *o, const char *key, uint32_t ops)
{
	char text[256];

	if (!ops)
		return;
	tlog_ops_format(ops, text, sizeof(text));
	json_set_text(o, key, text);
}

static struct json *run_json(const struct log_run *run)
{
	struct json *o = json_new_object();
	char start[32];

	log_run_start(run, start, sizeof(start));
	json_set(o, "file", json_new_bytes(run->file));
	json_set(o, "pod", json_new_bytes(run->pod));
	json_set(o, "host", json_new_bytes(run->host));
	json_set(o, "container", json_new_bytes(run->container));
	json_set_text(o, "started", start);
	return o;
}

static void add_uses(const struct explain *x, uint32_t path, struct json *array)
{
	const struct provenance_use *use = NULL;

	while ((use = provenance_next_use(x->provenance, path, use))) {
		struct json *o = json_new_object(), *runs = json_new_array();
		uint32_t run = 0;

		json_set(o, "path", json_new_bytes(pathset_get(x->access->paths, path, NULL)));
		json_set(o, "program", json_new_bytes(provenance_program(x->provenance, use)));
		set_ops(o, "access", use->ops);
		set_ops(o, "below_mount", use->mounted_ops);
		for (size_t pos = 0; provenance_next_run(use, &pos, &run);)
			json_add(runs, run_json(&x->provenance->runs[run]));
		json_set(o, "runs", runs);
		json_add(array, o);
	}
}

/* Of a node: by all logged paths that lead to it. Of none: what is logged under that name. */
static void set_uses(struct json *o, const struct explain *x, const struct node *node,
		     const char *abs)
{
	struct json *array = json_new_array();
	int64_t same = pathset_find(x->access->paths, abs, strlen(abs));
	size_t n = 0;
	const struct provenance_hit *hits =
		node ? provenance_hits(x->provenance, node, &n) : NULL;

	for (size_t i = 0; i < n; i++) {
		add_uses(x, hits[i].path, array);
		if (hits[i].path == same)
			same = -1;
	}
	if (same >= 0)
		add_uses(x, (uint32_t)same, array);
	json_set(o, "uses", array);
}

/* ---- what asked for it -------------------------------------------------------------------- */

static void set_chain(struct json *o, const struct explain *x, const struct node *node)
{
	struct json *array = json_new_array();

	for (size_t n = 0; node->reason != KEEP_PARENT && node->because && n < CHAIN_MAX; n++) {
		struct json *step = json_new_object();

		node = node->because;
		set_path(step, "path", node);
		set_why(step, x, node);
		json_add(array, step);
	}
	json_set(o, "because", array);
}

/* ---- what it is --------------------------------------------------------------------------- */

static void set_layer(struct json *o, const struct explain *x, const struct node *node)
{
	uint32_t i = node->inode->layer;
	struct json *layer = json_new_object();
	const char *by;

	if (i == LAYER_NONE) {
		json_free(layer);
		return;
	}
	by = imageconf_created_by(x->image->config, i);
	json_set(layer, "number", json_new_size(i + 1u));
	json_set(layer, "of", json_new_size(x->image->n_layers));
	if (x->image->layers[i].diff_id)
		json_set_text(layer, "diff_id", x->image->layers[i].diff_id);
	if (by)
		json_set_text(layer, "created_by", by);
	json_set(o, "layer", layer);
}

static void set_file(struct json *o, const struct explain *x, const struct node *node)
{
	const char *package = packages_name(x->packages, node);

	json_set(o, "bytes", json_new_size(node->inode->size));
	set_layer(o, x, node);
	if (package)
		json_set(o, "package", json_new_bytes(package));
}

struct counts {
	uint64_t files, bytes;
};

static void count(struct counts *c, const struct node *node)
{
	c->files++;
	c->bytes += node->inode->type == TAR_FILE ? node->inode->size : 0;
}

static struct json *counts_json(const char *reason, const struct counts *c)
{
	struct json *o = json_new_object();

	if (reason)
		json_set_text(o, "reason", reason);
	json_set(o, "files", json_new_size(c->files));
	json_set(o, "bytes", json_new_size(c->bytes));
	return o;
}

/* In the order of enum reason; what is left out comes last. */
static struct json *reasons_json(const struct counts kept[N_REASONS],
				 const struct counts *excluded, const struct counts *unused)
{
	struct json *array = json_new_array();

	for (size_t i = 1; i < N_REASONS; i++)
		if (kept[i].files)
			json_add(array, counts_json(reason_name(i), &kept[i]));
	if (excluded->files)
		json_add(array, counts_json("excluded", excluded));
	if (unused->files)
		json_add(array, counts_json("unused", unused));
	return array;
}

/* All names below it but directories. */
static void set_directory(struct json *o, const struct node *dir)
{
	struct counts kept = { 0 }, excluded = { 0 }, unused = { 0 };
	struct counts by_reason[N_REASONS] = { { 0 } };
	const struct node *end = dir;

	while (end && !end->next)
		end = end->parent;
	end = end ? end->next : NULL;
	for (const struct node *n = tree_next(dir); n != end; n = tree_next(n)) {
		if (node_is(n, TAR_DIR))
			continue;
		if (n->reason) {
			count(&kept, n);
			count(&by_reason[n->reason], n);
		} else {
			count(n->excluded ? &excluded : &unused, n);
		}
	}
	json_set(o, "kept_below", counts_json(NULL, &kept));
	json_set(o, "left_out_below",
		 counts_json(NULL, &(struct counts) { excluded.files + unused.files,
						      excluded.bytes + unused.bytes }));
	json_set(o, "reasons_below", reasons_json(by_reason, &excluded, &unused));
}

struct json *explain_json(const struct explain *x, const char *abs, bool *found)
{
	static const char *const types[] = {
		[TAR_FILE] = "file",	[TAR_HARDLINK] = "file", [TAR_DIR] = "directory",
		[TAR_SYMLINK] = "link", [TAR_CHAR] = "device",	 [TAR_BLOCK] = "device",
		[TAR_FIFO] = "fifo",
	};
	struct json *o = json_new_object();
	const struct node *node;

	json_set(o, "path", json_new_bytes(abs));
	node = walk(x, abs, o);
	*found = node != NULL;
	json_set(o, "in_image", json_new_bool(*found));
	if (node) {
		set_path(o, "leads_to", node);
		json_set_text(o, "type", types[node->inode->type]);
		set_why(o, x, node);
		set_chain(o, x, node);
		if (node_is(node, TAR_DIR)) {
			set_layer(o, x, node);
			set_directory(o, node);
		} else {
			set_file(o, x, node);
		}
	}
	set_uses(o, x, node, abs);
	return o;
}
