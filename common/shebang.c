// SPDX-License-Identifier: Apache-2.0
/*
 * shebang.c - the interpreter line of a script, as the kernel reads it
 *
 * In: the first bytes of a file. Out: interpreter and its one argument. Follows
 * load_script() in fs/binfmt_script.c: blanks are space and tab, the line ends at newline or
 * at the end of 256 bytes, trailing blanks are dropped.
 */
#include "elfinfo.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

int shebang_parse(const char *head, size_t len, char **interp, char **arg)
{
	const char *p = head + 2, *end, *stop;

	len = MIN(len, (size_t)SHEBANG_MAX);
	if (len < 2 || head[0] != '#' || head[1] != '!')
		return 0;
	end = memchr(p, '\n', len - 2);
	if (!end)
		end = head + len;
	while (end > p && is_blank(end[-1]))
		end--;
	while (p < end && is_blank(*p))
		p++;
	stop = p;
	while (stop < end && !is_blank(*stop) && *stop)
		stop++;
	if (stop == p)
		return 0;
	*interp = xmemdup(p, (size_t)(stop - p));
	p = stop;
	while (p < end && is_blank(*p))
		p++;
	*arg = p < end ? xmemdup(p, strnlen(p, (size_t)(end - p))) : NULL;
	return 1;
}
