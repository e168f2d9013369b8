// SPDX-License-Identifier: Apache-2.0
/*
 * closure_rules.c - what is kept though nothing was seen to use it
 *
 * In: tables of paths, and the config. Out: marks. Each rule has its reason beside it; what a
 * path leads to is kept only if the image has it.
 */
#include "closure.h"
#include "imageconf.h"
#include "layer.h"
#include "path.h"

#include <limits.h>

#define TEXT_MAX (16u << 20)

/* Files that runtimes and the C library read outside of what a tracer sees. */
static const struct {
	const char *path;
	enum reason reason;
} kept_files[] = {
	/* Read by the engine on the host to turn User into ids, and for HOME (formats.md 6). */
	{ "/etc/passwd", KEEP_ALWAYS },
	{ "/etc/group", KEEP_ALWAYS },
	{ "/etc/shadow", KEEP_ALWAYS },
	/* Read by glibc at the first look-up only. */
	{ "/etc/nsswitch.conf", KEEP_NSS },
	/* Without it libraries outside the default directories are not found. */
	{ "/etc/ld.so.cache", KEEP_ALWAYS },
	/* Scanners tell the distribution by it. */
	{ "/etc/os-release", KEEP_ALWAYS },
	{ "/usr/lib/os-release", KEEP_ALWAYS },
	/* Programs fail without, and engines would make them 0755 root or not at all. */
	{ "/tmp", KEEP_ALWAYS },
	{ "/var/tmp", KEEP_ALWAYS },
	{ "/run", KEEP_ALWAYS },
	{ "/var/run", KEEP_ALWAYS },
};

/* Top-level names of the FHS: cheap, and engines differ less when they are there. */
static const char *const top_level[] = {
	"bin", "boot", "dev",  "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt",
	"opt", "proc", "root", "run", "sbin", "srv", "sys",   "tmp",   "usr",	 "var",
};

static void mark_top_level(struct closure *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(top_level); i++) {
		cleanup_free char *path = xasprintf("/%s", top_level[i]);
		struct node *node;

		/* A file of that name is no standard directory. */
		if (resolve_find(c->tree, NULL, path, true, &node) == 0 &&
		    node_is(node, TAR_DIR))
			closure_mark(c, path, KEEP_ALWAYS, NULL);
	}
}

/* The text of a file in the image, or NULL. The caller frees. */
static char *read_text(struct closure *c, const char *path)
{
	struct node *node;
	char *text;
	size_t len;

	if (resolve_find(c->tree, NULL, path, true, &node) < 0 || !node_is(node, TAR_FILE) ||
	    layer_read_file(c->image, node->inode, TEXT_MAX, &text, &len) < 0)
		return NULL;
	return text;
}

/* ---- name services ------------------------------------------------------------------------ */

static void mark_nss_module(struct closure *c, const char *service)
{
	cleanup_free char *name = xasprintf("libnss_%s.so.2", service);
	struct node *node;

	if (libraries_mark_named(&c->libraries, c->tree, name, KEEP_NSS, &node) == 0)
		closure_queue(c, node, NULL);
}

/* nsswitch.conf(5): "database: service [STATUS=action] service". */
static void mark_nss(struct closure *c)
{
	cleanup_free char *text = read_text(c, "/etc/nsswitch.conf");
	char *line, *save = NULL;

	if (!text)
		return;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *word, *words = NULL;

		line[strcspn(line, "#")] = '\0';
		line = strchr(line, ':');
		if (!line)
			continue;
		for (word = strtok_r(line + 1, " \t\r", &words); word;
		     word = strtok_r(NULL, " \t\r", &words))
			if (word[0] != '[' && !strpbrk(word, "/]="))
				mark_nss_module(c, word);
	}
}

/* ---- config ------------------------------------------------------------------------------- */

/* The home directory of a passwd line if its name or uid is user. NULL if not. */
static char *home_of_line(char *line, const char *user)
{
	char *fields[6] = { line };
	size_t n = 1;

	for (char *p = line; *p && n < ARRAY_SIZE(fields); p++) {
		if (*p != ':')
			continue;
		*p = '\0';
		fields[n++] = p + 1;
	}
	if (n < 6 || (strcmp(fields[0], user) != 0 && strcmp(fields[2], user) != 0))
		return NULL;
	fields[5][strcspn(fields[5], ":")] = '\0';
	return fields[5];
}

static void mark_home(struct closure *c)
{
	cleanup_free char *passwd = read_text(c, "/etc/passwd");
	cleanup_free char *user = xstrdup(imageconf_user(c->image->config));
	char *line, *save = NULL;

	user[strcspn(user, ":")] = '\0';
	if (!passwd)
		return;
	for (line = strtok_r(passwd, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *home = home_of_line(line, *user ? user : "0");

		if (home && home[0] == '/')
			closure_mark(c, home, KEEP_CONFIG, NULL);
	}
}

static void mark_config(struct closure *c)
{
	const char *workdir = imageconf_workdir(c->image->config);
	char **volumes = imageconf_volumes(c->image->config);

	closure_ask(c, "working directory");
	if (workdir[0] == '/')
		closure_mark(c, workdir, KEEP_CONFIG, NULL);
	closure_ask(c, "volume");
	for (size_t i = 0; volumes[i]; i++)
		closure_mark(c, volumes[i], KEEP_CONFIG, NULL);
	argv_free(volumes);
	closure_ask(c, "home of the user");
	mark_home(c);
}

/* The command that an instrumented image wraps: TRACER -- COMMAND. */
static char *const *behind_tracer(char *const argv[])
{
	if (!argv[0] || strcmp(argv[0], TRACER_PATH) != 0)
		return argv;
	while (*argv && strcmp(*argv, "--") != 0)
		argv++;
	return *argv ? argv + 1 : argv;
}

/* Entrypoint and Cmd are one command; a Cmd behind an entrypoint is often a program too. */
static void mark_programs(struct closure *c)
{
	char **entrypoint = imageconf_entrypoint(c->image->config);
	char **cmd = imageconf_cmd(c->image->config);
	char **healthcheck = imageconf_healthcheck(c->image->config);

	closure_ask(c, "entrypoint");
	closure_add_command(c, behind_tracer(entrypoint), "entrypoint");
	closure_ask(c, "command");
	closure_add_command(c, cmd, entrypoint[0] ? NULL : "command");
	closure_ask(c, "healthcheck");
	closure_add_command(c, behind_tracer(healthcheck), "healthcheck");
	closure_ask(c, NULL);
	argv_free(entrypoint);
	argv_free(cmd);
	argv_free(healthcheck);
}

void closure_add_rules(struct closure *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(kept_files); i++) {
		struct node *node;

		/* resolve_find first: a rule must not keep the way to what is not there. */
		if (resolve_find(c->tree, NULL, kept_files[i].path, true, &node) == 0)
			closure_mark(c, kept_files[i].path, kept_files[i].reason, NULL);
	}
	mark_top_level(c);
	mark_nss(c);
	mark_config(c);
	mark_programs(c);
}
