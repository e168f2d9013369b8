// SPDX-License-Identifier: Apache-2.0
/*
 * tar_archive.h - entries as libarchive reads them; for tar_read.c, which reads the plain ones
 *
 * The same contract as tar_open(), tar_next() and so on in tar.h.
 */
#pragma once

#include "tar.h"

struct tar_archive;

int tar_archive_open(const struct range *range, struct tar_archive **archive) MUST_CHECK;
int tar_archive_next(struct tar_archive *archive, struct tar_entry *entry) MUST_CHECK;
ssize_t tar_archive_read(struct tar_archive *archive, void *buf, size_t size) MUST_CHECK;
const char *tar_archive_reason(const struct tar_archive *archive);
void tar_archive_close(struct tar_archive *archive);
