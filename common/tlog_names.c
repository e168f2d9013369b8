// SPDX-License-Identifier: Apache-2.0
/*
 * tlog_names.c - words for the bits and codes of a log
 *
 * In: numbers or words. Out: the other. The tables are the text form's vocabulary.
 */
#include "tlog.h"

#include <stdio.h>

static const char *const op_names[TLOG_N_OPS] = {
	"exec",	 "interp", "read",   "write",  "stat",	  "lstat",    "link", "list",
	"enter", "create", "remove", "change", "connect", "resolved", "miss",
};

static const char *const note_names[] = {
	[TLOG_NOTE_UNREADABLE] = "unreadable",
	[TLOG_NOTE_LOST] = "lost",
	[TLOG_NOTE_SETID] = "setid",
	[TLOG_NOTE_IO_URING] = "io_uring",
	[TLOG_NOTE_NAMESPACE] = "namespace",
	[TLOG_NOTE_UNKNOWN_CALL] = "unknown-call",
	[TLOG_NOTE_EXIT] = "exit",
	[TLOG_NOTE_DAMAGED] = "damaged",
	[TLOG_NOTE_SYSCALL] = "syscall",
	[TLOG_NOTE_MISSES] = "misses",
};

void tlog_ops_format(uint32_t ops, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned int i = 0; i < TLOG_N_OPS && n < size; i++)
		if (ops & 1u << i)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "," : "",
					      op_names[i]);
}

uint32_t tlog_ops_parse(const char *text)
{
	uint32_t ops = 0;

	for (;;) {
		size_t len = strcspn(text, ",");
		unsigned int i;

		for (i = 0; i < TLOG_N_OPS; i++)
			if (strlen(op_names[i]) == len && memcmp(op_names[i], text, len) == 0)
				break;
		if (i == TLOG_N_OPS)
			return 0;
		ops |= 1u << i;
		if (!text[len])
			return ops;
		text += len + 1;
	}
}

const char *tlog_note_name(unsigned int code)
{
	return code < ARRAY_SIZE(note_names) ? note_names[code] : NULL;
}

unsigned int tlog_note_parse(const char *name)
{
	for (unsigned int i = 1; i < ARRAY_SIZE(note_names); i++)
		if (strcmp(note_names[i], name) == 0)
			return i;
	return 0;
}

const char *tlog_field_get(const struct tlog_field *fields, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].key, key) == 0)
			return fields[i].value;
	return NULL;
}

bool tlog_name_valid(const char *name)
{
	static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.";
	size_t len = strlen(name), suffix = strlen(TLOG_SUFFIX);

	return len > suffix && len <= PATH_NAME_MAX && name[0] != '.' &&
	       strspn(name, plain) == len && strcmp(name + len - suffix, TLOG_SUFFIX) == 0;
}
