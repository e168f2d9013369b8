// SPDX-License-Identifier: Apache-2.0
/* fuzz_tlog.c - any bytes as a log: read, printed, the print parsed again */
#include "fuzz.h"
#include "logtext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text, *log;
	size_t text_len, log_len, line;
	FILE *out = open_memstream(&text, &text_len);

	if (!out)
		abort();
	if (logtext_dump(data, size, false, out) == 0) {
		fclose(out);
		/* What we print we must be able to read. */
		if (logtext_parse(text, text_len, &log, &log_len, &line) < 0)
			abort();
		free(log);
	} else {
		fclose(out);
	}
	free(text);
	return 0;
}
