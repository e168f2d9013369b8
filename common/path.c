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

/*
 * Appends the cleaned components of path at out[n]; the new length or -ENAMETOOLONG. In one pass:
 * the tracer does this at every call that it sees.
 */
static int append(char *out, size_t size, size_t n, const char *path)
{
	for (;;) {
		while (*path == '/' || (path[0] == '.' && (path[1] == '/' || !path[1])))
			path++;
		if (!*path)
			return (int)n;
		if (n + 1 >= size)
			return -ENAMETOOLONG;
		out[n++] = '/';
		for (; *path && *path != '/'; path++) {
			if (n + 1 >= size)
				return -ENAMETOOLONG;
			out[n++] = *path;
		}
	}
}

int path_join(char *out, size_t size, const char *base, const char *raw)
{
	size_t len = 0;
	int n;

	if (raw[0] != '/') {
		if (base[0] != '/')
			return -EINVAL;
		len = strlen(base);
		while (len && base[len - 1] == '/')
			len--;
		if (len >= size)
			return -ENAMETOOLONG;
		memcpy(out, base, len);
	}
	n = append(out, size, len, raw);
	if (n < 0)
		return n;
	if (n == 0)
		out[n++] = '/';
	out[n] = '\0';
	return n;
}

bool path_below(const char *abs, const char *dir)
{
	if (!dir[1])
		return true;
	/* Most differ at once: no calls. */
	while (*dir && *dir == *abs) {
		dir++;
		abs++;
	}
	return !*dir && (!*abs || *abs == '/');
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
