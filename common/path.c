// SPDX-License-Identifier: Apache-2.0
/*
 * path.c - joining, cleaning and stepping through path text
 *
 * In: byte strings. Out: byte strings. Never asks a file system, never folds "..".
 */
#include "path.h"

struct span path_next(const char **path)
{
	const char *p = *path;
	const char *start;

	for (;;) {
		while (*p == '/')
			p++;
		start = p;
		while (*p && *p != '/')
			p++;
		if (p - start == 1 && *start == '.')
			continue;
		break;
	}
	*path = p;
	return (struct span) { start, (size_t)(p - start) };
}

/* Appends the cleaned components of path at out[n]; the new length or -ENAMETOOLONG. */
static int append(char *out, size_t size, size_t n, const char *path)
{
	struct span c;

	while ((c = path_next(&path)).len) {
		if (n + 1 + c.len + 1 > size)
			return -ENAMETOOLONG;
		out[n++] = '/';
		memcpy(out + n, c.data, c.len);
		n += c.len;
	}
	return (int)n;
}

int path_join(char *out, size_t size, const char *base, const char *raw)
{
	int n = 0;

	if (raw[0] != '/') {
		if (base[0] != '/')
			return -EINVAL;
		n = append(out, size, 0, base);
		if (n < 0)
			return n;
	}
	n = append(out, size, (size_t)n, raw);
	if (n < 0)
		return n;
	if (n == 0)
		out[n++] = '/';
	out[n] = '\0';
	return n;
}

bool path_below(const char *abs, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1)
		return true;
	return strncmp(abs, dir, n) == 0 && (abs[n] == '\0' || abs[n] == '/');
}

bool path_has_dotdot(const char *abs)
{
	const char *p = abs;

	while ((p = strstr(p, "/.."))) {
		p += 3;
		if (!*p || *p == '/')
			return true;
	}
	return false;
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void path_escape(char *out, size_t size, const char *path, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; i < len && n + 5 < size; i++) {
		unsigned char c = (unsigned char)path[i];

		if (c >= 0x20 && c != 0x7f && c != '\\') {
			out[n++] = path[i];
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	out[n] = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

int path_unescape(char *text)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		if (*p != '\\') {
			*out++ = *p;
			continue;
		}
		if (p[1] != 'x' || hex_value(p[2]) < 0 || hex_value(p[3]) < 0)
			return -EINVAL;
		*out = (char)(hex_value(p[2]) << 4 | hex_value(p[3]));
		if (!*out++)
			return -EINVAL;
		p += 3;
	}
	*out = '\0';
	return 0;
}
