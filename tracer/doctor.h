// SPDX-License-Identifier: Apache-2.0
/*
 * doctor.h - says what of the tracer works in this place, before anything is recorded
 *
 * Nothing is left behind: each probe is made by a child that ends at once.
 */
#pragma once

#include "settings.h"

/* Prints what it finds on stdout. Returns the exit status: 0 when recording will work. */
int doctor_run(const struct settings *s);
