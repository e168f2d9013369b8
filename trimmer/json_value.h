// SPDX-License-Identifier: Apache-2.0
/*
 * json_value.h - what a JSON value is made of; only json*.c and yamldoc*.c look inside
 */
#pragma once

#include "json.h"

struct json_item {
	char *key;	     /* NULL in an array */
	struct span key_src; /* as it was spelt, quotes included */
	struct json *value;
};

struct json {
	struct json *parent;
	struct span src; /* its bytes in the document; data NULL: changed or made */
	char *document;	 /* text that src of this value and those below point into; owned */
	char *text;	 /* JSON_STRING decoded, JSON_NUMBER as written */
	struct json_item *items;
	uint32_t n, cap;
	uint8_t type; /* enum json_type */
	bool yes;
};

struct json *json_new(enum json_type type);
/* Appends without marking anything as changed; takes key and value. */
void json_put(struct json *parent, char *key, struct span key_src, struct json *value);
