// SPDX-License-Identifier: Apache-2.0
/*
 * logtext.c - a log as text, and text as a log
 *
 * In: one form. Out: the other, without loss. Never judges what the records say.
 */
#include "logtext.h"
#include "diag.h"
#include "pathset.h"
#include "tlog.h"

#include <inttypes.h>
#include <sys/mman.h>

#define TEXT_SIZE (4 * (TLOG_PATH_MAX + 1))

/* ---- log to text ------------------------------------------------------------------------- */

static void print_text(FILE *out, const char *text)
{
	cleanup_free char *buf = xmalloc(4 * strlen(text) + 8);

	path_escape(buf, 4 * strlen(text) + 8, text, strlen(text));
	fputs(buf, out);
}

static void print_fields(FILE *out, const char *word, const struct tlog_record *rec)
{
	fprintf(out, "%s\n", word);
	for (size_t i = 0; i < rec->n_fields; i++) {
		fprintf(out, "  %s=", rec->fields[i].key);
		print_text(out, rec->fields[i].value);
		fputc('\n', out);
	}
}

static void print_access(FILE *out, const char *word, const struct tlog_record *rec)
{
	char ops[160];

	tlog_ops_format(rec->ops, ops, sizeof(ops));
	fprintf(out, "%s %" PRIu32 " %s %" PRIu32, word, rec->id, ops, rec->by);
	if (rec->ops & TLOG_RESOLVED)
		fprintf(out, " %" PRIu32, rec->of);
}

static void print_record(FILE *out, const struct tlog_record *rec)
{
	const char *name;

	switch (rec->kind) {
	case TLOG_HEADER:
		print_fields(out, "header", rec);
		break;
	case TLOG_END:
		print_fields(out, "end", rec);
		break;
	case TLOG_PATH:
		print_access(out, "path", rec);
		fputc(' ', out);
		print_text(out, rec->path);
		fputc('\n', out);
		break;
	case TLOG_SEEN:
		print_access(out, "seen", rec);
		fputc('\n', out);
		break;
	case TLOG_NOTE:
		name = tlog_note_name(rec->code);
		if (name)
			fprintf(out, "note %s %" PRIu64 " ", name, rec->count);
		else
			fprintf(out, "note %u %" PRIu64 " ", rec->code, rec->count);
		print_text(out, rec->text);
		fputc('\n', out);
		break;
	}
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void dump_paths(struct tlog_reader *reader, FILE *out)
{
	cleanup_free const char **paths = NULL;
	struct pathset *set = pathset_new();
	struct tlog_record rec;
	size_t n = 0, cap = 0;
	bool fresh;

	while (tlog_next(reader, &rec) > 0) {
		if (!rec.path || !(rec.ops & ~(uint32_t)TLOG_MISS))
			continue;
		if (pathset_add(set, rec.path, rec.path_len, &fresh) < 0)
			abort();
		if (!fresh)
			continue;
		xgrow(&paths, &cap, n, sizeof(*paths));
		paths[n++] = rec.path;
	}
	if (n)
		qsort(paths, n, sizeof(*paths), compare_texts);
	for (size_t i = 0; i < n; i++) {
		print_text(out, paths[i]);
		fputc('\n', out);
	}
	pathset_free(set);
}

int logtext_dump(const void *data, size_t len, bool paths_only, FILE *out)
{
	struct tlog_reader *reader;
	struct tlog_record rec;
	const char *reason;
	size_t offset;
	int r = tlog_reader_new(data, len, &reader);

	if (r < 0)
		return r;
	if (paths_only) {
		dump_paths(reader, out);
		tlog_reader_free(reader);
		return 0;
	}
	fputs(LOGTEXT_MAGIC, out);
	while (tlog_next(reader, &rec) > 0)
		print_record(out, &rec);
	switch (tlog_reader_state(reader, &offset, &reason)) {
	case TLOG_COMPLETE:
		break;
	case TLOG_CUT:
		fputs("# cut\n", out);
		break;
	case TLOG_DAMAGED:
		fprintf(out, "# damaged at byte %zu: %s\n", offset, reason);
		break;
	}
	tlog_reader_free(reader);
	return 0;
}

/* ---- text to log ------------------------------------------------------------------------- */

struct parsing {
	struct tlog_writer *w;
	struct tlog_field *fields;
	size_t n_fields, fields_cap;
	enum tlog_kind open; /* HEADER or END whose fields are being read, else 0 */
};

/* Cuts the next blank-separated word off *text; NULL when there is none. */
static char *take_word(char **text)
{
	char *word = *text, *end = strchr(word, ' ');

	if (!*word)
		return NULL;
	*text = end ? end + 1 : word + strlen(word);
	if (end)
		*end = '\0';
	return word;
}

static bool take_number(char **text, uint64_t *n)
{
	char *word = take_word(text), *end;

	if (!word || *word < '0' || *word > '9')
		return false;
	errno = 0;
	*n = strtoull(word, &end, 10);
	return !errno && !*end;
}

static bool take_id(char **text, uint32_t *id)
{
	uint64_t n;

	if (!take_number(text, &n) || n > UINT32_MAX)
		return false;
	*id = (uint32_t)n;
	return true;
}

static int close_fields(struct parsing *p)
{
	enum tlog_kind kind = p->open;
	size_t n = p->n_fields;

	p->open = 0;
	p->n_fields = 0;
	if (kind == TLOG_HEADER)
		return tlog_put_header(p->w, p->fields, n);
	return kind == TLOG_END ? tlog_put_end(p->w, p->fields, n) : 0;
}

static int parse_field(struct parsing *p, char *text)
{
	char *value = strchr(text, '=');

	if (!p->open || !value)
		return -EBADMSG;
	*value++ = '\0';
	if (path_unescape(value) < 0)
		return -EBADMSG;
	xgrow(&p->fields, &p->fields_cap, p->n_fields, sizeof(*p->fields));
	p->fields[p->n_fields++] = (struct tlog_field) { text, value };
	return 0;
}

static int parse_access(struct parsing *p, char *text, bool fresh)
{
	uint32_t id, ops, by, of = 0;
	int64_t got;
	char *word;

	if (!take_id(&text, &id))
		return -EBADMSG;
	word = take_word(&text);
	ops = word ? tlog_ops_parse(word) : 0;
	if (!ops || !take_id(&text, &by) || (ops & TLOG_RESOLVED && !take_id(&text, &of)))
		return -EBADMSG;
	if (!fresh)
		return tlog_put_seen(p->w, id, ops, by, of);
	if (text[0] != '/' || path_unescape(text) < 0)
		return -EBADMSG;
	got = tlog_put_path(p->w, ops, by, of, text, strlen(text));
	if (got < 0)
		return (int)got;
	return got == id ? 0 : -EBADMSG;
}

static int parse_note(struct parsing *p, char *text)
{
	char *word = take_word(&text);
	unsigned int code = word ? tlog_note_parse(word) : 0;
	uint64_t count;

	if (word && !code)
		code = (unsigned int)strtoul(word, NULL, 10);
	if (!code || !take_number(&text, &count) || path_unescape(text) < 0)
		return -EBADMSG;
	return tlog_put_note(p->w, (enum tlog_note)code, count, text);
}

static int parse_line(struct parsing *p, char *line)
{
	char *word;
	int r;

	if (strncmp(line, "  ", 2) == 0)
		return parse_field(p, line + 2);
	r = close_fields(p);
	if (r < 0 || !line[0] || line[0] == '#')
		return r;
	word = take_word(&line);
	if (!word)
		return -EBADMSG;
	if (strcmp(word, "path") == 0 || strcmp(word, "seen") == 0)
		return parse_access(p, line, word[0] == 'p');
	if (strcmp(word, "note") == 0)
		return parse_note(p, line);
	if (strcmp(word, "header") == 0)
		p->open = TLOG_HEADER;
	else if (strcmp(word, "end") == 0)
		p->open = TLOG_END;
	else
		return -EBADMSG;
	return 0;
}

/* Each line of text, which is cut into lines in place; paths stay there until w is freed. */
static int parse_lines(struct parsing *p, char *text, size_t *line)
{
	int r = 0;

	for (*line = 1; *text && r == 0; ++*line) {
		char *end = strchr(text, '\n');

		if (end)
			*end = '\0';
		r = parse_line(p, text);
		text = end ? end + 1 : strchr(text, '\0');
		if (r < 0)
			return r;
		if (!end)
			break;
	}
	return close_fields(p);
}

int logtext_parse(const char *text, size_t len, char **data, size_t *data_len, size_t *line)
{
	cleanup_free char *copy = xmemdup(text, len);
	cleanup_fd int keep = -1;
	struct parsing p = { 0 };
	int fd = memfd_create("imagetrim-log", MFD_CLOEXEC);
	int r;

	*line = 0;
	if (fd < 0)
		return -errno;
	keep = dup(fd);
	r = tlog_writer_new(fd, true, &p.w);
	if (r < 0)
		return r;
	r = parse_lines(&p, copy, line);
	if (r == 0)
		r = tlog_writer_flush(p.w);
	tlog_writer_free(p.w);
	free(p.fields);
	if (r < 0)
		return r;
	return read_whole(keep, SIZE_MAX / 2, data, data_len);
}
