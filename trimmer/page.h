// SPDX-License-Identifier: Apache-2.0
/*
 * page.h - the page of `imagetrim report`: one HTML file that needs nothing else
 *
 * What it looks like and does is web/; assembled at build time with the libraries it uses, it is
 * part of the program. Here only the data goes in: compressed and as base64, so that no name in
 * it can be taken for HTML.
 */
#pragma once

#include "json.h"

/* False if imagetrim was built where the page's libraries were not installed. */
bool page_available(void);
/* Writes the page that shows data. 0 or -errno. */
int page_write(const struct json *data, int fd) MUST_CHECK;

/* ---- made by web/assemble.py -------------------------------------------------------------- */

extern const char page_head[], page_tail[]; /* around the data; empty if not available */
extern const size_t page_head_len, page_tail_len;
