// SPDX-License-Identifier: Apache-2.0
/*
 * packages.c - the package databases of dpkg and apk
 *
 * In: the image's own files. Out: package and node, one after another. Never marks a node.
 * Not read: rpm's databases.
 */
#include "packages_cut.h"
#include "diag.h"
#include "pkgpaths.h"
#include "resolve.h"

struct scan {
	struct pkgpaths *paths;
	const char *name; /* only this one, or NULL */
	void (*each)(void *arg, const char *package, struct node *node);
	void *arg;
	size_t n_packages;
};

static void found(struct scan *s, const char *package, struct node *node)
{
	if (node)
		s->each(s->arg, package, node);
}

/* ---- dpkg --------------------------------------------------------------------------------- */

static bool is_named(const char *package, const char *name)
{
	size_t len = strlen(name);

	return strncmp(package, name, len) == 0 && (!package[len] || package[len] == ':');
}

static void read_list(struct scan *s, const char *package, const struct node *list, size_t skip)
{
	cleanup_free char *text = NULL;
	const char *at, *end;
	struct span line;
	size_t len;

	text = pkgpaths_text(s->paths, list, &len);
	if (!text)
		return;
	s->n_packages++;
	end = text + len;
	for (at = text; pkgpaths_line(&at, end, &line);)
		if (line.len > skip)
			found(s, package,
			      pkgpaths_find(s->paths, package, line.data + skip,
					    line.len - skip));
}

static void scan_dpkg(struct scan *s, const struct pkgpaths_lists *lists)
{
	size_t n_suffix = strlen(lists->suffix);
	struct node *node;

	if (resolve_find(s->paths->tree, NULL, lists->dir, true, &node) < 0)
		return;
	tree_for_each_child (c, node) {
		cleanup_free char *package = NULL;

		if (c->name_len <= n_suffix ||
		    strcmp(c->name + c->name_len - n_suffix, lists->suffix) != 0)
			continue;
		package = xmemdup(c->name, c->name_len - n_suffix);
		if (s->name && !is_named(package, s->name))
			continue;
		package[strcspn(package, ":")] = '\0'; /* libc6:amd64 */
		read_list(s, package, c, lists->skip);
	}
}

/* ---- apk ---------------------------------------------------------------------------------- */

/* "P:" names a package, "F:" a directory of it, "R:" a file in that. */
static void apk_line(struct scan *s, char **package, const struct span *line)
{
	const char *value = line->data + 2;
	size_t len = line->len - 2;

	if (line->len < 2 || line->data[1] != ':')
		return;
	if (line->data[0] == 'P') {
		free(*package);
		*package = xmemdup(value, len);
		if (s->name && strcmp(*package, s->name) != 0) {
			free(*package);
			*package = NULL;
		}
		s->n_packages += *package ? 1 : 0;
	} else if (*package && line->data[0] == 'F') {
		found(s, *package, pkgpaths_find(s->paths, *package, value, len));
		pkgpaths_enter(s->paths, value, len);
	} else if (*package && line->data[0] == 'R') {
		found(s, *package, pkgpaths_in_dir(s->paths, value, len));
	}
}

static void scan_apk(struct scan *s, const struct node *database)
{
	cleanup_free char *text = NULL, *package = NULL;
	const char *at, *end;
	struct span line;
	size_t len;

	text = pkgpaths_text(s->paths, database, &len);
	if (!text)
		return;
	end = text + len;
	for (at = text; pkgpaths_line(&at, end, &line);)
		apk_line(s, &package, &line);
}

size_t packages_each(struct image *image, struct tree *tree, const char *name,
		     void (*each)(void *arg, const char *package, struct node *node), void *arg)
{
	struct scan s = {
		.paths = pkgpaths_new(image, tree), .name = name, .each = each, .arg = arg
	};
	struct node *first = NULL, *node;

	for (size_t i = 0; i < ARRAY_SIZE(pkgpaths_dpkg); i++)
		scan_dpkg(&s, &pkgpaths_dpkg[i]);
	for (size_t i = 0; i < ARRAY_SIZE(pkgpaths_apk); i++) {
		if (resolve_find(tree, NULL, pkgpaths_apk[i], true, &node) < 0 || node == first)
			continue;
		first = node;
		scan_apk(&s, node);
	}
	pkgpaths_free(s.paths);
	return s.n_packages;
}

/* ---- owners ------------------------------------------------------------------------------- */

void packages_note(struct packages *p, const char *package, struct node *node)
{
	const char *last = p->n_names ? p->names[p->n_names - 1] : "";

	if (strcmp(last, package) != 0) {
		xgrow(&p->names, &p->cap, p->n_names, sizeof(*p->names));
		p->names[p->n_names++] = xstrdup(package);
	}
	if (!node->package && !node_is(node, TAR_DIR))
		node->package = (uint32_t)p->n_names;
}

static void note_owner(void *arg, const char *package, struct node *node)
{
	packages_note(arg, package, node);
}

void packages_read(struct packages *packages, struct image *image, struct tree *tree)
{
	*packages = (struct packages) { 0 };
	packages_each(image, tree, NULL, note_owner, packages);
}

void packages_fini(struct packages *packages)
{
	for (size_t i = 0; i < packages->n_names; i++)
		free(packages->names[i]);
	free(packages->names);
	*packages = (struct packages) { 0 };
}

const char *packages_name(const struct packages *packages, const struct node *node)
{
	return node->package ? packages->names[node->package - 1] : NULL;
}

/* ---- what becomes of the databases ---------------------------------------------------------- */

const char *const packages_databases[] = {
	PKGPATHS_DPKG_STATUS, PKGPATHS_DPKG_INFO, PKGPATHS_STATUS_D,	   "/lib/apk/db",
	"/usr/lib/apk/db",    "/var/lib/rpm",	  "/usr/lib/sysimage/rpm", "/usr/share/rpm",
};
const size_t packages_n_databases = ARRAY_SIZE(packages_databases);

const char *const packages_companions[] = {
	"/etc/debian_version",	    "/etc/alpine-release",	  "/etc/redhat-release",
	"/etc/system-release",	    "/etc/lsb-release",		  "/var/lib/dpkg/arch",
	"/var/lib/dpkg/diversions", PKGPATHS_DPKG_INFO "/format", "/etc/apk/arch",
};
const size_t packages_n_companions = ARRAY_SIZE(packages_companions);

bool packages_is_opaque(const char *database)
{
	return strcmp(path_base(database), "rpm") == 0;
}

int packages_mode_parse(const char *text, enum packages_mode *mode)
{
	static const char *const names[] = {
		[PACKAGES_CUT] = "cut", [PACKAGES_KEEP] = "keep", [PACKAGES_DROP] = "drop"
	};

	*mode = PACKAGES_CUT;
	for (size_t i = 0; text && i < ARRAY_SIZE(names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*mode = (enum packages_mode)i;
			return 0;
		}
	}
	return text ? diag_refuse("--packages wants cut, keep or drop, not '%s'", text) : 0;
}
