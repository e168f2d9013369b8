// SPDX-License-Identifier: Apache-2.0
/*
 * fdroom.h - descriptors that are kept for long leave some to the rest of the tracer
 */
#pragma once

#include "base.h"

/* fd, or -EMFILE (it is closed) if few are left. -errno is handed on. */
int fdroom_keep(int fd) MUST_CHECK;
