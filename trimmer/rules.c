// SPDX-License-Identifier: Apache-2.0
/*
 * rules.c - from a rules file to its rules
 *
 * In: text. Out: a list, or one line that says where it is wrong and what is allowed. Never
 * looks at an image.
 */
#include "rules.h"
#include "diag.h"
#include "limit.h"
#include "imageconf.h"
#include "process.h"

#include <fcntl.h>
#include <sys/stat.h>

#define BLANKS " \t\r\f\v"

/* Where a rule stands, while it is read. */
struct place {
	const char *file;
	unsigned int line;
};

/* ---- values ------------------------------------------------------------------------------- */

static int check_command(const struct place *at, const char *value)
{
	char **argv;

	if (process_split(value, &argv) < 0)
		return diag_refuse("%s:%u: the command has an open quote: %s", at->file,
				   at->line, value);
	argv_free(argv);
	return 0;
}

static int check_package(const struct place *at, const char *value)
{
	if (strpbrk(value, BLANKS "/"))
		return diag_refuse("%s:%u: keep-package wants one name of a package, not '%s'",
				   at->file, at->line, value);
	return 0;
}

static int check_preset(const struct place *at, const char *value)
{
	enum rule_kind kind;
	const char *row;

	if (!rules_preset_row(value, 0, &kind, &row))
		return diag_refuse("%s:%u: there is no preset '%s'; there are %s", at->file,
				   at->line, value, rules_preset_names());
	return 0;
}

/* ---- lines -------------------------------------------------------------------------------- */

static const struct {
	const char *word, *arg;
	int (*check)(const struct place *at, const char *value); /* or NULL */
} kinds[N_RULE_KINDS] = {
	[RULE_KEEP] = { "keep", "GLOB", NULL },
	[RULE_DROP] = { "drop", "GLOB", NULL },
	[RULE_KEEP_DIR] = { "keep-dir", "DIR", NULL },
	[RULE_KEEP_CMD] = { "keep-cmd", "CMD", check_command },
	[RULE_KEEP_PACKAGE] = { "keep-package", "NAME", check_package },
	[RULE_PRESET] = { "preset", "NAME", check_preset },
};

const char *rules_word(enum rule_kind kind)
{
	return kinds[kind].word;
}

static int find_kind(const struct place *at, const char *word, enum rule_kind *kind)
{
	for (size_t i = 0; i < N_RULE_KINDS; i++) {
		if (strcmp(kinds[i].word, word) == 0) {
			*kind = (enum rule_kind)i;
			return 0;
		}
	}
	return diag_refuse("%s:%u: there is no rule '%.100s'; there are keep, drop, keep-dir, "
			   "keep-cmd, keep-package and preset",
			   at->file, at->line, word);
}

/* Cuts a comment and the blanks around what is left. Returns where that begins. */
static char *trim_line(char *line)
{
	size_t len;

	for (char *p = line; *p; p++) {
		if (*p == '#' && (p == line || strchr(BLANKS, p[-1]))) {
			*p = '\0';
			break;
		}
	}
	line += strspn(line, BLANKS);
	len = strlen(line);
	while (len && strchr(BLANKS, line[len - 1]))
		line[--len] = '\0';
	return line;
}

static int parse_line(struct rules *rules, const struct place *at, char *line)
{
	enum rule_kind kind = N_RULE_KINDS;
	char *value;
	int r;

	line = trim_line(line);
	if (!*line)
		return 0;
	value = line + strcspn(line, BLANKS);
	if (*value)
		*value++ = '\0';
	value += strspn(value, BLANKS);
	r = find_kind(at, line, &kind);
	if (r < 0)
		return r;
	if (!*value)
		return diag_refuse("%s:%u: '%s' stands alone; write: %s %s", at->file, at->line,
				   line, line, kinds[kind].arg);
	if (kinds[kind].check)
		r = kinds[kind].check(at, value);
	if (r < 0)
		return r;
	xgrow(&rules->items, &rules->cap, rules->n_items, sizeof(*rules->items));
	rules->items[rules->n_items++] = (struct rule) { kind, value, at->file, at->line };
	return 0;
}

int rules_parse(struct rules *rules, const char *file, char *text, size_t len)
{
	struct place at = { file, 0 };
	char *line = text, *end = text + len;

	xgrow(&rules->texts, &rules->texts_cap, rules->n_texts, sizeof(*rules->texts));
	rules->texts[rules->n_texts++] = text;
	while (line < end) {
		char *next = memchr(line, '\n', (size_t)(end - line));
		int r;

		next = next ? next : end;
		at.line++;
		*next = '\0';
		if (strlen(line) != (size_t)(next - line))
			return diag_refuse("%s:%u: there is a NUL byte in it; a rules file is "
					   "text",
					   file, at.line);
		r = parse_line(rules, &at, line);
		if (r < 0)
			return r;
		line = next + 1;
	}
	return 0;
}

/* ---- files -------------------------------------------------------------------------------- */

static int read_file(struct rules *rules, const char *file)
{
	cleanup_fd int fd = open(file, O_RDONLY | O_CLOEXEC);
	char *text;
	size_t len;
	int r = fd < 0 ? -errno : read_whole(fd, limit_get(LIMIT_RULES_SIZE), &text, &len);

	if (r == -EFBIG)
		return limit_exceeded(file, LIMIT_RULES_SIZE);
	if (r < 0)
		return diag_fail(r, "rules file %s cannot be read", file);
	return rules_parse(rules, file, text, len);
}

int rules_read(struct rules *rules, const struct strlist *files, bool no_default)
{
	struct stat st;
	int r = 0;

	for (size_t i = 0; i < files->n_items && r == 0; i++)
		r = read_file(rules, files->items[i]);
	/* A directory of that name is what a container's log directory was copied to. */
	if (files->n_items || no_default || stat(RULES_FILE, &st) < 0 || S_ISDIR(st.st_mode))
		return r;
	r = read_file(rules, RULES_FILE);
	if (r == 0)
		diag_note("the rules in %s are used (--no-rules: do without)", RULES_FILE);
	return r;
}

void rules_fini(struct rules *rules)
{
	for (size_t i = 0; i < rules->n_texts; i++)
		free(rules->texts[i]);
	free(rules->texts);
	free(rules->items);
	*rules = (struct rules) { 0 };
}
