// SPDX-License-Identifier: Apache-2.0
/* fuzz_json.c - any text as JSON; what is accepted comes out byte for byte */
#include "fuzz.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json *value, *again;
	char *reason, *text;
	size_t len;

	if (json_parse((const char *)data, size, JSON_MAX_CONFIG, &value, &reason) < 0) {
		free(reason);
		return 0;
	}
	if (json_type(value) == JSON_OBJECT)
		json_set_text(value, "added", "\"\n");
	text = json_write(value, &len);
	json_free(value);
	if (json_parse(text, len, JSON_MAX_CONFIG + 64, &again, &reason) < 0)
		abort();
	json_free(again);
	free(text);
	return 0;
}
