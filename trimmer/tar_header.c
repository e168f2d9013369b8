// SPDX-License-Identifier: Apache-2.0
/*
 * tar_header.c - one tar header, or the records before it
 *
 * In: hostile blocks. Out: an entry, or that it is strange. Never guesses: a number that is not
 * all octal digits, a record it does not know, a name given twice are strange.
 *
 * libarchive gives the same entries (tests/unit/test_tar_readers.c and the fuzz target "layer"
 * compare), but converts each name through the locale and back: 1.7 of the 2 µs of an entry.
 */
#include "tar_header.h"
#include "path.h"

#include <limits.h>

#define XATTR_MAX    (64u << 10) /* XATTR_SIZE_MAX of Linux */
#define XATTR_PREFIX "SCHILY.xattr."

/* Where the fields of a header are. */
enum {
	NAME = 0,
	MODE = 100,
	UID = 108,
	GID = 116,
	SIZE = 124,
	MTIME = 136,
	CHECKSUM = 148,
	TYPE = 156,
	LINK = 157,
	MAGIC = 257,
	MAJOR = 329,
	MINOR = 337,
	PREFIX = 345,
	GNU_SPARSE = 386,
	STAR = 508,
};

void tar_header_begin(struct tar_header *h)
{
	h->entry = (struct tar_entry) { 0 };
	h->has_path = h->has_link = h->has_uid = h->has_gid = h->has_mtime = false;
}

void tar_header_fini(struct tar_header *h)
{
	free(h->xattrs);
}

/* ---- a block ------------------------------------------------------------------------------- */

/* Octal digits, then nothing but NULs and blanks to the end of the field. */
static bool take_octal(const char *field, size_t size, uint64_t *n)
{
	size_t i = 0;

	*n = 0;
	/* Most are: owners, numbers of devices. */
	if (size == 8 && memcmp(field, "0000000", 8) == 0)
		return true;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		*n = *n * 8 + (uint64_t)(field[i] - '0');
	if (!i)
		return false;
	while (i < size && (field[i] == '\0' || field[i] == ' '))
		i++;
	return i == size;
}

/* A loop that compilers turn into vector instructions, since its length is known. */
static uint32_t sum_of(const char block[TAR_RECORD])
{
	uint32_t sum = 0;

	for (size_t i = 0; i < TAR_RECORD; i++)
		sum += (unsigned char)block[i];
	return sum;
}

static bool sum_is_right(const char *block)
{
	uint32_t sum = sum_of(block);
	uint64_t want;

	for (size_t i = CHECKSUM; i < CHECKSUM + 8; i++) /* counts as blanks */
		sum += ' ' - (unsigned int)(unsigned char)block[i];
	return take_octal(block + CHECKSUM, 8, &want) && want == sum;
}

static bool is_zeros(const char *block)
{
	return block[0] == 0 && memcmp(block, block + 1, TAR_RECORD - 1) == 0;
}

/* What old GNU and star headers hold beyond ustar's fields must be nothing. */
static bool take_magic(const char *block, bool *has_prefix)
{
	*has_prefix = memcmp(block + MAGIC, "ustar\00000", 8) == 0;
	if (*has_prefix)
		return memcmp(block + STAR, "tar", 4) != 0;
	return memcmp(block + MAGIC, "ustar  ", 8) == 0 && block[GNU_SPARSE] == 0;
}

static bool take_names(struct tar_header *h, const char *block, bool has_prefix)
{
	size_t n = 0, len = strnlen(block + NAME, 100);

	if (has_prefix && block[PREFIX]) {
		n = strnlen(block + PREFIX, 155);
		memcpy(h->name, block + PREFIX, n);
		if (h->name[n - 1] == '/')
			return false;
		h->name[n++] = '/';
	}
	memcpy(h->name + n, block + NAME, len);
	h->name[n + len] = '\0';
	if (!h->has_path)
		h->entry.path = h->name;
	len = strnlen(block + LINK, 100);
	memcpy(h->link, block + LINK, len);
	h->link[len] = '\0';
	if (!h->has_link)
		h->entry.link = h->link;
	return h->entry.path[0] != '\0';
}

static bool take_numbers(struct tar_header *h, const char *block)
{
	uint64_t mode, uid, gid, mtime;
	struct tar_entry *e = &h->entry;

	if (!take_octal(block + MODE, 8, &mode) || !take_octal(block + UID, 8, &uid) ||
	    !take_octal(block + GID, 8, &gid) || !take_octal(block + SIZE, 12, &h->body) ||
	    !take_octal(block + MTIME, 12, &mtime))
		return false;
	e->mode = (uint32_t)mode & 07777;
	if (!h->has_uid)
		e->uid = (uint32_t)uid;
	if (!h->has_gid)
		e->gid = (uint32_t)gid;
	if (!h->has_mtime)
		e->mtime = (int64_t)mtime;
	return true;
}

/* Numbers of devices; in other entries old writers leave the fields empty. */
static bool take_device(struct tar_entry *e, const char *block, bool is_device)
{
	static const char empty[8];
	uint64_t major = 0, minor = 0;

	if ((is_device || memcmp(block + MAJOR, empty, 8) != 0) &&
	    !take_octal(block + MAJOR, 8, &major))
		return false;
	if ((is_device || memcmp(block + MINOR, empty, 8) != 0) &&
	    !take_octal(block + MINOR, 8, &minor))
		return false;
	e->major = is_device ? (uint32_t)major : 0;
	e->minor = is_device ? (uint32_t)minor : 0;
	return true;
}

static bool take_file(struct tar_header *h)
{
	h->entry.size = h->body;
	/* A name like "a/" is a directory to some readers. */
	return h->entry.path[strlen(h->entry.path) - 1] != '/';
}

static bool take_type(struct tar_header *h, const char *block)
{
	static const enum tar_type types[] = { TAR_FILE,  TAR_HARDLINK, TAR_SYMLINK, TAR_CHAR,
					       TAR_BLOCK, TAR_DIR,	TAR_FIFO };
	struct tar_entry *e = &h->entry;
	char c = block[TYPE];
	bool is_link = c == '1' || c == '2';

	if (c < '0' || c > '6')
		return false;
	e->type = types[c - '0'];
	if (is_link != (*e->link != '\0') || !take_device(e, block, c == '3' || c == '4'))
		return false;
	if (!is_link)
		e->link = NULL;
	if (c == '0')
		return take_file(h);
	return h->body == 0;
}

static enum tar_header_kind special(struct tar_header *h, const char *block)
{
	if (!take_octal(block + SIZE, 12, &h->body) || !h->body || h->body > TAR_BODY_MAX)
		return TAR_HEADER_STRANGE;
	switch (block[TYPE]) {
	case 'x':
		return TAR_HEADER_PAX;
	case 'L':
		return TAR_HEADER_NAME;
	default:
		return TAR_HEADER_LINK;
	}
}

enum tar_header_kind tar_header_take(struct tar_header *h, const char block[TAR_RECORD])
{
	bool has_prefix;

	if (is_zeros(block))
		return TAR_HEADER_END;
	if (!take_magic(block, &has_prefix) || !sum_is_right(block))
		return TAR_HEADER_STRANGE;
	if (block[TYPE] == 'x' || block[TYPE] == 'L' || block[TYPE] == 'K')
		return special(h, block);
	if (!take_names(h, block, has_prefix) || !take_numbers(h, block) ||
	    !take_type(h, block))
		return TAR_HEADER_STRANGE;
	h->entry.xattrs = h->xattrs;
	return TAR_HEADER_ENTRY;
}

/* ---- what precedes an entry ------------------------------------------------------------------ */

static bool take_decimal(const char *text, size_t len, uint64_t max, uint64_t *n)
{
	*n = 0;
	if (!len || len > 18)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*n = *n * 10 + (uint64_t)(text[i] - '0');
	}
	return *n <= max;
}

static bool set_text(const char **to, bool *has, const char *value, size_t len)
{
	if (*has || !len || len > PATH_ABS_MAX || memchr(value, '\0', len))
		return false;
	*to = value;
	*has = true;
	return true;
}

static bool set_owner(uint32_t *to, bool *has, const char *value, size_t len)
{
	uint64_t n;

	if (*has || !take_decimal(value, len, UINT32_MAX - 1, &n))
		return false;
	*to = (uint32_t)n;
	*has = true;
	return true;
}

/* Whole seconds count; what stands behind the dot must be digits. */
static bool set_mtime(struct tar_header *h, const char *value, size_t len)
{
	const char *dot = memchr(value, '.', len);
	size_t whole = dot ? (size_t)(dot - value) : len;
	uint64_t n, rest;

	if (h->has_mtime || !take_decimal(value, whole, INT64_MAX, &n) ||
	    (dot && !take_decimal(dot + 1, len - whole - 1, INT64_MAX, &rest)))
		return false;
	h->entry.mtime = (int64_t)n;
	h->has_mtime = true;
	return true;
}

static bool add_xattr(struct tar_header *h, const char *name, const char *value, size_t len)
{
	size_t n = h->entry.n_xattrs;

	if (!*name || strlen(name) > PATH_NAME_MAX || len > XATTR_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(h->xattrs[i].name, name) == 0)
			return false;
	xgrow(&h->xattrs, &h->xattrs_cap, n, sizeof(*h->xattrs));
	/* The last first, as libarchive hands them on, and so as they were always written. */
	memmove(h->xattrs + 1, h->xattrs, n * sizeof(*h->xattrs));
	h->xattrs[0] = (struct tar_xattr) { name, value, len };
	h->entry.n_xattrs++;
	return true;
}

/* key and value end with a NUL. */
static bool take_record(struct tar_header *h, const char *key, const char *value, size_t len)
{
	static const char *const ignored[] = { "atime", "ctime", "uname", "gname" };

	if (strncmp(key, XATTR_PREFIX, strlen(XATTR_PREFIX)) == 0)
		return add_xattr(h, key + strlen(XATTR_PREFIX), value, len);
	if (strcmp(key, "path") == 0)
		return set_text(&h->entry.path, &h->has_path, value, len);
	if (strcmp(key, "linkpath") == 0)
		return set_text(&h->entry.link, &h->has_link, value, len);
	if (strcmp(key, "mtime") == 0)
		return set_mtime(h, value, len);
	if (strcmp(key, "uid") == 0)
		return set_owner(&h->entry.uid, &h->has_uid, value, len);
	if (strcmp(key, "gid") == 0)
		return set_owner(&h->entry.gid, &h->has_gid, value, len);
	if (strcmp(key, "hdrcharset") == 0)
		return strcmp(value, "BINARY") == 0;
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		if (strcmp(key, ignored[i]) == 0)
			return true;
	return false;
}

/* "LEN KEY=VALUE\n", LEN counting all of it. */
bool tar_header_records(struct tar_header *h, char *body, size_t len)
{
	char *end = body + len;

	while (body < end) {
		char *blank = memchr(body, ' ', MIN((size_t)(end - body), 8u));
		char *next, *equals;
		uint64_t n;

		if (!blank || body[0] == '0' ||
		    !take_decimal(body, (size_t)(blank - body), TAR_BODY_MAX, &n) ||
		    n > (uint64_t)(end - body) || body + n <= blank + 1)
			return false;
		next = body + n;
		equals = memchr(blank + 1, '=', (size_t)(next - blank - 1));
		if (next[-1] != '\n' || !equals ||
		    memchr(blank, '\0', (size_t)(equals - blank)))
			return false;
		*equals = '\0';
		next[-1] = '\0';
		if (!take_record(h, blank + 1, equals + 1, (size_t)(next - equals) - 2))
			return false;
		body = next;
	}
	return true;
}

bool tar_header_text(struct tar_header *h, enum tar_header_kind kind, char *body, size_t len)
{
	size_t n = strnlen(body, len);

	body[len] = '\0';
	if (n + 1 < len)
		return false;
	return kind == TAR_HEADER_NAME ? set_text(&h->entry.path, &h->has_path, body, n)
				       : set_text(&h->entry.link, &h->has_link, body, n);
}
