// SPDX-License-Identifier: Apache-2.0
/*
 * bench_calls.c - what is traced: path calls and nothing else, timed from within
 *
 * bench-calls KIND N DIR REPORT [IDLE]
 *
 * in:   DIR, with the files that `bench-calls make N DIR -` has made (at least N, for KIND unique);
 *       IDLE threads stand by asleep
 * out:  REPORT: path calls made, nanoseconds they took (without start and end of the program)
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILES_A_DIR 100
#define FEW	    8 /* paths that are used again and again */
#define N_THREADS   4
#define IDLE_STACK  65536

static const char *dir;
static long calls;

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(1);
}

static void path_of(char *path, size_t size, long n, const char *suffix)
{
	snprintf(path, size, "%s/d%ld/file%ld%s", dir, n / FILES_A_DIR, n, suffix);
}

static void make(long n)
{
	char path[256];

	for (long i = 0; i < n; i++) {
		int fd;

		snprintf(path, sizeof(path), "%s/d%ld", dir, i / FILES_A_DIR);
		if (i % FILES_A_DIR == 0 && mkdir(path, 0755) < 0 && errno != EEXIST)
			die(path);
		path_of(path, sizeof(path), i, "");
		fd = open(path, O_CREAT | O_WRONLY, 0644);
		if (fd < 0)
			die(path);
		close(fd);
	}
}

static void use_file(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || stat(path, &st) < 0 || fstatat(AT_FDCWD, path, &st, 0) < 0)
		die(path);
	close(fd);
}

static void want_missing(const char *path)
{
	if (access(path, F_OK) == 0)
		die(path);
}

static void each_of_few(long n, const char *suffix, void (*use)(const char *))
{
	char paths[FEW][256];

	for (long i = 0; i < FEW; i++)
		path_of(paths[i], sizeof(paths[i]), i, suffix);
	for (long i = 0; i < n; i++)
		use(paths[i % FEW]);
}

static void each_once(long n, const char *suffix, void (*use)(const char *))
{
	char path[256];

	for (long i = 0; i < n; i++) {
		path_of(path, sizeof(path), i, suffix);
		use(path);
	}
}

static void repeated(long n)
{
	each_of_few(n / 3, "", use_file);
	calls = n / 3 * 3;
}

static void unique(long n)
{
	each_once(n, "", use_file);
	calls = n * 3;
}

static void missing(long n)
{
	each_of_few(n, ".none", want_missing);
	calls = n;
}

static void missing_unique(long n)
{
	each_once(n, ".none", want_missing);
	calls = n;
}

static void known(long n)
{
	char path[256];

	path_of(path, sizeof(path), 0, "");
	for (long i = 0; i < n; i++)
		if (access(path, F_OK) < 0)
			die(path);
	calls = n;
}

static void cpu(long n)
{
	volatile unsigned int x = 1;

	for (long i = 0; i < n; i++)
		x = x * 1664525u + 1013904223u;
}

static void *open_few(void *arg)
{
	char path[256];
	long n = *(const long *)arg;

	for (long i = 0; i < n; i++) {
		int fd;

		path_of(path, sizeof(path), i % FEW, "");
		fd = open(path, O_RDONLY);
		if (fd < 0)
			die(path);
		close(fd);
	}
	return NULL;
}

static void threads(long n)
{
	pthread_t ids[N_THREADS];
	long each = n / N_THREADS;

	for (int i = 0; i < N_THREADS; i++)
		if (pthread_create(&ids[i], NULL, open_few, &each) != 0)
			die("pthread_create");
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(ids[i], NULL);
	calls = each * N_THREADS;
}

static void *sleep_on(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void start_idle(long n)
{
	pthread_attr_t attr;
	pthread_t id;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, IDLE_STACK);
	for (long i = 0; i < n; i++)
		if (pthread_create(&id, &attr, sleep_on, NULL) != 0)
			die("pthread_create");
	usleep(200000);
}

static const struct {
	const char *name;
	void (*run)(long n);
} kinds[] = {
	{ "make", make },     { "known", known },     { "repeated", repeated },
	{ "unique", unique }, { "missing", missing }, { "missing-unique", missing_unique },
	{ "cpu", cpu },	      { "threads", threads },
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void report(const char *name, double took)
{
	FILE *f = strcmp(name, "-") == 0 ? stdout : fopen(name, "w");

	if (!f || fprintf(f, "%ld %.0f\n", calls, took) < 0 || fflush(f) != 0)
		die(name);
}

int main(int argc, char **argv)
{
	if (argc < 5) {
		fprintf(stderr, "usage: bench-calls KIND N DIR REPORT [IDLE]\n");
		return 2;
	}
	dir = argv[3];
	if (argc > 5)
		start_idle(atol(argv[5]));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		double start = now();

		if (strcmp(kinds[i].name, argv[1]) != 0)
			continue;
		kinds[i].run(atol(argv[2]));
		report(argv[4], now() - start);
		return 0;
	}
	fprintf(stderr, "bench-calls: no kind %s\n", argv[1]);
	return 2;
}
