// SPDX-License-Identifier: Apache-2.0
/*
 * test_engine.c - finding an engine, its words, its failures
 *
 * The engine is a shell script, named by the variable a Docker CLI plugin gets.
 */
#include "engine_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#define BINARY "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"

static char script[] = "/tmp/test-engine-XXXXXX";

/* From here on, docker is a shell script with this body. */
static void docker_is(const char *body)
{
	FILE *f = fopen(script, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", body);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(script, 0700), 0);
	setenv(BINARY, script, true);
}

static const struct engine *docker(const char *body)
{
	const struct engine *engine = NULL;

	docker_is(body);
	assert_int_equal(engine_find("docker", &engine), 0);
	return engine;
}

static int setup(void **state UNUSED)
{
	int fd = mkstemp(script);

	if (fd < 0)
		return -1;
	signal(SIGPIPE, SIG_IGN); /* as in the program */
	close(fd);
	return 0;
}

static int teardown(void **state UNUSED)
{
	return unlink(script);
}

static void test_find(void **state UNUSED)
{
	const struct engine *engine = NULL;

	assert_string_equal(engine_name(docker("")), "docker");
	assert_string_equal(engine_domain(docker("")), "docker.io");
	assert_int_equal(engine_find("lxc", &engine), -ENOENT);
	setenv(BINARY, "/nonexistent/docker", true);
	assert_int_equal(engine_find("docker", &engine), -ENOENT);
	assert_null(engine);
}

static void test_find_first(void **state UNUSED)
{
	cleanup_free char *path = xstrdup(getenv("PATH"));
	const struct engine *engine = NULL;

	docker_is("exec echo 1");
	assert_int_equal(engine_find(NULL, &engine), 0);
	assert_string_equal(engine_name(engine), "docker");
	engine = NULL;
	setenv("PATH", "/nonexistent", true);
	docker_is("echo 'Cannot connect to the Docker daemon' >&2; exit 1");
	assert_int_equal(engine_find(NULL, &engine), -ENOTCONN);
	/* What docker prints when it stands for a podman without a server. */
	docker_is("echo");
	assert_int_equal(engine_find(NULL, &engine), -ENOTCONN);
	/* None at all. */
	setenv(BINARY, "/nonexistent/docker", true);
	assert_int_equal(engine_find(NULL, &engine), -ENOTCONN);
	assert_null(engine);
	setenv("PATH", path, true);
}

static void test_inspect(void **state UNUSED)
{
	struct json *object = NULL;
	const struct engine *engine;

	engine = docker("[ \"$1 $2 $3\" = 'image inspect a:1' ] && echo '[{\"Id\":\"x\"}]'");
	assert_int_equal(engine_inspect(engine, "image", "a:1", &object), 0);
	assert_string_equal(json_get_text(object, "Id"), "x");
	json_free(object);
	object = NULL;
	engine = docker("echo '[]'; echo 'Error: No such image: a:1' >&2; exit 1");
	assert_int_equal(engine_inspect(engine, "image", "a:1", &object), -ENOENT);
	/* "no such file" is no missing image. */
	engine = docker("echo 'dial unix /x: connect: no such file or directory' >&2; exit 1");
	assert_int_equal(engine_inspect(engine, "image", "a:1", &object), -EIO);
	engine = docker("echo '[]'");
	assert_int_equal(engine_inspect(engine, "image", "a:1", &object), -EBADMSG);
	engine = docker("echo '{'");
	assert_int_equal(engine_inspect(engine, "image", "a:1", &object), -EBADMSG);
	assert_null(object);
}

static int temporary(void)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

#define INSPECTED "[ $1 = image ] && exec echo '[{\"Size\":9}]'\n"

static void test_save(void **state UNUSED)
{
	cleanup_fd int fd = temporary(), other = temporary();
	cleanup_free char *text = NULL;
	size_t len;

	assert_int_equal(
		engine_save(docker(INSPECTED "[ $1 = save ] && echo \"tar of $2\""), "a:1", fd),
		0);
	assert_int_equal(read_whole(fd, 100, &text, &len), 0);
	assert_string_equal(text, "tar of a:1\n");
	assert_int_equal(engine_save(docker("exit 1"), "a", other), -EIO);
	assert_int_equal(engine_save(docker(INSPECTED "exit 1"), "a", other), -EIO);
	assert_int_equal(engine_save(docker("echo 'No such image' >&2; exit 1"), "a", other),
			 -ENOENT);
}

/*
 * What there is no room for is told while the engine prepares, and what is known of the archive
 * then: nothing where layers may be compressed.
 */
static void test_save_room(void **state UNUSED)
{
#define HUGE_SIZE "\"Size\":4611686018427387904"
	static const struct {
		const char *inspected;
		int r;
	} rows[] = {
		{ "{" HUGE_SIZE ",\"GraphDriver\":{\"Name\":\"overlay2\"}}", -ENOSPC },
		{ "{" HUGE_SIZE ",\"GraphDriver\":{\"Name\":\"vfs\"}}", -ENOSPC },
		{ "{" HUGE_SIZE ",\"GraphDriver\":{\"Name\":\"overlayfs\"}}", 0 },
		{ "{" HUGE_SIZE ",\"GraphDriver\":{\"Name\":\"btrfs\"},\"Descriptor\":{}}", 0 },
		{ "{" HUGE_SIZE "}", 0 },
		{ "{\"Id\":\"x\"}", 0 },
	};
	cleanup_fd int fd = temporary();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		/* An engine that would save for a day is not waited for. */
		cleanup_free char *body =
			xasprintf("[ $1 = image ] && exec echo '[%s]'\nexec sleep %d",
				  rows[i].inspected, rows[i].r ? 86400 : 0);

		assert_int_equal(engine_save(docker(body), "a:1", fd), rows[i].r);
	}
}

static int load(const char *body, int fd)
{
	struct engine_load *begun = NULL;

	assert_int_equal(engine_load_begin(docker(body), &begun), 0);
	return engine_load_end(begun, fd);
}

static void test_load(void **state UNUSED)
{
	struct engine_load *begun = NULL;
	cleanup_fd int fd = temporary();

	assert_int_equal(write_all(fd, "archive", 7), 0);
	/* Read from its start, wherever the offset is. */
	assert_int_equal(load("[ \"$(cat)\" = archive ]", fd), 0);
	assert_int_equal(load("[ \"$(cat)\" = archive ]", fd), 0);
	assert_int_equal(load("echo 'no space left' >&2; exit 1", fd), -EIO);
	assert_int_equal(load("kill -9 $$", fd), -EIO);
	assert_int_equal(engine_load_begin(docker("exec cat"), &begun), 0);
	engine_load_cancel(begun);
	engine_load_cancel(NULL);
}

static void test_remove(void **state UNUSED)
{
	assert_int_equal(
		engine_remove_image(docker("echo 'No such image: a' >&2; exit 1"), "a"), 0);
	assert_int_equal(engine_remove_container(docker("[ \"$*\" = 'rm -f -v a' ]"), "a"), 0);
	assert_int_equal(engine_remove_container(docker("exit 3"), "a"), 3);
}

static void test_ask(void **state UNUSED)
{
	const char *const words[] = { "create", "x y", NULL };
	char *line = NULL;

	assert_int_equal(engine_ask(docker("echo \"$#:$2\"; echo more"), words, "w", &line), 0);
	assert_string_equal(line, "2:x y");
	free(line);
	line = NULL;
	assert_int_equal(engine_ask(docker("exit 125"), words, "w", &line), -EIO);
	assert_null(line);
}

static void test_one_line(void **state UNUSED)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "it does not say why" },
		{ "\n \n", "it does not say why" },
		{ "Error response from daemon: No such image: x\n", "No such image: x" },
		{ "Error: a:\n * oci: b\n * dir: c\n", "a:; * oci: b; * dir: c" },
		{ "unknown flag: --x\n\nUsage:  docker create [OPTIONS]\n\nRun 'docker'\n",
		  "unknown flag: --x" },
		{ "time=\"1\" level=error msg=\"no systemd\"\nError: real\n", "real" },
		{ "time=\"1\" level=error msg=\"only\"\n",
		  "time=\"1\" level=error msg=\"only\"" },
		{ "a\r\nb", "a; b" },
	};
	char big[3000];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *line = engine_one_line(cases[i].text);

		assert_string_equal(line, cases[i].want);
	}
	for (size_t i = 0; i + 1 < sizeof(big); i++)
		big[i] = i % 7 ? 'x' : '\n';
	big[sizeof(big) - 1] = '\0';
	cleanup_free char *line = engine_one_line(big);
	assert_true(strlen(line) <= 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),	  cmocka_unit_test(test_find_first),
		cmocka_unit_test(test_inspect),	  cmocka_unit_test(test_save),
		cmocka_unit_test(test_save_room), cmocka_unit_test(test_load),
		cmocka_unit_test(test_remove),	  cmocka_unit_test(test_ask),
		cmocka_unit_test(test_one_line),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
