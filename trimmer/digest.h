// SPDX-License-Identifier: Apache-2.0
/*
 * digest.h - SHA-256 in the form the image specifications write it; the door to libcrypto
 *
 * Source: OCI image-spec descriptor.md, "sha256:" and 64 lower-case hex digits.
 */
#pragma once

#include "base.h"

#define DIGEST_PREFIX	"sha256:"
#define DIGEST_TEXT_LEN 71 /* "sha256:" and 64 digits */

struct digest_text {
	char text[DIGEST_TEXT_LEN + 1];
};

struct digest {
	void *ctx;
};

void digest_init(struct digest *d);
/* The same with SHA-1, which SPDX demands: no proof of anything. */
void digest_init_sha1(struct digest *d);
void digest_update(struct digest *d, const void *data, size_t len);
/* Gives the text and releases d. */
void digest_final(struct digest *d, struct digest_text *out);
/* The hex digits alone, of either kind; releases d. */
#define DIGEST_HEX_SIZE 65
void digest_final_hex(struct digest *d, char hex[DIGEST_HEX_SIZE]);
void digest_fini(struct digest *d);
void digest_of(const void *data, size_t len, struct digest_text *out);
/* True if text is "sha256:" and 64 lower-case hex digits, nothing else. */
bool digest_valid(const char *text);
/* The hex digits of a valid digest. */
const char *digest_hex(const char *text);
