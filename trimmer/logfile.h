// SPDX-License-Identifier: Apache-2.0
/*
 * logfile.h - finding and opening logs: files, directories, text
 *
 * A log is a binary trace log (tlog.h), its text mirror (logtext.h), or a plain list of
 * absolute paths, one a line ("#" lines and empty ones are passed over): told apart by their
 * first bytes. A directory stands for all *.tlog files below it, in byte order.
 */
#pragma once

#include "tlog.h"

struct logfile {
	char *name; /* host path, for messages */
	char *data; /* binary log, converted where it was text */
	size_t len;
	bool plain; /* made from a plain list: header without arch and image */
};

/*
 * Calls each(arg, file) for every log that args name, in that order; each may keep file->data
 * by setting it to NULL. Prints errors; the first one ends it. -ENOENT for a directory
 * without logs.
 */
int logfile_each(char *const args[], size_t n_args,
		 int (*each)(void *arg, struct logfile *file), void *arg) MUST_CHECK;
/* Reads one file. Prints the error. */
int logfile_read(const char *host_path, struct logfile *file) MUST_CHECK;
void logfile_fini(struct logfile *file);
