// SPDX-License-Identifier: Apache-2.0
/*
 * settings.h - what the user asks: options, each also by environment, and the command
 */
#pragma once

#include "base.h"

struct settings {
	const char *log_dir;
	const char *image;	  /* config digest, NULL unknown */
	const char *name;	  /* stem of the log's name, NULL: the command's */
	const char *on_log_error; /* "continue" or "fail" */
	const char *engine;	  /* "auto", "notify", "ptrace" or "plain" */
	const char *no_new_privs; /* "auto", "yes" or "no": may it be set */
	bool allow_io_uring;	  /* though its opens are not seen */
	bool misses;		  /* record what was looked for and not found, too */
	bool syscalls;		  /* record which system calls are made, too */
	bool help, version;
	char **command; /* within argv; NULL-terminated */
};

/* Borrows argv and the environment. -EINVAL after a printed error. */
int settings_read(struct settings *s, char **argv) MUST_CHECK;
bool settings_log_must_work(const struct settings *s);
/* On stdout, within 80 columns. */
void settings_help(void);
/*
 * What could stand at the last of the words, for the shells: an option or a value of one, a tab and
 * words about it; then ":4", or ":0" where files fit, too (the form of the Go library cobra).
 */
void settings_complete(char *const words[]);
