// SPDX-License-Identifier: Apache-2.0
/*
 * packages_apk.c - apk's database, cut to what is left
 *
 * In: the marked tree. Out: the blocks of packages of which a file is left.
 */
#include "packages_cut.h"

struct block {
	struct span head;    /* up to the first directory */
	struct span pending; /* a directory of which nothing was kept so far, and its rights */
	struct tally tally;
	char *package;
	bool emit; /* the file whose attributes come now is kept */
	bool in_files;
};

static void put_pending(struct block *b, FILE *out)
{
	fwrite(b->pending.data, 1, b->pending.len, out);
	b->pending.len = 0;
}

static void note(struct cut *c, const struct block *b, struct node *node)
{
	if (c->owners && node && *b->package)
		packages_note(c->owners, b->package, node);
}

static void block_line(struct cut *c, struct block *b, const struct node *database,
		       struct span line, FILE *out)
{
	struct span value = { line.data + 2, line.len - 2 };
	struct node *node;

	switch (line.data[0]) {
	case 'F':
		if (c->owners) /* the name itself, be it a link to a directory */
			note(c, b, pkgpaths_find(c->paths, b->package, value.data, value.len));
		pkgpaths_enter(c->paths, value.data, value.len);
		b->pending = (struct span) { line.data, line.len + 1 };
		node = c->paths->dir;
		if (node && cut_is_kept(c, database, node))
			put_pending(b, out);
		break;
	case 'M':
		if (b->pending.len)
			b->pending.len += line.len + 1;
		else
			cut_put_line(out, line);
		break;
	case 'R':
		node = pkgpaths_in_dir(c->paths, value.data, value.len);
		note(c, b, node);
		b->emit = node && cut_is_kept(c, database, node);
		b->tally.all++;
		b->tally.kept += b->emit;
		if (b->emit) {
			put_pending(b, out);
			cut_put_line(out, line);
		}
		break;
	default: /* a: and Z: of the file before */
		if (b->emit)
			cut_put_line(out, line);
	}
}

/* The description without what an earlier trim wrote behind it. */
static struct span plain_description(struct span line, size_t *total)
{
	static const char note[] = " (imagetrim: partial, ";
	const char *at = memmem(line.data, line.len, note, strlen(note));

	if (!at)
		return line;
	*total = cut_earlier_total((struct span) { at, (size_t)(line.data + line.len - at) });
	return (struct span) { line.data, (size_t)(at - line.data) };
}

static void put_head(const struct block *b, FILE *out)
{
	const char *at = b->head.data, *end = b->head.data + b->head.len;
	size_t total = 0;
	struct span line, flags = { "", 0 };
	bool partial;

	while (pkgpaths_line(&at, end, &line))
		if (pkgpaths_begins(line, "T:"))
			plain_description(line, &total);
	total = MAX(total, b->tally.all);
	partial = b->tally.kept < total;
	for (at = b->head.data; pkgpaths_line(&at, end, &line);) {
		if (pkgpaths_begins(line, "f:")) {
			flags = (struct span) { line.data + 2, line.len - 2 };
		} else if (pkgpaths_begins(line, "T:") && partial) {
			line = plain_description(line, &total);
			fwrite(line.data, 1, line.len, out);
			fprintf(out, " (imagetrim: partial, %zu of %zu files)\n", b->tally.kept,
				MAX(total, b->tally.all));
		} else {
			cut_put_line(out, line);
		}
	}
	if (partial || flags.len)
		fprintf(out, "f:%.*s%s\n", (int)flags.len, flags.data,
			partial && !memchr(flags.data, 'f', flags.len) ? "f" : "");
}

static char *package_of(struct span head)
{
	struct span name = pkgpaths_field(head, "P:");

	return xmemdup(name.data, name.len);
}

static void cut_block(struct cut *c, const struct node *database, struct span text, FILE *out)
{
	const char *at = text.data, *end = text.data + text.len;
	struct block b = { .head = { text.data, 0 } };
	cleanup_free char *files = NULL;
	size_t files_len;
	FILE *body = cut_open(&files, &files_len);
	struct span line;

	while (pkgpaths_line(&at, end, &line)) {
		b.in_files |= pkgpaths_begins(line, "F:");
		if (!b.in_files)
			b.head.len = (size_t)(MIN(at, end) - text.data);
		else if (!b.package)
			b.package = package_of(b.head);
		if (b.in_files && line.len >= 2 && line.data[1] == ':')
			block_line(c, &b, database, line, body);
	}
	free(b.package);
	if (fclose(body) != 0)
		abort();
	if (!b.tally.kept)
		return;
	put_head(&b, out);
	fwrite(files, 1, files_len, out);
	putc('\n', out);
}

void cut_apk(struct cut *c, struct node *database)
{
	cleanup_free char *text = NULL, *new = NULL;
	size_t len, new_len;
	const char *at, *end;
	struct span block;
	FILE *out;

	text = pkgpaths_text(c->paths, database, &len);
	if (!text)
		return;
	out = cut_open(&new, &new_len);
	end = text + len;
	for (at = text; pkgpaths_block(&at, end, &block);)
		cut_block(c, database, block, out);
	cut_replace(c, database, &(struct span) { text, len }, out, &new, &new_len);
}
