// SPDX-License-Identifier: Apache-2.0
/*
 * errand.h - what is done while the application runs: --exec inside, --drive outside
 *
 * 0 when it was done; -EINTR after a signal (told, no error); -ETIME when the limit ended a
 * drive; -ESRCH when the application ended before, and s->outstanding is set; another -errno
 * after a printed error.
 */
#pragma once

#include "session.h"

/* Runs all execs of the request in order; the first is tried again until it succeeds. */
int errand_execs(struct session *s) MUST_CHECK;
/* Runs the drive with the container's id and address in its environment. */
int errand_drive(struct session *s) MUST_CHECK;
/* Tells that the run is being stopped by a signal; -EINTR. */
int errand_interrupted(struct session *s);
