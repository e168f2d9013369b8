// SPDX-License-Identifier: Apache-2.0
/*
 * locate.c - working directories, roots, descriptors, and look-ups of our own
 *
 * In: a stopped thread and what it passed. Out: absolute names. /proc/PID is asked where it
 * answers; where it does not (a process that dropped its privilege, a path beyond one page)
 * what was seen before counts: the directory known from the last chdir(), the directories
 * opened by descriptor.
 */
#include "locate.h"
#include "rights.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define DELETED	    " (deleted)"
#define DELETED_LEN (sizeof(DELETED) - 1)

/* ---- links of /proc -------------------------------------------------------------------- */

/* True if /proc/PID/name stands for something without a name left. */
static bool is_deleted(pid_t pid, const char *name, const char *text, size_t len)
{
	char path[64];
	struct stat st;
	int r;

	if (len < DELETED_LEN || strcmp(text + len - DELETED_LEN, DELETED) != 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	r = stat(path, &st);
	return r < 0 || st.st_nlink == 0;
}

/* A link of /proc/PID as a name, its length; -ENOENT if it is no path. */
static int read_link(pid_t pid, const char *name, char *out, size_t size, bool *unnamed)
{
	ssize_t n = rights_readlink(pid, name, out, size - 1);

	if (n < 0)
		return (int)n;
	out[n] = '\0';
	if (out[0] != '/')
		return -ENOENT;
	*unnamed = is_deleted(pid, name, out, (size_t)n);
	return (int)n;
}

static void replace_text(char **text, const char *with)
{
	char *copy = strdup(with);

	if (!copy)
		return;
	free(*text);
	*text = copy;
}

/* ---- where a thread stands ------------------------------------------------------------- */

static void ask_namespace(struct tracee *t)
{
	char own[64], theirs[64];
	ssize_t n = readlink("/proc/self/ns/mnt", own, sizeof(own));
	ssize_t m = rights_readlink(t->pid, "ns/mnt", theirs, sizeof(theirs));

	t->places->fresh_ns = false;
	if (n > 0 && m > 0)
		t->places->foreign = n != m || memcmp(own, theirs, (size_t)n) != 0;
}

/*
 * Nobody has yet made a call that gives another root or mount namespace than ours. Of a thread whose
 * maker has not reported nobody knows.
 */
static bool is_home(const struct tracees *tracees, const struct tracee *t)
{
	return !tracees->strayed && !t->guessed;
}

static void read_place(const struct tracee *t, const char *name, char **text)
{
	char link[PATH_MAX];
	bool unnamed;

	if (read_link(t->pid, name, link, sizeof(link), &unnamed) > 0)
		replace_text(text, link);
}

/* Reads cwd and root unless they are known and nothing has moved since. */
void locate_places(const struct tracees *tracees, struct tracee *t)
{
	struct places *p = t->places;
	bool moving = tracee_moving(tracees), home = is_home(tracees, t);

	if (p->cwd && p->seen_at == tracees->moves && !p->loose && !moving &&
	    (home || (p->root && !p->fresh_ns)))
		return;
	read_place(t, "cwd", &p->cwd);
	if (!home)
		read_place(t, "root", &p->root);
	if (!home && p->fresh_ns)
		ask_namespace(t);
	p->seen_at = moving ? 0 : tracees->moves;
}

const char *locate_root(const struct tracees *tracees, struct tracee *t)
{
	if (is_home(tracees, t))
		return "/";
	locate_places(tracees, t);
	return t->places->root ? t->places->root : "/";
}

void locate_set_cwd(const struct tracees *tracees, struct tracee *t, const char *abs)
{
	struct places *p = t->places;

	if (abs)
		replace_text(&p->cwd, abs);
	p->seen_at = 0;
	locate_places(tracees, t);
}

void locate_moved(struct tracees *tracees)
{
	tracees->moves++;
}

bool locate_hidden(const char *abs)
{
	static const char *const dirs[] = { "/proc", "/sys", "/dev", "/.imagetrim" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (path_below(abs, dirs[i]))
			return true;
	return false;
}

/* ---- names ----------------------------------------------------------------------------- */

static int copy_text(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len >= size)
		return -ENAMETOOLONG;
	memcpy(out, text, len + 1);
	return (int)len;
}

static int find_cwd(const struct tracees *tracees, struct tracee *t, const char **cwd,
		    bool *unnamed)
{
	locate_places(tracees, t);
	if (!t->places->cwd)
		return -EACCES;
	*cwd = t->places->cwd;
	*unnamed = is_deleted(t->pid, "cwd", *cwd, strlen(*cwd));
	return 0;
}

/* raw: what is asked for below it, or NULL. */
static int find_descriptor(struct tracee *t, int fd, const char *raw, char *out, size_t size,
			   bool *unnamed)
{
	const char *known;
	char name[32];
	int n;

	*unnamed = false;
	snprintf(name, sizeof(name), "fd/%d", fd);
	n = read_link(t->pid, name, out, size, unnamed);
	if (n >= 0 || n == -ENOENT || n == -ESRCH)
		return n;
	known = locate_known_dir(t, fd, raw);
	return known ? copy_text(out, size, known) : n;
}

int locate_descriptor(const struct tracees *tracees, struct tracee *t, int fd, char *out,
		      size_t size, bool *unnamed)
{
	const char *cwd;
	int n;

	if (fd != AT_FDCWD)
		return find_descriptor(t, fd, NULL, out, size, unnamed);
	*unnamed = false;
	n = find_cwd(tracees, t, &cwd, unnamed);
	return n < 0 ? n : copy_text(out, size, cwd);
}

int locate_name(const struct tracees *tracees, struct tracee *t, int dir, const char *raw,
		char *out, size_t size, bool *unnamed)
{
	cleanup_free char *base = NULL;
	const char *cwd;
	int n;

	*unnamed = false;
	if (raw[0] == '/')
		return path_join(out, size, locate_root(tracees, t), raw + strspn(raw, "/"));
	if (dir == AT_FDCWD) {
		n = find_cwd(tracees, t, &cwd, unnamed);
		return n < 0 ? n : path_join(out, size, cwd, raw);
	}
	n = find_descriptor(t, dir, raw, out, size, unnamed);
	if (n < 0)
		return n;
	base = strdup(out);
	return base ? path_join(out, size, base, raw) : -ENOMEM;
}

/* ---- objects --------------------------------------------------------------------------- */

/*
 * /proc/self and the links of /dev mean the one who looks: writes what they mean for t. Other
 * names are copied.
 */
static int translate_self(const struct tracee *t, const char *abs, char *out, size_t size)
{
	static const struct {
		const char *prefix, *means; /* with the process's number between */
	} magic[] = {
		{ "/proc/self", "" },	    { "/proc/thread-self", "" },
		{ "/dev/fd", "/fd" },	    { "/dev/stdin", "/fd/0" },
		{ "/dev/stdout", "/fd/1" }, { "/dev/stderr", "/fd/2" },
	};
	int n;

	for (size_t i = 0; i < ARRAY_SIZE(magic); i++) {
		if (!path_below(abs, magic[i].prefix))
			continue;
		n = snprintf(out, size, "/proc/%d%s%s", (int)t->tgid, magic[i].means,
			     abs + strlen(magic[i].prefix));
		return (size_t)n < size ? n : -ENAMETOOLONG;
	}
	return copy_text(out, size, abs);
}

/* A look-up below a root that is not ours: absolute links stay below it. */
static int open_below_root(struct tracee *t, const struct request *q, const char *root,
			   int flags)
{
	cleanup_fd int root_fd = rights_open(t->pid, "root", O_PATH | O_DIRECTORY);
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | (q->follow ? 0 : O_NOFOLLOW)),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	const char *inside = q->abs;
	long fd;

	if (root_fd < 0)
		return root_fd;
	if (root[1] && path_below(inside, root))
		inside += strlen(root);
	fd = syscall(SYS_openat2, root_fd, inside[0] ? inside : "/", &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

/* By the thread's own directory, for names that are none or too long. */
static int open_below_dir(struct tracee *t, const struct request *q, int flags)
{
	cleanup_fd int dir_fd = -1;
	char name[32];
	int fd;

	snprintf(name, sizeof(name), q->dir == AT_FDCWD ? "cwd" : "fd/%d", q->dir);
	dir_fd = rights_open(t->pid, name, O_PATH);
	if (dir_fd < 0)
		return dir_fd;
	fd = openat(dir_fd, q->raw, flags | O_CLOEXEC | (q->follow ? 0 : O_NOFOLLOW));
	return fd < 0 ? -errno : fd;
}

/* openat2(2) with restrictions: asked again in the same way, from the same directory. */
static int open_restricted(struct tracee *t, const struct request *q, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | (q->follow ? 0 : O_NOFOLLOW)),
		.resolve = t->resolve & ~(uint64_t)RESOLVE_CACHED,
	};
	cleanup_fd int dir_fd = -1;
	char name[32], path[PATH_MAX];
	long fd;
	int n;

	snprintf(name, sizeof(name), (int)t->args[0] == AT_FDCWD ? "cwd" : "fd/%d",
		 (int)t->args[0]);
	dir_fd = rights_open(t->pid, name, O_PATH);
	if (dir_fd < 0)
		return dir_fd;
	n = q->raw[0] == '/' ? translate_self(t, q->abs, path, sizeof(path))
			     : copy_text(path, sizeof(path), q->raw);
	if (n < 0)
		return n;
	fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : (int)fd;
}

static int open_name(const struct tracees *tracees, struct tracee *t, const struct request *q,
		     int flags)
{
	const char *root = locate_root(tracees, t);
	char path[PATH_MAX];
	int fd, n;

	if (root[1] || t->places->foreign)
		return open_below_root(t, q, root, flags);
	n = translate_self(t, q->abs, path, sizeof(path));
	if (n < 0)
		return n;
	fd = open(path, flags | O_CLOEXEC | (q->follow ? 0 : O_NOFOLLOW));
	return fd < 0 ? -errno : fd;
}

bool locate_is_plain(const struct tracees *tracees, struct tracee *t, const struct request *q)
{
	bool below = q->raw && q->raw[0] != '/';

	return !q->unnamed && !t->resolve && !locate_root(tracees, t)[1] &&
	       !t->places->foreign && !(below && tracees->mounted) && !locate_hidden(q->abs) &&
	       q->len < PATH_MAX;
}

int locate_open(const struct tracees *tracees, struct tracee *t, const struct request *q,
		int flags)
{
	int fd = -ENOENT;

	if (t->resolve && q->raw)
		return open_restricted(t, q, flags);
	if (!q->unnamed && q->len < PATH_MAX)
		fd = open_name(tracees, t, q, flags);
	/* The name may have changed under it, what it is relative to has not. */
	if (fd == -ENOENT && q->raw && q->raw[0] != '/')
		fd = open_below_dir(t, q, flags);
	return fd;
}

int locate_own(int fd, char *out, size_t size)
{
	char name[32];
	bool unnamed;
	int n;

	snprintf(name, sizeof(name), "fd/%d", fd);
	n = read_link(getpid(), name, out, size, &unnamed);
	return n >= 0 && unnamed ? -ENOENT : n;
}

int locate_object(const struct tracees *tracees, struct tracee *t, const struct request *q,
		  char *out, size_t size)
{
	cleanup_fd int fd = locate_open(tracees, t, q, O_PATH);

	return fd < 0 ? fd : locate_own(fd, out, size);
}
