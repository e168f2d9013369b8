// SPDX-License-Identifier: Apache-2.0
/*
 * page.c - data into the page
 *
 * In: JSON. Out: the page's bytes. Never looks into either.
 */
#include "page.h"
#include "compress.h"

bool page_available(void)
{
	return page_head_len > 0;
}

/* RFC 4648, 4. The caller frees. */
static char *base64(const char *data, size_t len, size_t *text_len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = xmalloc((len + 2) / 3 * 4), *out = text;

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t bits = (uint32_t)(unsigned char)data[i] << 16;

		if (left > 1)
			bits |= (uint32_t)(unsigned char)data[i + 1] << 8;
		if (left > 2)
			bits |= (unsigned char)data[i + 2];
		*out++ = digits[bits >> 18];
		*out++ = digits[bits >> 12 & 63];
		*out++ = left > 1 ? digits[bits >> 6 & 63] : '=';
		*out++ = left > 2 ? digits[bits & 63] : '=';
	}
	*text_len = (size_t)(out - text);
	return text;
}

int page_write(const struct json *data, int fd)
{
	size_t len, packed_len, text_len;
	cleanup_free char *json = json_write(data, &len);
	cleanup_free char *packed = compress_whole(json, len, &packed_len);
	cleanup_free char *text = base64(packed, packed_len, &text_len);
	int r = write_all(fd, page_head, page_head_len);

	if (r == 0)
		r = write_all(fd, text, text_len);
	return r == 0 ? write_all(fd, page_tail, page_tail_len) : r;
}
