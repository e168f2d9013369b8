// SPDX-License-Identifier: Apache-2.0
/*
 * kubectl.c - kubectl's command lines
 *
 * In: words. Out: an object, or a running program's output. What kubectl complains of it says
 * itself, on our stderr.
 */
#include "kubectl.h"
#include "diag.h"
#include "process.h"

#include <fcntl.h>
#include <time.h>

#define OUTPUT_MAX ((size_t)256 << 20)
#define WORDS_MAX  32

/* A command line; its words are borrowed. */
struct line {
	char *argv[WORDS_MAX];
	size_t n;
};

static void add(struct line *line, const char *word)
{
	if (line->n + 1 >= WORDS_MAX)
		abort();
	/* posix_spawn(3) takes char *const and does not change the strings. */
	memcpy(&line->argv[line->n++], &word, sizeof(word));
}

static void add_option(struct line *line, const char *option, const char *value)
{
	if (!value)
		return;
	add(line, option);
	add(line, value);
}

static struct line begin_line(const struct kubectl *k, const char *verb)
{
	struct line line = { 0 };

	add(&line, "kubectl");
	add_option(&line, "--kubeconfig", k->kubeconfig);
	add_option(&line, "--context", k->context);
	add_option(&line, "--namespace", k->namespace);
	add(&line, verb);
	return line;
}

static int refuse_start(int err)
{
	if (err == -ENOENT)
		return diag_fail(err, "kubectl cannot be started; is it in PATH?");
	return diag_fail(err, "kubectl cannot be started");
}

int kubectl_get(const struct kubectl *k, const char *const words[], struct json **object)
{
	struct line line = begin_line(k, "get");
	cleanup_free char *text = NULL, *reason = NULL;
	size_t len;
	int r;

	for (; *words; words++)
		add(&line, *words);
	add_option(&line, "-o", "json");
	r = process_output(line.argv, k->seconds, OUTPUT_MAX, &text, &len, NULL);
	if (r == -ETIMEDOUT) {
		diag_error("kubectl get did not answer within %u seconds (--timeout)",
			   k->seconds);
		return -EIO;
	}
	if (r < 0)
		return refuse_start(r);
	if (r > 0) {
		diag_error("kubectl get ended with status %d", r);
		return -EIO;
	}
	r = json_parse(text, len, OUTPUT_MAX, object, &reason);
	return r < 0 ? diag_refuse("what kubectl printed is no JSON: %s", reason) : 0;
}

pid_t kubectl_exec(const struct kubectl *k, const char *pod, const char *container,
		   const char *const words[], int in, int *out)
{
	struct line line = begin_line(k, "exec");
	struct process_io io = { .in = in, .err = PROCESS_INHERIT };
	int fds[2];
	pid_t pid;

	add(&line, "-i");
	add_option(&line, "-c", container);
	add(&line, pod);
	add(&line, "--");
	for (; *words; words++)
		add(&line, *words);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return diag_fail(-errno, "kubectl cannot be started");
	io.out = fds[1];
	pid = process_start(line.argv, &io);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return refuse_start(pid);
	}
	*out = fds[0];
	return pid;
}

int kubectl_end(pid_t pid)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	int status;

	for (int i = 0; i < 100; i++) {
		int r = process_poll(pid, &status);

		if (r != 0)
			return r < 0 ? r : status;
		nanosleep(&moment, NULL);
	}
	process_kill(pid, false);
	return -ETIMEDOUT;
}
