// SPDX-License-Identifier: Apache-2.0
/*
 * losses.c - notes to counts, counts to JSON
 *
 * In: the notes of runs. Out: sums. Never judges whether a log may be used: access.c does.
 */
#include "losses.h"

static const struct {
	const char *key;
	enum tlog_note code;
	const char *text; /* of the note; NULL: any */
	size_t offset;
} rows[] = {
	{ "unreadable", TLOG_NOTE_UNREADABLE, NULL, offsetof(struct losses, unreadable) },
	{ "lost", TLOG_NOTE_LOST, NULL, offsetof(struct losses, lost) },
	{ "setid", TLOG_NOTE_SETID, NULL, offsetof(struct losses, setid) },
	{ "io_uring", TLOG_NOTE_IO_URING, TLOG_IO_URING_ALLOWED,
	  offsetof(struct losses, io_uring) },
};

void losses_add(struct losses *losses, const struct tlog_record *note)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (note->code == rows[i].code &&
		    (!rows[i].text || strcmp(note->text, rows[i].text) == 0))
			*(uint64_t *)((char *)losses + rows[i].offset) += note->count;
}

void losses_json(const struct losses *losses, struct json *object)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		json_set(object, rows[i].key,
			 json_new_size(
				 *(const uint64_t *)((const char *)losses + rows[i].offset)));
}
