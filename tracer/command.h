// SPDX-License-Identifier: Apache-2.0
/*
 * command.h - finding the command as a container runtime would
 */
#pragma once

#include "base.h"

/* Exit statuses of the shell and of container runtimes. */
#define COMMAND_FAILED	     125 /* the tracer itself */
#define COMMAND_NOT_RUNNABLE 126
#define COMMAND_NOT_FOUND    127

/*
 * The file to execute: name itself if it holds a '/', else the first executable one in the
 * directories of PATH (the runtimes' default if that is not set). The caller frees *file.
 * -ENOENT: there is none. -EACCES: there is, but it may not be executed.
 */
int command_find(const char *name, char **file) MUST_CHECK;
/* Prints why a command was not found or not executed; returns the exit status for that. */
int command_refuse(int err, const char *name);
