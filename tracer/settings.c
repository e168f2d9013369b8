// SPDX-License-Identifier: Apache-2.0
/*
 * settings.c - one table of options feeds the parser, the environment and the help
 *
 * In: argv, environ. Out: struct settings. Never acts. Options end at the first other word: the
 * rest is the command and its arguments, whatever they look like.
 */
#include "settings.h"
#include "diag.h"

#include <stdio.h>

struct setting {
	const char *name; /* of the option */
	const char *env;  /* NULL: by option only */
	const char *arg;  /* NULL: a flag */
	size_t offset;
	const char *help;	    /* lines of at most 50 columns */
	const char *const *allowed; /* NULL: any text */
};

static const char *const on_log_error_words[] = { "continue", "fail", NULL };

static const char *const engine_words[] = { "auto", "notify", "ptrace", "plain", NULL };
static const char *const no_new_privs_words[] = { "auto", "yes", "no", NULL };

#define AT(field) offsetof(struct settings, field)

static const struct setting table[] = {
	{ "log-dir", "IMAGETRIM_LOG_DIR", "DIR", AT(log_dir),
	  "where logs go (default /.imagetrim/log)", NULL },
	{ "image", "IMAGETRIM_IMAGE", "ID", AT(image),
	  "config digest of the image, for the log (default:\n"
	  "the text of the file 'image' beside DIR)",
	  NULL },
	{ "name", "IMAGETRIM_NAME", "STEM", AT(name),
	  "first part of the log's file name (default: the\n"
	  "command's name)",
	  NULL },
	{ "on-log-error", "IMAGETRIM_ON_LOG_ERROR", "WHAT", AT(on_log_error),
	  "if no log can be opened: 'continue' without one\n"
	  "(default) or 'fail' with status 125",
	  on_log_error_words },
	{ "engine", "IMAGETRIM_ENGINE", "NAME", AT(engine),
	  "how calls are seen: 'notify' (seccomp listener),\n"
	  "'ptrace' (with a seccomp filter), 'plain' (ptrace,\n"
	  "each call stops), 'auto' (default): the first of\n"
	  "these that works well here",
	  engine_words },
	{ "no-new-privs", "IMAGETRIM_NO_NEW_PRIVS", "WHAT", AT(no_new_privs),
	  "set no_new_privs where a filter needs it: 'yes',\n"
	  "'no', or 'auto' (default): if set-id programs\n"
	  "lose nothing that the tracer would not take them",
	  no_new_privs_words },
	{ "allow-io-uring", "IMAGETRIM_ALLOW_IO_URING", NULL, AT(allow_io_uring),
	  "let io_uring work, though the files it opens are\n"
	  "not seen",
	  NULL },
	{ "misses", "IMAGETRIM_MISSES", NULL, AT(misses),
	  "record paths that were looked for and are not\n"
	  "there, too",
	  NULL },
	{ "syscalls", "IMAGETRIM_SYSCALLS", NULL, AT(syscalls),
	  "record which system calls are made, too (for\n"
	  "'imagetrim seccomp'); slower: each call stops;\n"
	  "'auto' takes 'ptrace' then",
	  NULL },
	{ "help", NULL, NULL, AT(help), "print this help", NULL },
	{ "version", NULL, NULL, AT(version), "print the version", NULL },
};

static int refuse_word(const struct setting *row, const char *value, const char *from)
{
	char words[64] = "";

	for (size_t i = 0, n = 0; row->allowed[i]; i++)
		n += (size_t)snprintf(words + n, sizeof(words) - n, "%s'%s'",
				      !i		    ? ""
				      : row->allowed[i + 1] ? ", "
							    : " or ",
				      row->allowed[i]);
	return diag_refuse("%s wants %s, not '%s'", from, words, value);
}

static int set(struct settings *s, const struct setting *row, const char *value,
	       const char *from)
{
	const char **field = (const char **)((char *)s + row->offset);

	for (size_t i = 0; row->allowed && row->allowed[i]; i++) {
		if (strcmp(row->allowed[i], value) != 0)
			continue;
		*field = value;
		return 0;
	}
	if (row->allowed)
		return refuse_word(row, value, from);
	*field = value;
	return 0;
}

/* A flag is set by any text but the empty one. */
static int set_flag(struct settings *s, const struct setting *row)
{
	*(bool *)((char *)s + row->offset) = true;
	return 0;
}

static int read_environment(struct settings *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const char *value = table[i].env ? getenv(table[i].env) : NULL;
		int r = 0;

		if (value && *value)
			r = table[i].arg ? set(s, &table[i], value, table[i].env)
					 : set_flag(s, &table[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static const struct setting *find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

/* Reads the option at *argv and its value; moves *argv behind them. */
static int read_option(struct settings *s, char ***argv)
{
	const char *word = **argv;
	const char *name = word + 2;
	size_t len = strcspn(name, "=");
	const struct setting *row = word[1] == '-' ? find(name, len) : NULL;
	const char *value = name[len] ? name + len + 1 : NULL;

	if (!row)
		return diag_refuse("there is no option %s; see 'imagetrim-tracer --help'",
				   word);
	++*argv;
	if (!row->arg) {
		if (value)
			return diag_refuse("option --%s takes no value", row->name);
		return set_flag(s, row);
	}
	if (!value)
		value = *(*argv) ? *(*argv)++ : NULL;
	if (!value)
		return diag_refuse("option --%s wants %s", row->name, row->arg);
	return set(s, row, value, word);
}

int settings_read(struct settings *ret, char **argv)
{
	struct settings s = {
		.log_dir = "/.imagetrim/log",
		.on_log_error = on_log_error_words[0],
		.engine = engine_words[0],
		.no_new_privs = no_new_privs_words[0],
	};
	int r = read_environment(&s);

	if (r < 0)
		return r;
	for (argv++; *argv && (*argv)[0] == '-';) {
		if (strcmp(*argv, "--") == 0) {
			argv++;
			break;
		}
		r = read_option(&s, &argv);
		if (r < 0)
			return r;
	}
	s.command = argv;
	if (!*argv && !s.help && !s.version)
		return diag_refuse("which command? See 'imagetrim-tracer --help'");
	*ret = s;
	return 0;
}

bool settings_log_must_work(const struct settings *s)
{
	return strcmp(s->on_log_error, "fail") == 0;
}

#define HELP_COLUMN 28

static void print_setting(const struct setting *row)
{
	const char *text = row->help;
	int n = printf("  --%s", row->name);

	if (row->arg)
		n += printf(" %s", row->arg);
	for (; *text; n = 0) {
		int len = (int)strcspn(text, "\n");

		printf("%*s%.*s\n", HELP_COLUMN - n, "", len, text);
		text += len;
		text += *text == '\n';
	}
	if (row->env)
		printf("%*s[%s]\n", HELP_COLUMN, "", row->env);
}

void settings_help(void)
{
	printf("usage: imagetrim-tracer [OPTION]... [--] COMMAND [ARG]...\n"
	       "       imagetrim-tracer doctor [OPTION]...    what would work here\n"
	       "       imagetrim-tracer cat-logs [OPTION]...  the logs as a stream\n"
	       "       imagetrim-tracer wait                  until SIGTERM\n\n"
	       "Runs COMMAND as if it had been started directly, and writes a log of all files\n"
	       "that it and its children use. Each option can also be set by the environment\n"
	       "variable in brackets.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		print_setting(&table[i]);
	printf("\n"
	       "The exit status is COMMAND's; 125 if it was not started, 126 if it cannot be\n"
	       "executed, 127 if there is no such command. imagetrim-tracer(1) tells more.\n");
}

/* ---- completion --------------------------------------------------------------------------- */

static void complete_value(const struct setting *row, const char *before, const char *word)
{
	for (size_t i = 0; row->allowed && row->allowed[i]; i++)
		if (strncmp(row->allowed[i], word, strlen(word)) == 0)
			printf("%s%s\n", before, row->allowed[i]);
	puts(strcmp(row->arg, "DIR") == 0 ? ":0" : ":4");
}

static void complete_option(const char *word)
{
	const char *name = word + strspn(word, "-");
	size_t len = strcspn(name, "=");
	const struct setting *row = find(name, len);

	if (name[len]) {
		cleanup_free char *before = xmemdup(word, (size_t)(name + len + 1 - word));

		if (row && row->arg)
			complete_value(row, before, name + len + 1);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strncmp(table[i].name, name, len) == 0)
			printf("--%s\t%.*s\n", table[i].name, (int)strcspn(table[i].help, "\n"),
			       table[i].help);
	puts(":4");
}

void settings_complete(char *const words[])
{
	const struct setting *row;

	for (; words[0] && words[1] && words[0][0] == '-' && words[0][1] == '-'; words++) {
		row = find(words[0] + 2, strlen(words[0] + 2));
		if (!row || !row->arg)
			continue;
		if (!words[2]) {
			complete_value(row, "", words[1]);
			return;
		}
		words++;
	}
	if (words[0] && !words[1] && words[0][0] == '-')
		complete_option(words[0]);
	else
		puts(":0"); /* the command's own words */
}
