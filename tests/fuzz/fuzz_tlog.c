// SPDX-License-Identifier: Apache-2.0
/* fuzz_tlog.c - any bytes as a log: read, printed, the print parsed again; its seccomp profile */
#include "fuzz.h"
#include "logtext.h"
#include "profile.h"

static void make_profile(const uint8_t *data, size_t size)
{
	struct profile p = { 0 };
	size_t n_unknown;

	if (profile_add(&p, data, size) < 0)
		return;
	json_free(profile_json(&p, &n_unknown));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text, *log;
	size_t text_len, log_len, line;
	FILE *out = open_memstream(&text, &text_len);

	if (!out)
		abort();
	make_profile(data, size);
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
