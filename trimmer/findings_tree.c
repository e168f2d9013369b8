// SPDX-License-Identifier: Apache-2.0
/*
 * findings_tree.c - a marked tree as columns
 *
 * In: the tree. Out: arrays, one number a node in each, in the tree's order (bytes, parents
 * first). Columns are a tenth of what an object a file would take, in the page and in memory,
 * and browsers read 200,000 files of them at once.
 */
#include "findings.h"

enum column {
	PARENT,
	BYTES,
	LEFT,
	REASON,
	BECAUSE,
	PACKAGE,
	LAYER,
	WHY,
	N_COLUMNS
};

static const char *const column_names[N_COLUMNS] = {
	[PARENT] = "parent",   [BYTES] = "bytes",     [LEFT] = "left",	 [REASON] = "reason",
	[BECAUSE] = "because", [PACKAGE] = "package", [LAYER] = "layer", [WHY] = "why",
};

/* f, d, l and so on; h: a further name of a file that was counted before. */
static const char type_letters[] = {
	[TAR_FILE] = 'f', [TAR_HARDLINK] = 'h', [TAR_DIR] = 'd',  [TAR_SYMLINK] = 'l',
	[TAR_CHAR] = 'c', [TAR_BLOCK] = 'b',	[TAR_FIFO] = 'p',
};

struct place {
	const struct node *node;
	uint64_t number;
};

struct columns {
	size_t n;
	const struct node **nodes; /* by number */
	struct place *places;	   /* by address */
	uint64_t *values[N_COLUMNS];
	const char **names;
	char *types;
	struct pathset *phrases; /* of provenance_why() */
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->node > y->node) - (x->node < y->node);
}

/* 0, the root's, for none: the root is nobody's reason. */
static uint64_t number_of(const struct columns *c, const struct node *node)
{
	const struct place key = { .node = node };
	const struct place *found =
		node ? bsearch(&key, c->places, c->n, sizeof(key), compare_places) : NULL;

	return found ? found->number : 0;
}

static void number_nodes(struct columns *c, const struct tree *tree)
{
	size_t n = 0;

	for (const struct node *node = tree_root(tree); node; node = tree_next(node)) {
		c->nodes[n] = node;
		c->places[n] = (struct place) { node, n };
		n++;
	}
	c->n = n;
	qsort(c->places, n, sizeof(*c->places), compare_places);
}

/* Kept names first, so that a file with one of them does not count as removed. */
static void fill_bytes(struct columns *c, bool kept, struct pathset *inodes)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct node *node = c->nodes[i];
		struct report_bytes bytes;

		if ((node->reason != KEEP_NO) != kept)
			continue;
		bytes = report_bytes(inodes, node);
		c->values[BYTES][i] = bytes.before;
		c->values[LEFT][i] = bytes.after;
		c->types[i] = type_letters[node->inode->type];
		if (node_is(node, TAR_FILE) && node->inode->size && !c->values[BYTES][i])
			c->types[i] = type_letters[TAR_HARDLINK];
	}
}

static uint64_t phrase_of(struct columns *c, const struct provenance *provenance,
			  const struct node *node)
{
	cleanup_free char *why = provenance_why(provenance, node);
	bool fresh;
	int64_t n = pathset_add(c->phrases, why, strlen(why), &fresh);

	if (n < 0)
		abort();
	return (uint64_t)n;
}

/* They are escaped already. */
static struct json *phrases_json(const struct pathset *phrases)
{
	struct json *texts = json_new_array();

	for (size_t i = 0; i < pathset_count(phrases); i++)
		json_add_text(texts, pathset_get(phrases, i, NULL));
	return texts;
}

static void fill(struct columns *c, const struct provenance *provenance)
{
	struct pathset *inodes = pathset_new();

	if (!inodes)
		abort();
	fill_bytes(c, true, inodes);
	fill_bytes(c, false, inodes);
	pathset_free(inodes);
	for (size_t i = 0; i < c->n; i++) {
		const struct node *node = c->nodes[i];

		c->names[i] = node->name;
		c->values[PARENT][i] = number_of(c, node->parent);
		c->values[REASON][i] = node->reason;
		c->values[BECAUSE][i] = node->reason ? number_of(c, node->because) : 0;
		c->values[PACKAGE][i] = node->package;
		c->values[LAYER][i] =
			node->inode->layer == LAYER_NONE ? 0 : node->inode->layer + 1;
		c->values[WHY][i] = phrase_of(c, provenance, node);
	}
}

void findings_set_tree(struct json *o, const struct tree *tree,
		       const struct provenance *provenance)
{
	struct columns c = { .n = tree_n_nodes(tree), .phrases = pathset_new() };
	struct json *columns = json_new_object();

	if (!c.phrases)
		abort();
	c.nodes = xcalloc(c.n, sizeof(*c.nodes));
	c.places = xcalloc(c.n, sizeof(*c.places));
	c.names = xcalloc(c.n, sizeof(*c.names));
	c.types = xcalloc(c.n + 1, 1);
	for (size_t i = 0; i < N_COLUMNS; i++)
		c.values[i] = xcalloc(c.n, sizeof(*c.values[i]));
	number_nodes(&c, tree);
	fill(&c, provenance);
	json_set(columns, "name", json_new_names(c.names, c.n));
	json_set_text(columns, "type", c.types);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		json_set(columns, column_names[i], json_new_sizes(c.values[i], c.n));
		free(c.values[i]);
	}
	json_set(o, "tree", columns);
	json_set(o, "phrases", phrases_json(c.phrases));
	pathset_free(c.phrases);
	free(c.nodes);
	free(c.places);
	free(c.names);
	free(c.types);
}
