// SPDX-License-Identifier: Apache-2.0
/*
 * command.c - PATH search
 *
 * In: argv[0], PATH. Out: a file, or words like those of the runtimes. Executes nothing.
 */
#include "command.h"
#include "diag.h"

#include <sys/stat.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* 0 if file is a regular file that may be executed. */
static int check(const char *file)
{
	struct stat st;

	if (stat(file, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return access(file, X_OK) < 0 ? -errno : 0;
}

int command_find(const char *name, char **file)
{
	const char *path = getenv("PATH");
	int refused = -ENOENT;

	if (strchr(name, '/')) {
		*file = xstrdup(name);
		return 0;
	}
	if (!*name)
		return -ENOENT;
	if (!path)
		path = DEFAULT_PATH;
	for (;;) {
		size_t len = strcspn(path, ":");
		char *candidate = len ? xasprintf("%.*s/%s", (int)len, path, name)
				      : xasprintf("./%s", name);
		int r = check(candidate);

		if (r == 0) {
			*file = candidate;
			return 0;
		}
		free(candidate);
		if (r == -EACCES)
			refused = r;
		if (!path[len])
			return refused;
		path += len + 1;
	}
}

int command_refuse(int err, const char *name)
{
	if (err == -ENOENT || err == -ENOTDIR) {
		if (strchr(name, '/'))
			diag_error("exec: \"%s\": no such file or directory", name);
		else
			diag_error("exec: \"%s\": executable file not found in $PATH", name);
		return COMMAND_NOT_FOUND;
	}
	diag_error("exec: \"%s\": %s", name,
		   err == -ENOEXEC  ? "exec format error"
		   : err == -EACCES ? "permission denied"
				    : strerror(-err));
	return COMMAND_NOT_RUNNABLE;
}
