// SPDX-License-Identifier: Apache-2.0
/*
 * catlogs.h - the verbs for getting logs out of a container that has neither tar nor a shell
 *
 * What is sent is in docs/tlog-format.md, 8. Both return the exit status.
 */
#pragma once

#include "settings.h"

/*
 * Sends the logs of the log directory on stdout, whole frames only, also while they are written.
 * stdin (unless it is a terminal) says what the reader has: lines "SIZE NAME"; of those only
 * what came since is sent. Prints the error.
 */
int catlogs_run(const struct settings *s);
/* Does nothing until SIGTERM, SIGINT or SIGHUP: holds a container open for catlogs. */
int catlogs_wait(const struct settings *s);
