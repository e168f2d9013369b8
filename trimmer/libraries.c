// SPDX-License-Identifier: Apache-2.0
/*
 * libraries.c - the search of ld.so(8), inside the tree
 *
 * In: the image's own ld.so.conf, environment, RPATH and RUNPATH. Out: marked libraries. Never
 * looks at the host's libraries.
 */
#include "libraries.h"
#include "diag.h"
#include "imageconf.h"
#include "layer.h"
#include "path.h"

#include <elf.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>

#define CONF_MAX   (1u << 20)
#define CONF_DEPTH 8

/* Directories every loader looks in at the end; those an image lacks cost nothing. */
static const char *const default_dirs[] = {
	"/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib",
};

/* Debian's multiarch directories are built into its loader. */
static const struct {
	const char *arch, *triplet, *platform;
} arch_dirs[] = {
	{ "amd64", "x86_64-linux-gnu", "x86_64" },
	{ "arm64", "aarch64-linux-gnu", "aarch64" },
	{ "386", "i386-linux-gnu", "i686" },
	{ "arm", "arm-linux-gnueabihf", "v7l" },
	{ "riscv64", "riscv64-linux-gnu", "riscv64" },
	{ "ppc64le", "powerpc64le-linux-gnu", "power8" },
	{ "s390x", "s390x-linux-gnu", "z900" },
};

/* ---- the directories ---------------------------------------------------------------------- */

static void add_dir(struct library_paths *paths, char *dir)
{
	xgrow(&paths->dirs, &paths->cap, paths->n_dirs, sizeof(char *));
	paths->dirs[paths->n_dirs++] = dir;
}

static void read_conf(struct library_paths *paths, struct image *image, struct tree *tree,
		      const char *path, int depth);

/* include PATTERN: a glob in the last component, as ldconfig's own uses are. */
static void include_conf(struct library_paths *paths, struct image *image, struct tree *tree,
			 const char *pattern, int depth)
{
	cleanup_free char *dir_name = xasprintf("/%s", pattern);
	struct node *dir;
	char *slash = strrchr(dir_name, '/');
	const char *last = path_base(pattern);

	*slash = '\0';
	if (resolve_find(tree, NULL, *dir_name ? dir_name : "/", true, &dir) < 0)
		return;
	tree_for_each_child (c, dir) {
		char path[PATH_ABS_MAX + 1];

		if (fnmatch(last, c->name, FNM_PERIOD) != 0)
			continue;
		tree_path(c, path, sizeof(path));
		read_conf(paths, image, tree, path, depth + 1);
	}
}

static void conf_line(struct library_paths *paths, struct image *image, struct tree *tree,
		      char *line, int depth)
{
	char *end;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t");
	end = line + strlen(line);
	while (end > line && strchr(" \t\r", end[-1]))
		*--end = '\0';
	if (strncmp(line, "include", 7) == 0 && strchr(" \t", line[7])) {
		char *word, *save = NULL;

		for (word = strtok_r(line + 7, " \t", &save); word;
		     word = strtok_r(NULL, " \t", &save))
			include_conf(paths, image, tree, word, depth);
	} else if (line[0] == '/') {
		line[strcspn(line, "= \t")] = '\0';
		add_dir(paths, xstrdup(line));
	}
}

static void read_conf(struct library_paths *paths, struct image *image, struct tree *tree,
		      const char *path, int depth)
{
	cleanup_free char *text = NULL;
	char *line, *save = NULL;
	struct node *node;
	size_t len;

	if (depth > CONF_DEPTH || resolve_find(tree, NULL, path, true, &node) < 0 ||
	    !node_is(node, TAR_FILE) ||
	    layer_read_file(image, node->inode, CONF_MAX, &text, &len) < 0)
		return;
	for (line = strtok_r(text, "\n:", &save); line; line = strtok_r(NULL, "\n:", &save))
		conf_line(paths, image, tree, line, depth);
}

/* musl reads one file of directories, /etc/ld-musl-ARCH.path. */
static void read_musl(struct library_paths *paths, struct image *image, struct tree *tree)
{
	include_conf(paths, image, tree, "/etc/ld-musl-*.path", 0);
}

void libraries_init(struct library_paths *paths, struct image *image, struct tree *tree)
{
	*paths = (struct library_paths) { .lib = "lib", .platform = "" };
	paths->environment = imageconf_env(image->config, "LD_LIBRARY_PATH");
	read_conf(paths, image, tree, "/etc/ld.so.conf", 0);
	read_musl(paths, image, tree);
	for (size_t i = 0; i < ARRAY_SIZE(arch_dirs); i++) {
		if (strcmp(arch_dirs[i].arch, image->arch) != 0)
			continue;
		add_dir(paths, xasprintf("/lib/%s", arch_dirs[i].triplet));
		add_dir(paths, xasprintf("/usr/lib/%s", arch_dirs[i].triplet));
		paths->platform = arch_dirs[i].platform;
	}
	for (size_t i = 0; i < ARRAY_SIZE(default_dirs); i++)
		add_dir(paths, xstrdup(default_dirs[i]));
}

void libraries_fini(struct library_paths *paths)
{
	for (size_t i = 0; i < paths->n_dirs; i++)
		free(paths->dirs[i]);
	free(paths->dirs);
	*paths = (struct library_paths) { 0 };
}

/* ---- the search --------------------------------------------------------------------------- */

struct search {
	const struct library_paths *paths;
	struct image *image;
	struct tree *tree;
	const struct library_object *object; /* NULL: any file of that name will do */
	const char *name;
	enum reason reason;
};

/* True if node is an ELF file of the class and machine that object can load. */
static bool fits(const struct search *s, const struct node *node)
{
	char head[20];
	uint16_t machine;
	size_t len;

	if (!node_is(node, TAR_FILE))
		return false;
	if (!s->object)
		return true;
	if (layer_read_head(s->image, node->inode, head, sizeof(head), &len) < 0 ||
	    len < sizeof(head) || memcmp(head, ELFMAG, SELFMAG) != 0)
		return false;
	memcpy(&machine, head + 18, sizeof(machine));
	return head[EI_CLASS] == s->object->elf.class && machine == s->object->elf.machine;
}

static int try_path(const struct search *s, const char *path, struct node **node)
{
	int r = resolve_find(s->tree, NULL, path, true, node);

	if (r < 0 || !fits(s, *node))
		return -ENOENT;
	return resolve_mark(s->tree, NULL, path, true, s->reason,
			    s->object ? s->object->node : NULL, node);
}

static int try_dir(const struct search *s, const char *dir, size_t len, struct node **node)
{
	cleanup_free char *path = xasprintf("%.*s/%s", (int)len, dir, s->name);

	return try_path(s, path, node);
}

/* Appends text to *out; both grow. */
static void append(char **out, const char *text, size_t len)
{
	char *joined = xasprintf("%s%.*s", *out ? *out : "", (int)len, text);

	free(*out);
	*out = joined;
}

/* One directory of a path list with $ORIGIN, $LIB and $PLATFORM put in (ld.so(8)). */
static char *expand(const struct search *s, const struct library_object *owner, const char *dir,
		    size_t len)
{
	char origin[PATH_ABS_MAX + 1];
	const struct {
		const char *word, *value;
	} words[] = {
		{ "$ORIGIN", origin },
		{ "${ORIGIN}", origin },
		{ "$LIB", s->paths->lib },
		{ "${LIB}", s->paths->lib },
		{ "$PLATFORM", s->paths->platform },
		{ "${PLATFORM}", s->paths->platform },
	};
	const char *end = dir + len;
	char *out = xstrdup("");

	origin[0] = '\0';
	if (owner)
		tree_path(owner->node->parent, origin, sizeof(origin));
	while (dir < end) {
		size_t i, n = 1;

		for (i = 0; i < ARRAY_SIZE(words); i++) {
			n = strlen(words[i].word);
			if ((size_t)(end - dir) >= n && memcmp(dir, words[i].word, n) == 0)
				break;
		}
		if (i < ARRAY_SIZE(words))
			append(&out, words[i].value, strlen(words[i].value));
		else
			append(&out, dir, n = 1);
		dir += n;
	}
	return out;
}

/* Each directory of a list separated by colons (semicolons in LD_LIBRARY_PATH too). */
static int try_list(const struct search *s, const struct library_object *owner,
		    const char *list, struct node **node)
{
	while (list && *list) {
		size_t len = strcspn(list, ":;");
		cleanup_free char *dir = expand(s, owner, list, len);

		if (dir[0] == '/' && try_dir(s, dir, strlen(dir), node) == 0)
			return 0;
		list += len + (list[len] != '\0');
	}
	return -ENOENT;
}

static int try_rpaths(const struct search *s, struct node **node)
{
	if (s->object->elf.runpath)
		return -ENOENT;
	for (const struct library_object *o = s->object; o; o = o->loader)
		if (!o->elf.runpath && try_list(s, o, o->elf.rpath, node) == 0)
			return 0;
	return -ENOENT;
}

static int try_system(const struct search *s, struct node **node)
{
	for (size_t i = 0; i < s->paths->n_dirs; i++)
		if (try_dir(s, s->paths->dirs[i], strlen(s->paths->dirs[i]), node) == 0)
			return 0;
	return -ENOENT;
}

int libraries_mark(const struct library_paths *paths, struct image *image, struct tree *tree,
		   const struct library_object *object, const char *name, struct node **node)
{
	struct search s = { paths, image, tree, object, name, KEEP_LIBRARY };

	if (strchr(name, '/')) {
		cleanup_free char *path = expand(&s, object, name, strlen(name));

		return try_path(&s, path, node);
	}
	if (try_rpaths(&s, node) == 0 || try_list(&s, object, paths->environment, node) == 0 ||
	    try_list(&s, object, object->elf.runpath, node) == 0)
		return 0;
	return try_system(&s, node);
}

int libraries_mark_named(const struct library_paths *paths, struct tree *tree, const char *name,
			 enum reason reason, struct node **node)
{
	struct search s = { paths, NULL, tree, NULL, name, reason };

	return try_system(&s, node);
}
