// SPDX-License-Identifier: Apache-2.0
/*
 * test_filter.c - runs the filter for every number of every ABI with telling arguments, and
 * compares with what the table says; works out, as the kernel does, which numbers always pass
 */
#include "filter.h"
#include "tlog.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#define ACTION	SECCOMP_RET_USER_NOTIF
#define LAST_NR 520 /* beyond the table */
#define X32_BIT 0x40000000

static const uint32_t archs[CALL_N_ABIS] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
					     AUDIT_ARCH_AARCH64 };

static struct call_index calls;

/* ---- the kernel's part ----------------------------------------------------------------- */

/* What a valid filter may hold of classic BPF (Documentation/networking/filter.rst). */
static uint32_t run(const struct filter *f, const struct seccomp_data *data, size_t *n_steps)
{
	uint32_t a = 0;

	*n_steps = 0;
	for (size_t pc = 0;; pc++) {
		const struct sock_filter *i;

		assert_true(pc < f->n_insns);
		i = &f->insns[pc];
		++*n_steps;
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(i->k % 4 == 0 && i->k + 4 <= sizeof(*data));
			memcpy(&a, (const char *)data + i->k, 4);
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += a & i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			fail_msg("instruction %zu: code %#x", pc, i->code);
		}
	}
}

/* seccomp_is_const_allow() of kernel/seccomp.c: true if no argument is asked for. */
static bool always_passes(const struct filter *f, uint32_t arch, int nr)
{
	struct seccomp_data data = { .nr = nr, .arch = arch };
	uint32_t a = 0;

	for (size_t pc = 0; pc < f->n_insns; pc++) {
		const struct sock_filter *i = &f->insns[pc];

		if (i->code == (BPF_LD | BPF_W | BPF_ABS)) {
			if (i->k > offsetof(struct seccomp_data, arch))
				return false;
			memcpy(&a, (const char *)&data + i->k, 4);
		} else if (i->code == (BPF_RET | BPF_K)) {
			return i->k == SECCOMP_RET_ALLOW;
		} else if (i->code == (BPF_JMP | BPF_JA)) {
			pc += i->k;
		} else if (i->code == (BPF_JMP | BPF_JEQ | BPF_K)) {
			pc += a == i->k ? i->jt : i->jf;
		} else if (i->code == (BPF_JMP | BPF_JGE | BPF_K)) {
			pc += a >= i->k ? i->jt : i->jf;
		} else {
			pc += a & i->k ? i->jt : i->jf;
		}
	}
	return false;
}

/* ---- what the table says --------------------------------------------------------------- */

static bool stat_stops(const uint64_t *args, const struct call_path *p)
{
	bool only_empty = (uint32_t)args[p->flags] == AT_EMPTY_PATH;

	return !only_empty || (int32_t)args[p->dir] < 0;
}

static bool clone_stops(uint64_t flags, bool lives)
{
	if (flags & CLONE_UNTRACED)
		return true;
	if (flags & CLONE_THREAD || !lives)
		return false;
	return flags & (CLONE_FS | CLONE_FILES | CLONE_NEWNS | CLONE_NEWUSER);
}

static bool stops(enum call_abi abi, int nr, const uint64_t *args, bool lives, bool all)
{
	const struct call_row *row = calls_find(&calls, abi, (uint32_t)nr);
	const struct call_path *p = row ? &row->paths[0] : NULL;

	if (abi == CALL_X86_64 && nr & X32_BIT)
		return true;
	if (row && strcmp(row->name, "sendmsg") == 0 && (uint32_t)args[2] == FILTER_HANDOVER)
		return false;
	if (all)
		return !row || row->kind != CALL_RESUME;
	if (!row)
		return calls_unknown(abi, (uint32_t)nr);
	switch (row->kind) {
	case CALL_FORK:
	case CALL_VFORK:
	case CALL_RESUME:
		return false;
	case CALL_EXIT:
	case CALL_EXIT_GROUP:
		return lives;
	case CALL_CLONE:
		return clone_stops(args[0], lives);
	case CALL_CLONE3:
		return lives;
	case CALL_DUMPABLE:
		return (uint32_t)args[0] == PR_SET_DUMPABLE;
	case CALL_KILL:
		return (uint32_t)args[1] == SIGKILL || (uint32_t)args[1] == SIGSTOP;
	case CALL_STAT:
		return stat_stops(args, p);
	case CALL_ADDRESS:
		return args[p->path];
	case CALL_SOCKETCALL:
		return args[0] == 2 || args[0] == 3 || args[0] == 11 || args[0] == 16 ||
		       args[0] == 20;
	case CALL_PATHS:
		return args[p->path < 0 ? 0 : p->path] || p->family != CALL_AT ||
		       p->ops != TLOG_CHANGE;
	default:
		return true;
	}
}

/* ---- tests ----------------------------------------------------------------------------- */

static const uint64_t words[] = {
	0,
	1,
	3,
	PR_SET_DUMPABLE,
	SIGKILL,
	SIGSTOP,
	20,
	(uint32_t)AT_FDCWD,
	(uint64_t)AT_FDCWD,
	AT_EMPTY_PATH,
	AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
	0xdead00000000 | AT_EMPTY_PATH, /* an int's upper half means nothing */
	0x700000000000,			/* a pointer whose lower half is 0 */
	0x7ffdc0de1234,
	CLONE_FS | 17,
	CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
	CLONE_UNTRACED | CLONE_THREAD | CLONE_VM,
	CLONE_NEWNS,
	CLONE_VM | CLONE_VFORK,
	FILTER_HANDOVER,
};
#define N_WORDS ARRAY_SIZE(words)

/* All calls of one number: each pair of words at each pair of arguments. */
static void compare_number(const struct filter *f, enum call_abi abi, int nr, bool lives,
			   bool all)
{
	struct seccomp_data data = { .nr = nr, .arch = archs[abi] };

	for (size_t pair = 0; pair < CALL_N_ARGS * CALL_N_ARGS * N_WORDS * N_WORDS; pair++) {
		size_t rest = pair, a, b, v, w, steps;
		uint64_t args[CALL_N_ARGS];
		bool want;

		a = rest % CALL_N_ARGS, rest /= CALL_N_ARGS;
		b = rest % CALL_N_ARGS, rest /= CALL_N_ARGS;
		v = rest % N_WORDS, w = rest / N_WORDS;
		if (a > b)
			continue;
		memset(args, 0, sizeof(args));
		args[a] = words[v];
		args[b] = words[w];
		for (int i = 0; abi == CALL_I386 && i < CALL_N_ARGS; i++)
			args[i] = (uint32_t)args[i];
		memcpy(data.args, args, sizeof(args));
		want = stops(abi, nr, args, lives, all);
		if (run(f, &data, &steps) != (want ? ACTION : SECCOMP_RET_ALLOW))
			fail_msg("ABI %d call %d: arguments %zu %#llx, %zu %#llx", abi, nr, a,
				 (unsigned long long)args[a], b, (unsigned long long)args[b]);
		assert_true(steps < 40);
	}
}

static void build(struct filter *f, bool lives, bool all)
{
	const struct filter_aim aim = { ACTION, lives, all, (1u << CALL_N_ABIS) - 1 };

	calls_index(&calls);
	filter_build(f, &aim);
}

static void agrees_with_the_table(void **state UNUSED)
{
	static struct filter f;
	static const int odd[] = {
		-1,	 -2,	  INT32_MIN,	   INT32_MAX,	     X32_BIT, X32_BIT + 2,
		0x10000, 0x20002, X32_BIT + 0x208, 0x7fffffff - 100, 1000
	};

	for (int way = 0; way < 4; way++) {
		bool lives = way & 1, all = way & 2;

		build(&f, lives, all);
		for (int abi = 0; abi < CALL_N_ABIS; abi++) {
			for (int nr = 0; nr <= LAST_NR; nr++)
				compare_number(&f, (enum call_abi)abi, nr, lives, all);
			for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
				compare_number(&f, (enum call_abi)abi, odd[i], lives, all);
		}
	}
}

static void stops_what_has_no_column(void **state UNUSED)
{
	static struct filter f;
	const struct filter_aim aim = { ACTION, true, false, 1u << CALL_ARM64 };
	struct seccomp_data data = { .nr = 0, .arch = AUDIT_ARCH_ARM };
	size_t steps;

	filter_build(&f, &aim);
	assert_int_equal(run(&f, &data, &steps), ACTION);
	data.arch = AUDIT_ARCH_AARCH64;
	assert_int_equal(run(&f, &data, &steps), SECCOMP_RET_ALLOW); /* io_setup */
}

/* The kernel keeps these numbers in a bitmap: read, write, futex ... never run the filter. */
static void costs_others_nothing(void **state UNUSED)
{
	static struct filter f;

	build(&f, true, false);
	for (int abi = 0; abi < CALL_N_ABIS; abi++)
		for (int nr = 0; nr <= 470; nr++) {
			const struct call_row *row =
				calls_find(&calls, (enum call_abi)abi, (uint64_t)nr);

			if (!row)
				assert_true(always_passes(&f, archs[abi], nr));
		}
	assert_true(always_passes(&f, AUDIT_ARCH_X86_64, 57)); /* fork */
	assert_false(always_passes(&f, AUDIT_ARCH_X86_64, 2)); /* open */
	assert_false(always_passes(&f, AUDIT_ARCH_X86_64, 262));
}

static void the_kernel_takes_it(void **state UNUSED)
{
	static struct filter f;
	const struct filter_aim aim = { SECCOMP_RET_ERRNO | EDOM, false, false, FILTER_NATIVE };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct stat st;
		bool good;

		filter_build(&f, &aim);
		good = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		       filter_install(&f, SECCOMP_FILTER_FLAG_SPEC_ALLOW) == 0;
		good &= open("/", O_RDONLY) < 0 && errno == EDOM;
		good &= getppid() > 0 && fstat(0, &st) == 0;
		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_table),
		cmocka_unit_test(stops_what_has_no_column),
		cmocka_unit_test(costs_others_nothing),
		cmocka_unit_test(the_kernel_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
