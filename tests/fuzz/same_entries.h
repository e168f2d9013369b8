// SPDX-License-Identifier: Apache-2.0
/* same_entries.h - whether tar_read.c and libarchive alone tell the same of a tar */
#pragma once

#include "tar.h"

/*
 * Reads all entries of the range both ways, with the first bytes of each file. True if all is
 * the same, or both find it broken at the same entry; else prints what differs.
 */
bool same_entries(const struct range *range);
