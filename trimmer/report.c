// SPDX-License-Identifier: Apache-2.0
/*
 * report.c - counting what was kept and removed
 *
 * In: the marked tree, and who owns what. Out: rows of figures. Never marks, never prints (that
 * is report_print.c).
 */
#include "report.h"
#include "path.h"

struct counting {
	struct report *report;
	struct pathset *inodes; /* with several names, once counted: bytes of their address */
	struct report_row *dir; /* of the node at hand */
};

static struct report_row *add_row(struct report_table *table, const char *name)
{
	struct report_row *row;

	xgrow(&table->rows, &table->cap, table->n_rows, sizeof(*table->rows));
	row = &table->rows[table->n_rows++];
	*row = (struct report_row) { .name = xstrdup(name) };
	return row;
}

struct report_bytes report_bytes(struct pathset *inodes, const struct node *node)
{
	const struct inode *inode = node->inode;
	bool fresh = true;

	if (inode->type != TAR_FILE)
		return (struct report_bytes) { 0 };
	if (inode->n_names > 1 &&
	    pathset_add(inodes, (const char *)&inode, sizeof(inode), &fresh) < 0)
		abort();
	if (!fresh)
		return (struct report_bytes) { 0 };
	return (struct report_bytes) { inode->size, node->reason ? inode_new_size(inode) : 0 };
}

static void count(struct report_row *row, bool kept, struct report_bytes bytes)
{
	(kept ? &row->kept : &row->removed)->files++;
	row->kept.bytes += bytes.after;
	row->removed.bytes += bytes.before - MIN(bytes.before, bytes.after);
}

static void count_node(struct counting *c, const struct node *node)
{
	struct report_bytes bytes = report_bytes(c->inodes, node);
	bool kept = node->reason != KEEP_NO;

	count(&c->report->total, kept, bytes);
	count(c->dir, kept, bytes);
	if (node->package)
		count(&c->report->packages.rows[node->package - 1], kept, bytes);
	else if (c->report->packages.n_rows)
		count(&c->report->unpackaged, kept, bytes);
}

/* All nodes that are kept, or all that are not. Rows of directories come in the same order. */
static void count_all(struct counting *c, const struct tree *tree, bool kept)
{
	size_t next = 1; /* row 0 is the root */

	for (const struct node *n = tree_next(tree_root(tree)); n; n = tree_next(n)) {
		if (n->parent == tree_root(tree))
			c->dir = &c->report->dirs.rows[node_is(n, TAR_DIR) ? next++ : 0];
		if (!node_is(n, TAR_DIR) && (n->reason != KEEP_NO) == kept)
			count_node(c, n);
	}
}

static uint64_t size_of_row(const struct report_row *row)
{
	return row->kept.bytes + row->removed.bytes;
}

static int compare_rows(const void *a, const void *b)
{
	const struct report_row *x = a, *y = b;
	uint64_t n = size_of_row(x), m = size_of_row(y);

	return n != m ? (n < m ? 1 : -1) : strcmp(x->name, y->name);
}

/* Leaves out rows without any file, and brings the largest to the front. */
static void finish_table(struct report_table *table)
{
	size_t n = 0;

	for (size_t i = 0; i < table->n_rows; i++) {
		if (table->rows[i].kept.files + table->rows[i].removed.files)
			table->rows[n++] = table->rows[i];
		else
			free(table->rows[i].name);
	}
	table->n_rows = n;
	if (n)
		qsort(table->rows, n, sizeof(*table->rows), compare_rows);
}

void report_make(struct report *report, const struct tree *tree,
		 const struct packages *packages)
{
	struct counting c = { .report = report, .inodes = pathset_new() };

	*report = (struct report) { 0 };
	if (!c.inodes)
		abort();
	add_row(&report->dirs, "/");
	tree_for_each_child (child, tree_root(tree)) {
		cleanup_free char *name = xasprintf("/%s", child->name);

		if (node_is(child, TAR_DIR))
			add_row(&report->dirs, name);
	}
	for (size_t i = 0; i < packages->n_names; i++)
		add_row(&report->packages, packages->names[i]);
	/* Kept names first, so that a file with one of them does not count as removed. */
	count_all(&c, tree, true);
	count_all(&c, tree, false);
	pathset_free(c.inodes);
	finish_table(&report->dirs);
	finish_table(&report->packages);
}

static void fini_table(struct report_table *table)
{
	for (size_t i = 0; i < table->n_rows; i++)
		free(table->rows[i].name);
	free(table->rows);
}

void report_fini(struct report *report)
{
	fini_table(&report->dirs);
	fini_table(&report->packages);
	*report = (struct report) { 0 };
}

/* ---- the list of what was removed --------------------------------------------------------- */

/* Children of one directory, ordered as the paths of the files in and below them. */
struct level {
	const struct node **nodes;
	size_t n, next;
};

struct listing {
	struct level *levels;
	size_t n_levels, cap;
	struct pathset *inodes;
	FILE *out;
};

/* Compares names as if directories ended with a slash, since paths of files go on with one. */
static int compare_paths(const void *a, const void *b)
{
	const struct node *x = *(const struct node *const *)a;
	const struct node *y = *(const struct node *const *)b;
	size_t n = MIN(x->name_len, y->name_len);
	int r = memcmp(x->name, y->name, n), p, q;

	if (r)
		return r;
	p = x->name_len > n ? (unsigned char)x->name[n] : node_is(x, TAR_DIR) ? '/' : 0;
	q = y->name_len > n ? (unsigned char)y->name[n] : node_is(y, TAR_DIR) ? '/' : 0;
	return p - q;
}

static void push_level(struct listing *l, const struct node *dir)
{
	struct level level = { 0 };
	size_t cap = 0;

	tree_for_each_child (c, dir) {
		xgrow(&level.nodes, &cap, level.n, sizeof(*level.nodes));
		level.nodes[level.n++] = c;
	}
	if (level.n)
		qsort(level.nodes, level.n, sizeof(*level.nodes), compare_paths);
	xgrow(&l->levels, &l->cap, l->n_levels, sizeof(*l->levels));
	l->levels[l->n_levels++] = level;
}

static void list_node(struct listing *l, const struct node *node)
{
	char path[PATH_ABS_MAX + 1], text[4 * PATH_ABS_MAX + 8];
	size_t len = tree_path(node, path, sizeof(path));

	path_escape(text, sizeof(text), path, len);
	fprintf(l->out, "%llu\t%s\n", (unsigned long long)report_bytes(l->inodes, node).before,
		text);
}

static void list_all(struct listing *l, const struct tree *tree)
{
	push_level(l, tree_root(tree));
	while (l->n_levels) {
		struct level *level = &l->levels[l->n_levels - 1];
		const struct node *node =
			level->next < level->n ? level->nodes[level->next++] : NULL;

		if (!node) {
			free(level->nodes);
			l->n_levels--;
		} else if (node_is(node, TAR_DIR)) {
			push_level(l, node);
		} else if (!node->reason) {
			list_node(l, node);
		}
	}
	free(l->levels);
}

int report_write_removed(const struct tree *tree, int fd)
{
	struct listing l = { .inodes = pathset_new() };
	int copy = dup(fd), r;

	if (!l.inodes)
		abort();
	l.out = copy < 0 ? NULL : fdopen(copy, "w");
	if (!l.out) {
		r = -errno;
		if (copy >= 0)
			close(copy);
		pathset_free(l.inodes);
		return r;
	}
	for (const struct node *n = tree_root(tree); n; n = tree_next(n))
		if (n->reason)
			report_bytes(l.inodes, n); /* what is kept is not listed as removed */
	list_all(&l, tree);
	r = ferror(l.out) ? -EIO : 0;
	errno = 0;
	if (fclose(l.out) != 0)
		r = errno ? -errno : -EIO;
	pathset_free(l.inodes);
	return r;
}
