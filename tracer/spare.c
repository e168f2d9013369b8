// SPDX-License-Identifier: Apache-2.0
/*
 * spare.c - kill(2) for all but a few, by the list of processes
 *
 * In: a call. Out: the same signals. Only for a caller with the tracer's user and pid namespace:
 * no other's kill(-1) reaches the tracer, or reaches just whom the tracer may signal, too.
 */
#include "spare.h"
#include "rights.h"
#include "status.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>

/* Who was made by one that had not yet got the signal is found by the next pass. */
#define PASSES 3

static bool is_peer(pid_t pid)
{
	char own[64], theirs[64];
	ssize_t n = readlink("/proc/self/ns/pid", own, sizeof(own));
	ssize_t m = rights_readlink(pid, "ns/pid", theirs, sizeof(theirs));

	return n > 0 && n == m && memcmp(own, theirs, (size_t)n) == 0 &&
	       status_number_at(pid, "Uid", 1, -1) == (long)geteuid();
}

/* As kill_something_info() of the kernel: how many there are, whoever may be signalled. */
static size_t signal_all(pid_t caller, pid_t keeper, int signal)
{
	DIR *dir = opendir("/proc");
	const struct dirent *e;
	size_t n = 0;

	while (dir && (e = readdir(dir))) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ? atoi(e->d_name) : 0;

		if (pid <= 1 || pid == caller || pid == keeper || pid == getpid())
			continue;
		n++;
		kill(pid, signal);
	}
	if (dir)
		closedir(dir);
	return n;
}

bool spare_kill(pid_t pid, pid_t keeper, pid_t target, int signal, int *answer)
{
	pid_t caller = (pid_t)status_number(pid, "Tgid", pid);
	size_t n = 0;

	if (signal != SIGKILL && signal != SIGSTOP)
		return false;
	if (target != -1 && target != getpid() && (target <= 0 || target != keeper))
		return false;
	if (!is_peer(pid))
		return false;
	for (int i = 0; target == -1 && i < PASSES; i++)
		n = MAX(n, signal_all(caller, keeper, signal));
	*answer = target == -1 && !n ? -ESRCH : 0;
	return true;
}
