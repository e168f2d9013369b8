// SPDX-License-Identifier: Apache-2.0
/* fuzz_logtext.c - any text as the text form of a log */
#include "fuzz.h"
#include "logtext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *log;
	size_t len, line;

	if (logtext_parse((const char *)data, size, &log, &len, &line) == 0)
		free(log);
	return 0;
}
