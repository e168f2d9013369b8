// SPDX-License-Identifier: Apache-2.0
/*
 * locate.h - from what a process passed to an absolute name, and to the object behind it
 *
 * Names are absolute in the tracer's (the container's) root: a chrooted process's /x is
 * /its/root/x. They are joined, never folded, and links are not followed. Objects are what the
 * kernel says a descriptor or a look-up of our own led to.
 */
#pragma once

#include "tracee.h"
#include "tlog.h"

#define LOCATE_MAX (TLOG_PATH_MAX + 1)

/*
 * The name of raw relative to dir (a descriptor of t, or AT_FDCWD). Returns its length.
 * *unnamed: the directory was removed, so that the name is none. -errno: nobody knows.
 */
int locate_name(const struct tracees *tracees, struct tracee *t, int dir, const char *raw,
		char *out, size_t size, bool *unnamed) MUST_CHECK;

/* The object behind descriptor fd (AT_FDCWD: the working directory). Its length or -errno. */
int locate_descriptor(const struct tracees *tracees, struct tracee *t, int fd, char *out,
		      size_t size, bool *unnamed) MUST_CHECK;

/*
 * True if the tracer finds by q's name what t finds: no other root, nothing that means the one
 * who looks, nothing mounted over what it is relative to.
 */
bool locate_is_plain(const struct tracees *tracees, struct tracee *t, const struct request *q);

/* The object behind a descriptor of our own. */
int locate_own(int fd, char *out, size_t size) MUST_CHECK;

/*
 * Looks at what a request leads to now: its length or -errno. Without a look at the file
 * system: no side effects (O_PATH). *is_dir may be NULL.
 */
int locate_object(const struct tracees *tracees, struct tracee *t, const struct request *q,
		  char *out, size_t size) MUST_CHECK;
/* Opens it, with these flags; for reading programs. The descriptor or -errno. */
int locate_open(const struct tracees *tracees, struct tracee *t, const struct request *q,
		int flags) MUST_CHECK;

/* t has changed its directory by chdir(abs); abs is used if the kernel does not tell. */
void locate_set_cwd(const struct tracees *tracees, struct tracee *t, const char *abs);
/* Names of directories may have changed, everywhere. */
void locate_moved(struct tracees *tracees);

/*
 * t opens a directory, and nobody will tell its descriptor; or all that t has open are to be
 * remembered, because soon /proc will not tell them.
 */
void locate_note_dir(const struct tracees *tracees, struct tracee *t, const struct request *q);
void locate_note_dirs(struct tracee *t);
/*
 * What fd was opened as, when /proc does not say; raw, if not NULL, is asked for below it. NULL:
 * nobody knows.
 */
const char *locate_known_dir(const struct tracee *t, int fd, const char *raw);

/* Soon /proc may not tell where t stands: it is read now, if it is not known. */
void locate_places(const struct tracees *tracees, struct tracee *t);

/* Pseudo file systems and our own directory: never names of an image. */
bool locate_hidden(const char *abs);
/* The root of t in the tracer's view, "/" mostly. */
const char *locate_root(const struct tracees *tracees, struct tracee *t);
