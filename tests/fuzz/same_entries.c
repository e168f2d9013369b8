// SPDX-License-Identifier: Apache-2.0
/* same_entries.c - each entry by both readers of tars, compared field by field */
#include "same_entries.h"
#include "tar_archive.h"

#include <stdio.h>

#define SAMPLE 5000

static bool differs(const struct tar_entry *e, const char *what)
{
	printf("entry '%s' at byte %llu: %s differs\n", e->path, (unsigned long long)e->pos,
	       what);
	return false;
}

static bool same_text(const char *a, const char *b)
{
	return !a == !b && (!a || strcmp(a, b) == 0);
}

static bool same_xattrs(const struct tar_entry *a, const struct tar_entry *b)
{
	if (a->n_xattrs != b->n_xattrs)
		return false;
	for (size_t i = 0; i < a->n_xattrs; i++) {
		const struct tar_xattr *x = &a->xattrs[i], *y = &b->xattrs[i];

		if (strcmp(x->name, y->name) != 0 || x->len != y->len ||
		    (x->len && memcmp(x->value, y->value, x->len) != 0))
			return false;
	}
	return true;
}

static bool same_entry(const struct tar_entry *a, const struct tar_entry *b)
{
	if (!same_text(a->path, b->path))
		return differs(b, "the path");
	if (!same_text(a->link, b->link))
		return differs(b, "the link");
	if (a->type != b->type || a->mode != b->mode || a->sparse != b->sparse)
		return differs(b, "type or mode");
	if (a->uid != b->uid || a->gid != b->gid || a->mtime != b->mtime)
		return differs(b, "owner or time");
	if (a->major != b->major || a->minor != b->minor || a->size != b->size)
		return differs(b, "size or device");
	if (a->pos != b->pos ||
	    (a->type == TAR_FILE && !a->sparse && a->data_pos != b->data_pos))
		return differs(b, "the position");
	return same_xattrs(a, b) || differs(b, "an extended attribute");
}

static ssize_t sample(struct tar_reader *r, struct tar_archive *a, char *buf)
{
	size_t used = 0;
	ssize_t n;

	do {
		n = r ? tar_read(r, buf + used, SAMPLE - used)
		      : tar_archive_read(a, buf + used, SAMPLE - used);
		used += n > 0 ? (size_t)n : 0;
	} while (n > 0 && used < SAMPLE);
	return n < 0 ? n : (ssize_t)used;
}

static bool same_data(struct tar_reader *r, struct tar_archive *a, const struct tar_entry *e,
		      bool cut)
{
	char x[SAMPLE], y[SAMPLE];
	ssize_t n = sample(r, NULL, x), m = sample(NULL, a, y);

	if (m < 0 && cut)
		return true;
	if ((n < 0) != (m < 0) || (n > 0 && (n != m || memcmp(x, y, (size_t)n) != 0)))
		return differs(e, "the data");
	return true;
}

/* cut: it ends within a record. Ours takes the last file without its padding, libarchive not. */
static bool same_all(struct tar_reader *r, struct tar_archive *a, bool cut)
{
	struct tar_entry x, y;

	for (;;) {
		int n = tar_next(r, &x), m = tar_archive_next(a, &y);

		/* We are stricter: no header that libarchive would not begin with. */
		if (n < 0 && strcmp(tar_reason(r), "a damaged header") == 0)
			return true;
		if (m < 0 && cut)
			return true;
		if ((n < 0) != (m < 0) || (n >= 0 && n != m)) {
			printf("one reader says %d (%s), libarchive %d (%s)\n", n,
			       n < 0 ? tar_reason(r) : "", m,
			       m < 0 ? tar_archive_reason(a) : "");
			return false;
		}
		if (n <= 0)
			return true;
		if (!same_entry(&x, &y) || (x.type == TAR_FILE && !same_data(r, a, &y, cut)))
			return false;
	}
}

bool same_entries(const struct range *range)
{
	struct tar_archive *a = NULL;
	struct tar_reader *r = NULL;
	int n = tar_open(range, &r), m = tar_archive_open(range, &a);
	bool same = (n < 0) == (m < 0);

	if (!same)
		printf("one reader opens with %d, libarchive with %d\n", n, m);
	if (r && a)
		same = same_all(r, a, range->len % TAR_RECORD != 0);
	if (r)
		tar_close(r);
	if (a)
		tar_archive_close(a);
	return same;
}
