// SPDX-License-Identifier: Apache-2.0
/*
 * closure.c - programs, and what marked programs need, to a fixed point
 *
 * In: the frozen tree with the marks of logs and rules. Out: marks. Never removes a mark.
 *
 * A queue holds the programs and libraries to look into. Looking into one marks its
 * interpreter and libraries, which join the queue; each file is looked into once.
 */
#include "closure.h"
#include "diag.h"
#include "limit.h"
#include "imageconf.h"
#include "layer.h"
#include "path.h"
#include "process.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

void closure_init(struct closure *c, struct image *image, struct tree *tree)
{
	*c = (struct closure) { .image = image, .tree = tree };
	libraries_init(&c->libraries, image, tree);
}

void closure_fini(struct closure *c)
{
	for (size_t i = 0; i < c->n_queue; i++) {
		elf_info_fini(&c->queue[i]->elf);
		free(c->queue[i]);
	}
	free(c->queue);
	libraries_fini(&c->libraries);
	*c = (struct closure) { 0 };
}

void closure_queue(struct closure *c, struct node *node, const struct library_object *loader)
{
	struct library_object *object;

	if (!node_is(node, TAR_FILE) || node->queued || node->excluded)
		return;
	node->queued = true;
	object = xcalloc(1, sizeof(*object));
	object->loader = loader;
	object->node = node;
	xgrow(&c->queue, &c->queue_cap, c->n_queue, sizeof(*c->queue));
	c->queue[c->n_queue++] = object;
}

int closure_mark(struct closure *c, const char *path, enum reason reason, struct node **ret)
{
	struct node *node;
	int r = resolve_mark(c->tree, NULL, path, true, reason, NULL, &node);

	if (r < 0)
		return r;
	if (node->reason == reason && !node->because && !node->asker)
		node->asker = c->asker;
	if (ret)
		*ret = node;
	return 0;
}

void closure_ask(struct closure *c, const char *fmt, ...)
{
	cleanup_free char *text = NULL;
	va_list ap;

	c->asker = 0;
	if (!fmt)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	c->asker = tree_add_asker(c->tree, text);
}

/* ---- commands ----------------------------------------------------------------------------- */

/* What runtimes search when the image sets no PATH. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool is_program(struct closure *c, const char *path)
{
	struct node *node;

	return resolve_find(c->tree, NULL, path, true, &node) == 0 && node_is(node, TAR_FILE) &&
	       node->inode->mode & 0111;
}

/* The path of a program as the runtime finds it, NULL if it does not. The caller frees. */
static char *find_program(struct closure *c, const char *name)
{
	const char *dirs = imageconf_env(c->image->config, "PATH");
	const char *cwd = imageconf_workdir(c->image->config);

	if (!*name)
		return NULL;
	if (strchr(name, '/')) {
		char *path = name[0] == '/' ? xstrdup(name) : xasprintf("%s/%s", cwd, name);

		if (is_program(c, path))
			return path;
		free(path);
		return NULL;
	}
	for (dirs = dirs ? dirs : DEFAULT_PATH; *dirs;) {
		size_t len = strcspn(dirs, ":");
		char *path = len && dirs[0] == '/'
				     ? xasprintf("%.*s/%s", (int)len, dirs, name)
				     : xasprintf("%s/%.*s/%s", cwd, (int)len, dirs, name);

		if (is_program(c, path))
			return path;
		free(path);
		dirs += len + (dirs[len] == ':');
	}
	return NULL;
}

static bool mark_program(struct closure *c, const char *name)
{
	cleanup_free char *path = find_program(c, name);
	struct node *node;

	if (!path || closure_mark(c, path, KEEP_PROGRAM, &node) < 0)
		return false;
	closure_queue(c, node, NULL);
	return true;
}

/* sh -c "exec redis-server /etc/r.conf": the first word that is a program of the image. */
static void mark_shell_words(struct closure *c, const char *script)
{
	char **words;

	if (process_split(script, &words) < 0)
		return;
	for (size_t i = 0; words[i]; i++) {
		bool assignment = strchr(words[i], '=') && words[i][0] != '/';

		if (assignment || strcmp(words[i], "exec") == 0)
			continue;
		mark_program(c, words[i]);
		break;
	}
	argv_free(words);
}

bool closure_add_command(struct closure *c, char *const argv[], const char *what)
{
	if (!argv[0])
		return false;
	if (!mark_program(c, argv[0])) {
		if (what)
			diag_warning("%s: the %s '%s' is not a program of the image",
				     c->image->name, what, argv[0]);
		return false;
	}
	if (argv[1] && strcmp(argv[1], "-c") == 0 && argv[2])
		mark_shell_words(c, argv[2]);
	return true;
}

/* ---- what a program needs ----------------------------------------------------------------- */

static void mark_interp(struct closure *c, struct library_object *object, const char *interp)
{
	const char *cwd = imageconf_workdir(c->image->config);
	cleanup_free char *path =
		interp[0] == '/' ? xstrdup(interp) : xasprintf("%s/%s", cwd, interp);
	struct node *node;

	if (resolve_mark(c->tree, NULL, path, true, KEEP_INTERP, object->node, &node) == 0)
		closure_queue(c, node, NULL);
}

/* 1 if it is a script: its interpreter, and the program that env would look up, are marked. */
static int look_into_script(struct closure *c, struct library_object *object, const char *head,
			    size_t len)
{
	cleanup_free char *interp = NULL, *arg = NULL;
	char **words;

	if (shebang_parse(head, len, &interp, &arg) <= 0)
		return 0;
	mark_interp(c, object, interp);
	if (arg && strcmp(path_base(interp), "env") == 0 && process_split(arg, &words) == 0) {
		for (size_t i = 0; words[i]; i++) {
			if (words[i][0] == '-' || strchr(words[i], '='))
				continue;
			mark_program(c, words[i]);
			break;
		}
		argv_free(words);
	}
	return 1;
}

static void look_into_elf(struct closure *c, struct library_object *object)
{
	for (size_t i = 0; i < object->elf.n_needed; i++) {
		struct node *node;

		if (libraries_mark(&c->libraries, c->image, c->tree, object,
				   object->elf.needed[i], &node) == 0)
			closure_queue(c, node, object);
		else
			diag_debug("library %s is not in the image", object->elf.needed[i]);
	}
	if (object->elf.interp)
		mark_interp(c, object, object->elf.interp);
}

static void say_too_large(const struct node *node)
{
	char path[PATH_ABS_MAX + 1];

	tree_path(node, path, sizeof(path));
	diag_warning(
		"%s has more than %llu bytes, so its libraries are not looked for" LIMIT_HINT,
		path, (unsigned long long)limit_get(LIMIT_PROGRAM_SIZE),
		limit_name(LIMIT_PROGRAM_SIZE));
}

static int read_range(void *arg, void *buf, size_t len, uint64_t off)
{
	const struct range *range = arg;

	return pread_all(range->fd, buf, len, range->off + off);
}

/* A few pages of it, where it lies in the layer as it is. */
static int read_elf(struct closure *c, struct library_object *object)
{
	const struct inode *inode = object->node->inode;
	uint64_t max = limit_get(LIMIT_PROGRAM_SIZE);
	cleanup_free char *data = NULL;
	struct range range;
	size_t len;
	int r;

	if (inode->size > max)
		return -EFBIG;
	r = layer_file_range(c->image, inode, &range);
	if (r == 0)
		return elf_read_parts((size_t)range.len, read_range, &range, &object->elf);
	if (r != -EOPNOTSUPP)
		return r;
	r = layer_read_file(c->image, inode, max, &data, &len);
	return r < 0 ? r : elf_read_memory(data, len, &object->elf);
}

static void look_into(struct closure *c, struct library_object *object)
{
	char head[SHEBANG_MAX];
	size_t len;
	int r;

	if (layer_read_head(c->image, object->node->inode, head, sizeof(head), &len) < 0)
		return;
	if (look_into_script(c, object, head, len))
		return;
	if (len < 4 || memcmp(head, "\177ELF", 4) != 0)
		return;
	r = read_elf(c, object);
	if (r == -EFBIG)
		say_too_large(object->node);
	if (r == 0)
		look_into_elf(c, object);
}

void closure_run(struct closure *c)
{
	while (c->next < c->n_queue)
		look_into(c, c->queue[c->next++]);
	closure_add_python(c);
}
