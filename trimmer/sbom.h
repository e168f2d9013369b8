// SPDX-License-Identifier: Apache-2.0
/*
 * sbom.h - a software bill of materials: the packages and files of an image
 *
 * What the image holds, not what it was made from: of a trimmed image what is left. Packages are
 * those that dpkg's and apk's databases name.
 */
#pragma once

#include "digest.h"
#include "json.h"
#include "packages.h"
#include "pkginfo.h"

#define SBOM_NO_PACKAGE SIZE_MAX

struct sbom_file {
	char *path;	/* absolute */
	size_t package; /* in infos, or SBOM_NO_PACKAGE */
	char sha1[DIGEST_HEX_SIZE], sha256[DIGEST_HEX_SIZE];
};

struct sbom {
	const struct image *image;
	struct pkginfos infos;
	struct sbom_file *files; /* regular ones, in byte order of their paths */
	size_t n_files, files_cap;
	char *os_id, *os_version, *os_name; /* of os-release, or NULL */
	char created[21];		    /* "2020-01-01T00:00:00Z" */
};

/* Reads and hashes all. Prints the error. sbom_fini() also on failure. */
int sbom_read(struct sbom *sbom, struct image *image) MUST_CHECK;
void sbom_fini(struct sbom *sbom);

/* SPDX 2.3 and CycloneDX 1.5; same input, same bytes. */
struct json *sbom_spdx(const struct sbom *sbom);
struct json *sbom_cyclonedx(const struct sbom *sbom);

/* ---- sbom_*.c's doors to each other -------------------------------------------------------- */

/* "pkg:deb/debian/bash@5.2.15-2?arch=amd64"; the caller frees. */
char *sbom_purl(const struct sbom *sbom, const struct pkginfo *info);
/*
 * The SPDX identifier of a licence by one of its names (Debian's short names, too), or NULL if
 * we know none.
 */
const char *sbom_licence_id(const char *name);
