// SPDX-License-Identifier: Apache-2.0
/*
 * filter.h - the seccomp filter that lets only calls of the table stop, or all (seccomp(2))
 *
 * Generated from the rows of calls.c. It looks at numbers and arguments, never at memory, so it
 * lets pass what surely names no path: a send(2) without an address, a utimensat(2) on a
 * descriptor. One thing is let pass that could name one: newfstatat(2) and statx(2) on a real
 * descriptor with the flags AT_EMPTY_PATH and no other, which is how fstat(2) calls the kernel
 * (a tenth to a third of all stops). A name passed together with them would be missed.
 */
#pragma once

#include "calls.h"

#include <linux/filter.h>
#include <sys/socket.h>

/* What a filter is for. */
struct filter_aim {
	uint32_t
		action; /* for calls of the table: SECCOMP_RET_TRACE or SECCOMP_RET_USER_NOTIF */
	/*
	 * For who hears of threads by their calls only: the makers of processes, where they may
	 * share what clone(2) does not by itself, and exit. Else only a maker of what would
	 * escape.
	 */
	bool lives;
	/*
	 * For who asks which calls are made: each stops. Not those that end a signal: if another
	 * comes before a listener has taken such a call, it ends with EINTR, in the midst of
	 * whatever the first one interrupted.
	 */
	bool all;
	unsigned int abis; /* 1 << enum call_abi; FILTER_NATIVE but in tests */
};

#if defined(__aarch64__)
#define FILTER_NATIVE (1u << CALL_ARM64)
#else
#define FILTER_NATIVE (1u << CALL_X86_64 | 1u << CALL_I386)
#endif

/*
 * A sendmsg(2) with these flags passes: how who has installed the filter hands the listener over. The
 * kernel ignores them there (an address, too: it is for connected sockets), and no program has a use
 * for all of them at once.
 */
#define FILTER_HANDOVER (MSG_NOSIGNAL | MSG_CONFIRM | MSG_RST | MSG_SYN | MSG_FIN | MSG_PROXY)

#define FILTER_MAX 2048 /* instructions; the kernel takes 4096 */

struct filter {
	size_t n_insns;
	struct sock_filter insns[FILTER_MAX];
};

void filter_build(struct filter *f, const struct filter_aim *aim);

/*
 * Puts it on this thread, for good; needs no_new_privs or CAP_SYS_ADMIN. flags:
 * SECCOMP_FILTER_FLAG_*; those that this kernel does not know are dropped, but not NEW_LISTENER:
 * with it the listener's descriptor is returned. Else 0, or -errno.
 */
int filter_install(const struct filter *f, unsigned int flags) MUST_CHECK;
