// SPDX-License-Identifier: Apache-2.0
/*
 * behave.c - an application with one kind of behaviour, and the watcher of one
 *
 * usage: behave WHAT [ARG]...; what it prints and how it ends must be the same with and without
 * a tracer. "watch-..." are the other side: they start a command and do something to it.
 */
#include "expect.h"

#include <dirent.h>
#include <pthread.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

static int do_exit(char **args)
{
	return atoi(args[0]);
}

static int do_die(char **args)
{
	struct rlimit no_core = { 0, 0 };
	sigset_t all;

	setrlimit(RLIMIT_CORE, &no_core);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	signal(atoi(args[0]), SIG_DFL);
	raise(atoi(args[0]));
	return 0;
}

/* No child that we did not make. */
static int do_echild(char **args UNUSED)
{
	pid_t pid;

	MUST_FAIL(waitpid(-1, NULL, 0), ECHILD);
	MUST_FAIL(waitpid(-1, NULL, WNOHANG), ECHILD);
	pid = fork();
	if (pid == 0)
		_exit(3);
	CHECK(wait(NULL) == pid);
	MUST_FAIL(wait(NULL), ECHILD);
	return 0;
}

static int do_fds(char **args UNUSED)
{
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("fd %d flags %d %d\n", fd, fcntl(fd, F_GETFD),
			       fcntl(fd, F_GETFL));
	return 0;
}

/* Everything of a process that execve keeps. */
static int do_state(char **args UNUSED)
{
	static const char *const keys[] = { "Umask",	    "Uid",    "Gid",	    "Groups",
					    "SigPnd",	    "ShdPnd", "SigBlk",	    "SigIgn",
					    "SigCgt",	    "CapInh", "CapPrm",	    "CapEff",
					    "CapBnd",	    "CapAmb", "NoNewPrivs", "Seccomp",
					    "Cpus_allowed", "Threads" };
	FILE *f = fopen("/proc/self/status", "re");
	char line[4096];
	struct rlimit limit;

	CHECK(f);
	while (fgets(line, sizeof(line), f))
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (strncmp(line, keys[i], strlen(keys[i])) == 0 &&
			    line[strlen(keys[i])] == ':')
				fputs(line, stdout);
	fclose(f);
	for (int i = 0; i < RLIM_NLIMITS; i++)
		if (getrlimit((__rlimit_resource_t)i, &limit) == 0)
			printf("limit %d %llu %llu\n", i, (unsigned long long)limit.rlim_cur,
			       (unsigned long long)limit.rlim_max);
	printf("dumpable %d nice %d sched %d\n", prctl(PR_GET_DUMPABLE),
	       getpriority(PRIO_PROCESS, 0), sched_getscheduler(0));
	printf("leader %d session %d\n", getpgrp() == getpid(), getsid(0) == getpid());
	printf("parent %d group %d\n", getppid(), getpgrp() == getppid());
	printf("deathsig %d\n", ({
		       int s = 0;
		       prctl(PR_GET_PDEATHSIG, &s);
		       s;
	       }));
	printf("cwd %s\n", getcwd(line, sizeof(line)));
	for (char **e = environ; *e; e++)
		if (strncmp(*e, "_=", 2) != 0)
			printf("env %s\n", *e);
	return 0;
}

static int do_args(char **args)
{
	char line[4096] = "";
	ssize_t n = readlink("/proc/self/exe", line, sizeof(line) - 1);

	printf("exe %.*s\n", (int)n, line);
	for (args--; *args; args++)
		printf("arg %s\n", *args);
	return 0;
}

/* Our own child stops and goes on, and we see it. */
static int do_childstop(char **args UNUSED)
{
	static const int stops[] = { SIGSTOP, SIGTSTP };
	pid_t pid = fork();
	int status;

	if (pid == 0)
		for (;;)
			pause();
	/* A group of its own: in an orphaned one SIGTSTP does nothing. */
	MUST(setpgid(pid, pid));
	for (size_t i = 0; i < 2; i++) {
		MUST(kill(pid, stops[i]));
		CHECK(waitpid(pid, &status, WUNTRACED) == pid);
		CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == stops[i]);
		MUST(kill(pid, SIGCONT));
		CHECK(waitpid(pid, &status, WCONTINUED) == pid);
		CHECK(WIFCONTINUED(status));
	}
	MUST(kill(pid, SIGTERM));
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	return 0;
}

/* As init does: orphans come to us, and nobody else. */
static int do_reaper(char **args UNUSED)
{
	int n = 0;

	MUST(prctl(PR_SET_CHILD_SUBREAPER, 1));
	for (int i = 0; i < 5; i++)
		if (fork() == 0) {
			if (fork() == 0) {
				usleep(20000);
				_exit(0);
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		n++;
	CHECK(errno == ECHILD);
	CHECK(n == 10);
	return 0;
}

static volatile sig_atomic_t got;

static void on_signal(int n)
{
	got = n;
}

/* Says "ready", waits for SIGINT or SIGUSR1, tells which. */
static int do_wait(char **args UNUSED)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	CHECK(write(1, "ready\n", 6) == 6);
	while (!got)
		usleep(5000);
	return got == SIGINT ? 42 : 43;
}

/* Looks at file NAME until it is there; then ends with 7. */
static int do_await(char **args)
{
	while (access(args[0], F_OK) < 0)
		usleep(2000);
	return 7;
}

/* Opens N files of their own, in the working directory. */
static int do_many(char **args)
{
	char name[64];

	for (int i = 0; i < atoi(args[0]); i++) {
		snprintf(name, sizeof(name), "file-with-a-rather-long-name-%d", i);
		close((int)MUST(open(name, O_CREAT | O_WRONLY, 0644)));
	}
	return 5;
}

static int do_pid1(char **args UNUSED)
{
	CHECK(getpid() == 1);
	MUST_FAIL(waitpid(-1, NULL, 0), ECHILD);
	return 9;
}

static void *finish(void *name)
{
	usleep(50000);
	CHECK(access(name, F_OK) == 0);
	exit(9);
}

/* The first thread ends, the process does not. */
static int do_leader(char **args)
{
	pthread_t id;

	CHECK(pthread_create(&id, NULL, finish, args[0]) == 0);
	pthread_exit(NULL);
}

static int do_terminal(char **args UNUSED)
{
	CHECK(isatty(0) && isatty(1));
	CHECK(tcgetpgrp(0) == getpgrp());
	CHECK(getsid(0) == getpid());
	return do_wait(NULL);
}

/* ---- watchers -------------------------------------------------------------------------- */

static void read_ready(int fd)
{
	char buf[256];
	size_t n = 0;

	do {
		ssize_t r = read(fd, buf + n, sizeof(buf) - 1 - n);

		CHECK(r > 0);
		n += (size_t)r;
		buf[n] = '\0';
	} while (!strstr(buf, "ready"));
}

/* Ctrl-C on a terminal of its own. */
static int watch_terminal(char **args)
{
	int fd, status;
	pid_t pid = forkpty(&fd, NULL, NULL, NULL);

	if (pid == 0) {
		execvp(args[0], args);
		_exit(99);
	}
	read_ready(fd);
	CHECK(write(fd, "\003", 1) == 1);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status) == 42 ? 0 : 1;
}

/* Stop and go on, as the command's parent sees them. */
static int watch_stop(char **args)
{
	int fds[2], status;
	pid_t pid;

	MUST(pipe(fds));
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		execvp(args[0], args);
		_exit(99);
	}
	read_ready(fds[0]);
	for (int i = 0; i < 2; i++) {
		MUST(kill(pid, SIGSTOP));
		CHECK(waitpid(pid, &status, WUNTRACED) == pid);
		CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
		if (i == 0) {
			MUST(kill(pid, SIGCONT));
			CHECK(waitpid(pid, &status, WCONTINUED) == pid);
			CHECK(WIFCONTINUED(status));
		}
	}
	/* It really stands still. */
	MUST(kill(pid, SIGUSR1));
	usleep(30000);
	CHECK(waitpid(pid, &status, WNOHANG) == 0);
	MUST(kill(pid, SIGCONT));
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 43);
	return 0;
}

/* io_uring_setup(2) as the kernel has it, or as the tracer does. */
static int do_uring(char **args UNUSED)
{
	char params[512] = { 0 };
	long r = syscall(425, 4, params);

	printf("%s\n", r < 0 ? strerror(errno) : "works");
	return 0;
}

/* As a supervisor at its end: all others are stopped, then killed; it goes on with file NAME. */
static int do_sweep(char **args)
{
	int status, n = 0;

	CHECK(getpid() == 1);
	MUST_FAIL(kill(-1, SIGKILL), ESRCH);
	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			for (;;)
				pause();
	MUST(kill(-1, SIGSTOP));
	CHECK(waitpid(-1, &status, WUNTRACED) > 0 && WIFSTOPPED(status));
	MUST(access(args[0], F_OK));
	MUST(kill(-1, SIGKILL));
	for (; wait(&status) > 0; n++)
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK(n == 3);
	MUST(open(args[0], O_RDONLY));
	return 9;
}

static volatile sig_atomic_t n_ticks;

static void tick(int signal UNUSED)
{
	n_ticks++;
}

/* Signals all the time; "restart" or not, calls that do not wait never end with EINTR: else 4. */
static int do_ticks(char **args)
{
	const struct sigaction act = { .sa_handler = tick,
				       .sa_flags =
					       strcmp(args[0], "restart") ? 0 : SA_RESTART };
	const struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { 0 };
	bool interrupted = false;

	MUST(sigaction(SIGALRM, &act, NULL));
	MUST(setitimer(ITIMER_REAL, &often, NULL));
	while (n_ticks < 1000) {
		long parent = syscall(SYS_getppid);

		CHECK(parent >= 0 || errno == EINTR);
		interrupted |= parent < 0;
		if (access(args[1], F_OK) < 0) {
			CHECK(errno == EINTR);
			interrupted = true;
		}
	}
	/* exit_group(2) must not be one of them: the C library goes on behind it, and dies. */
	while (setitimer(ITIMER_REAL, &never, NULL) < 0)
		CHECK(errno == EINTR);
	return interrupted ? EINTR : 0;
}

static const struct {
	const char *name;
	int (*run)(char **args);
} table[] = {
	{ "exit", do_exit },	       { "die", do_die },
	{ "echild", do_echild },       { "fds", do_fds },
	{ "state", do_state },	       { "args", do_args },
	{ "childstop", do_childstop }, { "uring", do_uring },
	{ "reaper", do_reaper },       { "wait", do_wait },
	{ "await", do_await },	       { "many", do_many },
	{ "sweep", do_sweep },	       { "ticks", do_ticks },
	{ "pid1", do_pid1 },	       { "leader", do_leader },
	{ "terminal", do_terminal },   { "watch-terminal", watch_terminal },
	{ "watch-stop", watch_stop },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(table) / sizeof(*table); i++)
		if (strcmp(argv[1], table[i].name) == 0)
			return table[i].run(argv + 2);
	fprintf(stderr, "behave: what?\n");
	return 99;
}
