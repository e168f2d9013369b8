// SPDX-License-Identifier: Apache-2.0
/*
 * program.c - what an execve(2) opened without a system call
 *
 * In: a request, after its success. Out: records. The file's head tells its interpreter, whose
 * head may tell another; the last is ELF with a dynamic loader, or nothing we know (then
 * binfmt_misc chose). /proc/PID/exe is what the kernel runs in the end: what the chain did not
 * name is recorded from there.
 */
#include "program.h"
#include "elfinfo.h"
#include "locate.h"
#include "rights.h"
#include "status.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

/* The kernel follows five (BINPRM_BUF_SIZE and depth in fs/exec.c). */
#define CHAIN_MAX 6

struct chain {
	struct journal *j;
	const struct tracees *tracees;
	struct tracee *t;
	uint32_t by;	       /* for the interpreters: the executed file */
	bool simple;	       /* no script, and it is the file that runs */
	char last[LOCATE_MAX]; /* object of the last file, "" unknown */
};

/* Records a request and what it leads to; returns its id. Sets c->last. */
static uint32_t put_file(struct chain *c, const struct request *q, uint32_t by)
{
	uint32_t id = 0;
	int n = locate_object(c->tracees, c->t, q, c->last, sizeof(c->last));

	if (!q->unnamed && !locate_hidden(q->abs))
		id = journal_put(c->j, q->abs, q->len, q->ops, by, 0);
	if (n < 0)
		c->last[0] = '\0';
	else if ((!id || strcmp(c->last, q->abs) != 0) && !locate_hidden(c->last))
		n = (int)journal_put(c->j, c->last, (size_t)n, q->ops | TLOG_RESOLVED, by, id);
	return id ? id : (n > 0 ? (uint32_t)n : 0);
}

/* The interpreter of an open program file: 1 and *interp, *script; 0 none. */
static int read_interp(int fd, char **interp, bool *script)
{
	char head[SHEBANG_MAX];
	char *arg = NULL;
	ssize_t n = pread(fd, head, sizeof(head), 0);

	*interp = NULL;
	*script = n > 0 && shebang_parse(head, (size_t)n, interp, &arg) > 0;
	free(arg);
	if (*script)
		return 1;
	return elf_read_interp(fd, interp) == 0 && *interp;
}

/* Only regular files are programs; never wait for anything else. fd is taken. */
static int only_regular(int fd)
{
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	return -EACCES;
}

static int open_file(const struct chain *c, const struct request *q)
{
	return locate_open(c->tracees, c->t, q, O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

static int open_program(const struct chain *c, const struct request *q)
{
	int fd = open_file(c, q);

	return only_regular(fd >= 0 ? fd
				    : rights_open(c->t->pid, "exe", O_RDONLY | O_NONBLOCK));
}

/* A request for an interpreter named raw; false if it has no name we can make. */
static bool interp_request(struct chain *c, char *raw, struct request *q)
{
	char abs[LOCATE_MAX];
	int n;

	*q = (struct request) {
		.ops = TLOG_INTERP, .follow = true, .dir = AT_FDCWD, .raw = raw
	};
	n = locate_name(c->tracees, c->t, AT_FDCWD, raw, abs, sizeof(abs), &q->unnamed);
	if (n < 0)
		return false;
	q->abs = strdup(abs);
	q->len = (size_t)n;
	return q->abs;
}

/* Follows the chain from an open file (taken). */
static void follow(struct chain *c, int fd)
{
	for (int depth = 0; fd >= 0 && depth < CHAIN_MAX; depth++) {
		struct request q;
		char *raw;
		bool script;
		int found = read_interp(fd, &raw, &script);

		close(fd);
		fd = -1;
		if (!found)
			return;
		if (interp_request(c, raw, &q)) {
			if (script) {
				c->simple = false;
				put_file(c, &q, c->by);
				fd = open_program(c, &q);
			} else {
				/* The loader is no program of /proc/PID/exe: keep c->last. */
				char last[LOCATE_MAX];

				memcpy(last, c->last, strlen(c->last) + 1);
				put_file(c, &q, c->by);
				memcpy(c->last, last, strlen(last) + 1);
			}
		}
		free(q.abs);
		free(raw);
	}
	if (fd >= 0)
		close(fd);
}

/* ---- what cannot be executed --------------------------------------------------------------- */

/* Opens the interpreter q if it is to be read in turn; records it if it is not there. */
static int open_interp(struct chain *c, const struct request *q, bool script)
{
	cleanup_fd int fd = locate_open(c->tracees, c->t, q, O_PATH);

	if (fd == -ENOENT && !q->unnamed && !locate_hidden(q->abs))
		journal_miss(c->j, q->abs, q->len, c->by);
	return fd >= 0 && script ? only_regular(open_file(c, q)) : -1;
}

void program_lack(struct journal *j, const struct tracees *tracees, struct tracee *t,
		  const struct request *q, uint32_t by)
{
	struct chain c = { .j = j, .tracees = tracees, .t = t, .by = by };
	int fd = only_regular(open_file(&c, q));

	for (int depth = 0; fd >= 0 && depth < CHAIN_MAX; depth++) {
		struct request interp = { 0 };
		bool script;
		char *raw;
		int found = read_interp(fd, &raw, &script);

		close(fd);
		fd = -1;
		if (found && interp_request(&c, raw, &interp))
			fd = open_interp(&c, &interp, script);
		free(interp.abs);
		free(raw);
	}
	if (fd >= 0)
		close(fd);
}

/* ---- what was executed --------------------------------------------------------------------- */

/* What really runs, if the chain did not come to it. */
static uint32_t put_exe(struct chain *c, uint32_t ops)
{
	char exe[LOCATE_MAX];
	ssize_t n = rights_readlink(c->t->pid, "exe", exe, sizeof(exe) - 1);
	struct stat st;

	if (n > 0)
		exe[n] = '\0';
	if (n > 0 && strcmp(exe, c->last) == 0)
		return 0;
	c->simple = false;
	if (n <= 0 || exe[0] != '/' || locate_hidden(exe) || lstat(exe, &st) < 0)
		return 0;
	return journal_put(c->j, exe, (size_t)n, ops | TLOG_RESOLVED, c->by, c->by);
}

/* True if the file's set-id bits or capabilities are without effect on t. */
static bool privilege_missing(const struct tracee *t, int fd, const struct stat *st)
{
	long euid = status_number_at(t->pid, "Uid", 1, -1);
	long egid = status_number_at(t->pid, "Gid", 1, -1);

	if (euid < 0 || egid < 0)
		return false; /* it has ended */
	if (st->st_mode & S_ISUID && euid != (long)st->st_uid)
		return true;
	if ((st->st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
	    egid != (long)st->st_gid)
		return true;
	return euid != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

/*
 * A tracer that may not trace across a gain of privilege takes it away (execve(2)). A mount
 * without set-id and no_new_privs do that too, traced or not.
 */
static void note_setid(struct chain *c, int fd, const char *name)
{
	struct statvfs fs;
	struct stat st;

	if (rights_capable(CAP_SYS_PTRACE) || fstat(fd, &st) < 0 ||
	    !privilege_missing(c->t, fd, &st))
		return;
	if (fstatvfs(fd, &fs) < 0 || fs.f_flag & ST_NOSUID ||
	    (!c->tracees->set_no_new_privs && status_number(c->t->pid, "NoNewPrivs", 0)))
		return;
	journal_note(c->j, TLOG_NOTE_SETID, name);
}

/* ---- what is executed again ------------------------------------------------------------ */

/* Whose privilege is missing is noted each time. */
static bool may_have_privilege(const char *abs, const struct stat *st)
{
	return st->st_mode & (S_ISUID | S_ISGID) ||
	       getxattr(abs, "security.capability", NULL, 0) > 0;
}

static bool is_remembered(const struct program_memory *memory, const struct tracees *tracees,
			  uint32_t id, const struct stat *st)
{
	size_t i = id % PROGRAM_MEMORY;

	return id && memory->programs[i].id == id && memory->programs[i].ino == st->st_ino &&
	       memory->programs[i].dev == st->st_dev && !tracees->movers &&
	       memory->programs[i].moves == tracees->moves &&
	       memory->programs[i].changed.tv_sec == st->st_ctim.tv_sec &&
	       memory->programs[i].changed.tv_nsec == st->st_ctim.tv_nsec;
}

static void remember(struct program_memory *memory, const struct chain *c, uint32_t id,
		     const char *abs, const struct stat *st)
{
	size_t i = id % PROGRAM_MEMORY;

	if (!id || !c->simple || !journal_whole(c->j) || may_have_privilege(abs, st))
		return;
	memory->programs[i].id = id;
	memory->programs[i].moves = c->tracees->moves;
	memory->programs[i].dev = st->st_dev;
	memory->programs[i].ino = st->st_ino;
	memory->programs[i].changed = st->st_ctim;
}

/* Records q, its chain and what runs. */
static uint32_t record_all(struct chain *c, const struct request *q, uint32_t by)
{
	uint32_t id = put_file(c, q, by);
	int fd = open_program(c, q);

	c->by = id;
	if (fd < 0) {
		journal_note(c->j, TLOG_NOTE_UNREADABLE, q->abs);
	} else {
		note_setid(c, fd, q->abs);
		follow(c, fd);
	}
	/* Asked for by a link of /proc that is gone: what runs is all that is known. */
	if (!id)
		return put_exe(c, TLOG_EXEC);
	put_exe(c, TLOG_INTERP);
	return id;
}

/* The file that q's name leads to now, if that is what t finds by it. */
static bool find_plain(const struct tracees *tracees, struct tracee *t, const struct request *q,
		       struct stat *st)
{
	return q && q->abs && q->raw && locate_is_plain(tracees, t, q) && stat(q->abs, st) == 0;
}

uint32_t program_known(const struct program_memory *memory, struct journal *j,
		       const struct tracees *tracees, struct tracee *t, const struct request *q)
{
	uint32_t id = q && q->abs ? journal_id(j, q->abs, q->len, q->ops) : 0;
	struct stat st;

	return id && find_plain(tracees, t, q, &st) && is_remembered(memory, tracees, id, &st)
		       ? id
		       : 0;
}

uint32_t program_record(struct program_memory *memory, struct journal *j,
			const struct tracees *tracees, struct tracee *t,
			const struct request *q, uint32_t by)
{
	struct chain c;
	struct stat st;
	uint32_t id;
	bool plain;

	c.j = j;
	c.tracees = tracees;
	c.t = t;
	c.by = by;
	c.last[0] = '\0';
	c.simple = true;
	if (!q || !q->abs)
		return put_exe(&c, TLOG_EXEC);
	plain = find_plain(tracees, t, q, &st);
	id = record_all(&c, q, by);
	if (plain)
		remember(memory, &c, id, q->abs, &st);
	return id;
}
