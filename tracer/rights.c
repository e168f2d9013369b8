// SPDX-License-Identifier: Apache-2.0
/*
 * rights.c - setfsuid(2) there and back
 *
 * In: a pid. Out: its /proc files. Changing ids makes the *tracer* undumpable, which its next
 * seizing would suffer from: PR_SET_DUMPABLE cures it each time.
 */
#include "rights.h"
#include "status.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

bool rights_borrow(pid_t pid)
{
	int saved = errno;
	long uid = status_number_at(pid, "Uid", 1, -1);
	long gid = status_number_at(pid, "Gid", 1, -1);

	if (uid < 0 || gid < 0 || ((uid_t)uid == geteuid() && (gid_t)gid == getegid())) {
		errno = saved;
		return false;
	}
	setfsgid((gid_t)gid);
	setfsuid((uid_t)uid);
	errno = saved;
	return true;
}

void rights_return(void)
{
	int saved = errno;

	setfsuid(geteuid());
	setfsgid(getegid());
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	errno = saved;
}

static bool denied(int err)
{
	return err == EACCES || err == EPERM;
}

int rights_open(pid_t pid, const char *name, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0 && denied(errno) && rights_borrow(pid)) {
		fd = open(path, flags | O_CLOEXEC);
		rights_return();
	}
	return fd < 0 ? -errno : fd;
}

ssize_t rights_readlink(pid_t pid, const char *name, char *buf, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	n = readlink(path, buf, size);
	if (n < 0 && denied(errno) && rights_borrow(pid)) {
		n = readlink(path, buf, size);
		rights_return();
	}
	return n < 0 ? -errno : n;
}

bool rights_capable(int cap)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &head, data) == 0 &&
	       data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

static uint64_t hash_line(uint64_t h, const char *line)
{
	for (; line && *line && *line != '\n'; line++)
		h = (h ^ (unsigned char)*line) * 0x100000001b3u;
	return h;
}

uint64_t rights_of(pid_t pid)
{
	const uint64_t matter = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH |
				1u << CAP_FOWNER | 1u << CAP_SYS_ADMIN;
	uint64_t h = 0xcbf29ce484222325u;
	const char *caps;
	char text[4096];

	if (status_read(pid, text, sizeof(text)) <= 0)
		return 0;
	h = hash_line(h, status_line(text, "Uid"));
	h = hash_line(h, status_line(text, "Gid"));
	h = hash_line(h, status_line(text, "Groups"));
	caps = status_line(text, "CapEff");
	h ^= (caps ? strtoull(caps, NULL, 16) : 0) & matter;
	return h ? h : 1;
}
