// SPDX-License-Identifier: Apache-2.0
/*
 * process.c - programs started by posix_spawn, waited for, listened to
 *
 * In: argv. Out: an exit status and what was printed. Never calls a shell, never expands a
 * word.
 */
#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

/* ---- starting -------------------------------------------------------------------------- */

static int add_fd(posix_spawn_file_actions_t *actions, int from, int to)
{
	if (from == PROCESS_INHERIT)
		return 0;
	if (from == PROCESS_NULL)
		return posix_spawn_file_actions_addopen(actions, to, "/dev/null", O_RDWR, 0);
	return posix_spawn_file_actions_adddup2(actions, from, to);
}

static int set_attributes(posix_spawnattr_t *attr, bool group)
{
	int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF, r;
	sigset_t none, pipe;

	if (group)
		flags |= POSIX_SPAWN_SETPGROUP;
	sigemptyset(&none);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	r = posix_spawnattr_setsigmask(attr, &none);
	if (!r)
		r = posix_spawnattr_setsigdefault(attr, &pipe);
	if (!r)
		r = posix_spawnattr_setpgroup(attr, 0);
	if (!r)
		r = posix_spawnattr_setflags(attr, (short)flags);
	return r;
}

pid_t process_start(char *const argv[], const struct process_io *io)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	pid_t pid = 0;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	r = add_fd(&actions, io->in, STDIN_FILENO);
	if (!r)
		r = add_fd(&actions, io->out, STDOUT_FILENO);
	if (!r)
		r = add_fd(&actions, io->err, STDERR_FILENO);
	if (!r)
		r = set_attributes(&attr, io->group);
	if (!r)
		r = posix_spawnp(&pid, argv[0], &actions, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return r ? -r : pid;
}

/* ---- waiting --------------------------------------------------------------------------- */

static int wait_for(pid_t pid, int flags, int *status)
{
	int raw;
	pid_t r;

	do
		r = waitpid(pid, &raw, flags);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	if (r == 0)
		return 0;
	*status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
	return 1;
}

int process_wait(pid_t pid)
{
	int status = 0, r = wait_for(pid, 0, &status);

	return r < 0 ? r : status;
}

int process_poll(pid_t pid, int *status)
{
	return wait_for(pid, WNOHANG, status);
}

bool process_ended(pid_t pid)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid;
}

void process_kill(pid_t pid, bool group)
{
	int status;

	kill(group ? -pid : pid, SIGKILL);
	wait_for(pid, 0, &status);
}

int process_run(char *const argv[], const struct process_io *io)
{
	pid_t pid = process_start(argv, io);

	return pid < 0 ? pid : process_wait(pid);
}

/* ---- listening ------------------------------------------------------------------------- */

struct stream {
	int fd; /* -1 once it ended */
	char *data;
	size_t len, cap;
};

static void stream_fini(struct stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->data);
}

/* Reads what there is; closes the stream at its end. */
static int stream_take(struct stream *s, size_t max)
{
	ssize_t n;

	xgrow(&s->data, &s->cap, s->len + 65536, 1);
	n = read(s->fd, s->data + s->len, 65536);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0) {
		close(s->fd);
		s->fd = -1;
		return 0;
	}
	s->len += (size_t)n;
	return s->len > max ? -EFBIG : 0;
}

static int ms_left(const struct timespec *end)
{
	struct timespec now;
	int64_t ms;

	if (!end->tv_sec)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
	return (int)MAX(ms, 0);
}

/* Reads both streams to their ends. */
static int listen_to(struct stream streams[2], unsigned int seconds, size_t max)
{
	struct timespec end = { 0 };

	if (seconds) {
		clock_gettime(CLOCK_MONOTONIC, &end);
		end.tv_sec += seconds;
	}
	while (streams[0].fd >= 0 || streams[1].fd >= 0) {
		struct pollfd fds[2] = {
			{ .fd = streams[0].fd, .events = POLLIN },
			{ .fd = streams[1].fd, .events = POLLIN },
		};
		int r = poll(fds, 2, ms_left(&end));

		if (r < 0 && errno != EINTR)
			return -errno;
		if (r == 0)
			return -ETIMEDOUT;
		for (int i = 0; r > 0 && i < 2; i++) {
			int e = fds[i].revents ? stream_take(&streams[i], max) : 0;

			if (e < 0)
				return e;
		}
	}
	return 0;
}

/* Starts argv with its output on pipes whose other ends are in streams. */
static pid_t start_piped(char *const argv[], bool with_err, struct stream streams[2])
{
	struct process_io io = { .in = PROCESS_NULL, .err = PROCESS_INHERIT, .group = true };
	cleanup_fd int out = -1, err = -1;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	streams[0].fd = fds[0];
	io.out = out = fds[1];
	if (with_err) {
		if (pipe2(fds, O_CLOEXEC) < 0)
			return -errno;
		streams[1].fd = fds[0];
		io.err = err = fds[1];
	}
	return process_start(argv, &io);
}

static char *stream_text(struct stream *s)
{
	xgrow(&s->data, &s->cap, s->len, 1);
	s->data[s->len] = '\0';
	return steal_ptr(s->data);
}

int process_output(char *const argv[], unsigned int seconds, size_t max, char **out,
		   size_t *len, char **err)
{
	struct stream streams[2] = { { .fd = -1 }, { .fd = -1 } };
	pid_t pid = start_piped(argv, err != NULL, streams);
	int r = pid < 0 ? pid : listen_to(streams, seconds, max);

	if (pid > 0) {
		int status;

		if (r < 0)
			kill(pid, SIGKILL);
		status = process_wait(pid);
		if (r == 0)
			r = status;
	}
	if (r >= 0) {
		*len = streams[0].len;
		*out = stream_text(&streams[0]);
		if (err)
			*err = stream_text(&streams[1]);
	}
	stream_fini(&streams[0]);
	stream_fini(&streams[1]);
	return r;
}

/* ---- words ----------------------------------------------------------------------------- */

bool process_exists(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return access(name, X_OK) == 0;
	while (path && *path) {
		size_t len = strcspn(path, ":");
		cleanup_free char *file =
			xasprintf("%.*s/%s", (int)MAX(len, 1), len ? path : ".", name);

		if (access(file, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

/*
 * Takes one character of the word at *text into out, or changes the quote it stands in. Inside
 * double quotes a backslash counts before the five characters POSIX names, else it stays.
 */
static void split_step(const char **text, char *quote, char *out, size_t *n)
{
	char c = *(*text)++;

	if (c == *quote) {
		*quote = 0;
	} else if (!*quote && (c == '\'' || c == '"')) {
		*quote = c;
	} else if (c == '\\' && *quote != '\'' && **text &&
		   (!*quote || strchr("$`\"\\\n", **text))) {
		c = *(*text)++;
		if (c != '\n')
			out[(*n)++] = c;
	} else {
		out[(*n)++] = c;
	}
}

int process_split(const char *text, char ***argv)
{
	cleanup_free char *word = xmalloc(strlen(text) + 1);
	char **words = NULL;
	size_t n_words = 0, cap = 0;
	char quote = 0;

	while (*(text += strspn(text, " \t\n"))) {
		size_t n = 0;

		while (*text && (quote || !strchr(" \t\n", *text)))
			split_step(&text, &quote, word, &n);
		xgrow(&words, &cap, n_words + 1, sizeof(*words));
		words[n_words++] = xmemdup(word, n);
		words[n_words] = NULL;
	}
	if (quote) {
		while (n_words > 0)
			free(words[--n_words]);
		free(words);
		return -EINVAL;
	}
	*argv = words ? words : xcalloc(1, sizeof(*words));
	return 0;
}
