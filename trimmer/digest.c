// SPDX-License-Identifier: Apache-2.0
/*
 * digest.c - SHA-256 through libcrypto's EVP, which picks the CPU's instructions
 *
 * In: bytes. Out: "sha256:" and hex. Never fails: libcrypto refusing SHA-256 is a broken
 * system, not an input, so it aborts.
 */
#include "digest.h"
#include "diag.h"

#include <openssl/evp.h>

static void must(int ok)
{
	if (ok == 1)
		return;
	diag_error("libcrypto cannot compute hashes");
	abort();
}

static void init(struct digest *d, const EVP_MD *kind)
{
	d->ctx = EVP_MD_CTX_new();
	must(d->ctx != NULL);
	must(EVP_DigestInit_ex(d->ctx, kind, NULL));
}

void digest_init(struct digest *d)
{
	init(d, EVP_sha256());
}

void digest_init_sha1(struct digest *d)
{
	init(d, EVP_sha1());
}

void digest_update(struct digest *d, const void *data, size_t len)
{
	must(EVP_DigestUpdate(d->ctx, data, len));
}

void digest_final_hex(struct digest *d, char hex[DIGEST_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned int n;

	must(EVP_DigestFinal_ex(d->ctx, raw, &n));
	digest_fini(d);
	for (unsigned int i = 0; i < n; i++) {
		*hex++ = digits[raw[i] >> 4];
		*hex++ = digits[raw[i] & 15];
	}
	*hex = '\0';
}

void digest_final(struct digest *d, struct digest_text *out)
{
	memcpy(out->text, DIGEST_PREFIX, strlen(DIGEST_PREFIX));
	digest_final_hex(d, out->text + strlen(DIGEST_PREFIX));
}

void digest_fini(struct digest *d)
{
	EVP_MD_CTX_free(d->ctx);
	d->ctx = NULL;
}

void digest_of(const void *data, size_t len, struct digest_text *out)
{
	struct digest d;

	digest_init(&d);
	digest_update(&d, data, len);
	digest_final(&d, out);
}

bool digest_valid(const char *text)
{
	if (!text || strlen(text) != DIGEST_TEXT_LEN ||
	    strncmp(text, DIGEST_PREFIX, strlen(DIGEST_PREFIX)) != 0)
		return false;
	return strspn(text + strlen(DIGEST_PREFIX), "0123456789abcdef") ==
	       DIGEST_TEXT_LEN - strlen(DIGEST_PREFIX);
}

const char *digest_hex(const char *text)
{
	return text + strlen(DIGEST_PREFIX);
}
