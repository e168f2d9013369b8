// SPDX-License-Identifier: Apache-2.0
/*
 * choice.h - which engine traces here, and why that one
 */
#pragma once

#include "settings.h"

struct choice {
	bool listens;	    /* the notify engine, else ptrace */
	bool filters;	    /* a seccomp filter is installed: else plain */
	bool all;	    /* ... which stops each call */
	bool no_new_privs;  /* it needs this to be set first */
	const char *engine; /* "notify", "ptrace" or "plain" */
	char why[128];	    /* in words; and why not one before it */
};

/*
 * Tries what the settings allow. -errno, without a message, if they ask for what is not to be
 * had: why says what. Then the rest says plain. refused: the errno that a listener was refused
 * with, 0 if none was.
 */
int choice_make(const struct settings *s, int refused, struct choice *c) MUST_CHECK;
