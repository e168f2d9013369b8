// SPDX-License-Identifier: Apache-2.0
/*
 * filter.c - a tree of comparisons for each ABI, and a check of arguments at some leaves
 *
 * In: the table of calls. Out: instructions. Numbers are cut into ranges with one verdict each,
 * which a balanced tree of "at least" tells apart. Loads of the number and comparisons with
 * constants only, up to the leaves: so the kernel can work out before the first call which
 * numbers always pass, and does not even run the filter for them (since Linux 5.11).
 *
 * A number newer than the table stops (it is noted in the log), and so does each call of an ABI
 * that has no column, and all of x32. Where all calls are to stop there are but two kinds of ranges.
 */
#include "filter.h"
#include "tlog.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define X32_BIT	 0x40000000u
#define NEGATIVE 0x80000000u /* and above, as int */
/* The most that a jump on a condition can pass over. */
#define JUMP_MAX 255

struct builder {
	struct filter *f;
	const struct filter_aim *aim;
	struct call_index index;
	enum call_abi abi;
};

/* ---- instructions ---------------------------------------------------------------------- */

static void put(struct builder *b, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	/* A table that needs more is one that the unit test has not seen. */
	if (b->f->n_insns == FILTER_MAX)
		abort();
	b->f->insns[b->f->n_insns++] =
		(struct sock_filter) { .code = code, .jt = yes, .jf = no, .k = k };
}

static void load(struct builder *b, size_t offset)
{
	put(b, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* Both machines are little endian. */
static void load_arg(struct builder *b, int n, bool high)
{
	load(b, offsetof(struct seccomp_data, args) + (size_t)n * 8 + (high ? 4 : 0));
}

static void jump(struct builder *b, uint16_t test, uint32_t k, uint8_t yes, uint8_t no)
{
	put(b, BPF_JMP | BPF_K | test, k, yes, no);
}

static void pass(struct builder *b)
{
	put(b, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

static void stop(struct builder *b)
{
	put(b, BPF_RET | BPF_K, b->aim->action, 0, 0);
}

/* ---- leaves ---------------------------------------------------------------------------- */

/* Passes if the pointer is NULL. */
static void unless_null(struct builder *b, const struct call_row *row)
{
	int arg = row->paths[0].path;

	load_arg(b, arg, false);
	jump(b, BPF_JEQ, 0, 0, 3);
	load_arg(b, arg, true);
	jump(b, BPF_JEQ, 0, 0, 1);
	pass(b);
	stop(b);
}

/* Passes what fstat(3) does. */
static void unless_fstat(struct builder *b, const struct call_row *row)
{
	const struct call_path *path = &row->paths[0];

	load_arg(b, path->flags, false);
	jump(b, BPF_JEQ, AT_EMPTY_PATH, 0, 3);
	load_arg(b, path->dir, false);
	jump(b, BPF_JGE, NEGATIVE, 1, 0);
	pass(b);
	stop(b);
}

/* A thread's sharing follows from what it is. */
static void if_shares(struct builder *b, const struct call_row *row UNUSED)
{
	const uint32_t all = CLONE_FS | CLONE_FILES | CLONE_NEWNS | CLONE_NEWUSER;

	load_arg(b, 0, false);
	jump(b, BPF_JSET, CLONE_UNTRACED, 2, 0);
	jump(b, BPF_JSET, CLONE_THREAD, 2, 0);
	jump(b, BPF_JSET, b->aim->lives ? all : 0, 0, 1);
	stop(b);
	pass(b);
}

/* i386: those of the calls that may have an address of a path. */
static void if_addressed(struct builder *b, const struct call_row *row UNUSED)
{
	static const uint32_t calls[] = { 2, 3, 11, 16, 20 }; /* as decode.c */
	const size_t n = ARRAY_SIZE(calls);

	load_arg(b, 0, false);
	for (size_t i = 0; i < n; i++)
		jump(b, BPF_JEQ, calls[i], (uint8_t)(n - i), 0);
	pass(b);
	stop(b);
}

static void if_dumpable(struct builder *b, const struct call_row *row UNUSED)
{
	load_arg(b, 0, false);
	jump(b, BPF_JEQ, PR_SET_DUMPABLE, 0, 1);
	stop(b);
	pass(b);
}

/* No process can stand these off, the tracer and its keeper neither. */
static void if_fatal(struct builder *b, const struct call_row *row UNUSED)
{
	load_arg(b, 1, false);
	jump(b, BPF_JEQ, SIGKILL, 1, 0);
	jump(b, BPF_JEQ, SIGSTOP, 0, 1);
	stop(b);
	pass(b);
}

static void unless_handover(struct builder *b, const struct call_row *row UNUSED)
{
	load_arg(b, 2, false);
	jump(b, BPF_JEQ, FILTER_HANDOVER, 0, 1);
	pass(b);
	stop(b);
}

static bool always_passes(const struct builder *b, const struct call_row *row)
{
	switch (row->kind) {
	case CALL_FORK:
	case CALL_VFORK:
	case CALL_RESUME:
		return true;
	case CALL_EXIT:
	case CALL_EXIT_GROUP:
	case CALL_CLONE3:
		return !b->aim->lives;
	default:
		return false;
	}
}

static bool is_sendmsg(const struct call_row *row)
{
	return row->kind == CALL_MESSAGE && strcmp(row->name, "sendmsg") == 0;
}

/* NULL: the number says all. */
static void (*find_check(const struct call_row *row))(struct builder *, const struct call_row *)
{
	static void (*const checks[CALL_N_KINDS])(struct builder *, const struct call_row *) = {
		[CALL_STAT] = unless_fstat, [CALL_ADDRESS] = unless_null,
		[CALL_CLONE] = if_shares,   [CALL_DUMPABLE] = if_dumpable,
		[CALL_KILL] = if_fatal,	    [CALL_SOCKETCALL] = if_addressed,
	};
	const struct call_path *path = &row->paths[0];

	if (row->kind == CALL_PATHS && path->family == CALL_AT && path->ops == TLOG_CHANGE)
		return unless_null;
	return is_sendmsg(row) ? unless_handover : checks[row->kind];
}

/* ---- the tree -------------------------------------------------------------------------- */

/* Numbers from first up to the next range's have this verdict. */
struct range {
	uint32_t first;
	bool stops;
	const struct call_row *row; /* its check decides, if there is one */
};

static size_t find_ranges(const struct builder *b, struct range *ranges)
{
	size_t n = 0;

	for (uint32_t nr = 0; nr < CALL_N_NUMBERS; nr++) {
		const struct call_row *row = calls_find(&b->index, b->abi, nr);
		struct range r = { nr, row ? !always_passes(b, row) : calls_unknown(b->abi, nr),
				   NULL };

		if (b->aim->all)
			r.stops = !row || row->kind != CALL_RESUME;
		if (row && r.stops && (b->aim->all ? is_sendmsg(row) : find_check(row) != NULL))
			r.row = row;
		if (n && !r.row && !ranges[n - 1].row && ranges[n - 1].stops == r.stops)
			continue;
		ranges[n++] = r;
	}
	return n;
}

/* Room for one more instruction at `at`; what is behind moves. */
static void insert(struct builder *b, size_t at)
{
	struct sock_filter *insns = b->f->insns;

	stop(b);
	memmove(insns + at + 1, insns + at, (b->f->n_insns - 1 - at) * sizeof(*insns));
}

/*
 * Ranges that a jump on a condition reaches over, even if some have a check. Their verdicts stand once,
 * behind them: the kernel's time to take a filter grows with its instructions.
 */
#define BLOCK_MAX 48

struct block {
	size_t n_open;
	struct {
		uint8_t *jump;
		size_t from;
		bool stops;
	} open[2 * BLOCK_MAX]; /* jumps to a verdict */
};

static void put_nodes(struct builder *b, struct block *block, const struct range *ranges,
		      size_t n);

/* What *jump of the instruction at `from` leads to. */
static void put_branch(struct builder *b, struct block *block, size_t from, uint8_t *jump,
		       const struct range *ranges, size_t n)
{
	if (n == 1 && !ranges->row) {
		block->open[block->n_open].jump = jump;
		block->open[block->n_open].from = from;
		block->open[block->n_open++].stops = ranges->stops;
		return;
	}
	*jump = (uint8_t)(b->f->n_insns - from - 1);
	put_nodes(b, block, ranges, n);
}

static void put_nodes(struct builder *b, struct block *block, const struct range *ranges,
		      size_t n)
{
	size_t half = n / 2, at = b->f->n_insns;
	struct sock_filter *node = &b->f->insns[at];

	if (n == 1) {
		find_check(ranges->row)(b, ranges->row);
		return;
	}
	jump(b, BPF_JGE, ranges[half].first, 0, 0);
	put_branch(b, block, at, &node->jf, ranges, half);
	put_branch(b, block, at, &node->jt, ranges + half, n - half);
}

static void put_block(struct builder *b, const struct range *ranges, size_t n)
{
	struct block block = { .n_open = 0 };
	size_t verdicts;

	if (n == 1 && !ranges->row) {
		if (ranges->stops)
			stop(b);
		else
			pass(b);
		return;
	}
	put_nodes(b, &block, ranges, n);
	verdicts = b->f->n_insns;
	pass(b);
	stop(b);
	for (size_t i = 0; i < block.n_open; i++) {
		size_t over = verdicts + block.open[i].stops - block.open[i].from - 1;

		if (over > JUMP_MAX)
			abort();
		*block.open[i].jump = (uint8_t)over;
	}
}

static void put_tree(struct builder *b, const struct range *ranges, size_t n)
{
	struct sock_filter *insns = b->f->insns;
	size_t half = n / 2, at, low;

	if (n <= BLOCK_MAX) {
		put_block(b, ranges, n);
		return;
	}
	at = b->f->n_insns;
	jump(b, BPF_JGE, ranges[half].first, 0, 0);
	put_tree(b, ranges, half);
	low = b->f->n_insns - at - 1;
	if (low <= JUMP_MAX) {
		insns[at].jt = (uint8_t)low;
	} else {
		insert(b, at + 1);
		insns[at].jf = 1;
		insns[at + 1] =
			(struct sock_filter) { .code = BPF_JMP | BPF_JA, .k = (uint32_t)low };
	}
	put_tree(b, ranges + half, n - half);
}

/* All calls of one ABI; the instructions before have loaded its name. */
static void put_abi(struct builder *b, uint32_t arch)
{
	struct range ranges[CALL_N_NUMBERS];
	size_t at = b->f->n_insns;

	jump(b, BPF_JEQ, arch, 1, 0);
	put(b, BPF_JMP | BPF_JA, 0, 0, 0);
	load(b, offsetof(struct seccomp_data, nr));
	if (b->abi == CALL_X86_64) {
		jump(b, BPF_JSET, X32_BIT, 0, 1);
		stop(b);
	}
	put_tree(b, ranges, find_ranges(b, ranges));
	b->f->insns[at + 1].k = (uint32_t)(b->f->n_insns - at - 2);
}

void filter_build(struct filter *f, const struct filter_aim *aim)
{
	static const uint32_t archs[CALL_N_ABIS] = {
		[CALL_X86_64] = AUDIT_ARCH_X86_64,
		[CALL_I386] = AUDIT_ARCH_I386,
		[CALL_ARM64] = AUDIT_ARCH_AARCH64,
	};
	struct builder b = { .f = f, .aim = aim };

	_Static_assert(CALL_N_ABIS <= 32, "abis is a mask");
	calls_index(&b.index);
	f->n_insns = 0;
	load(&b, offsetof(struct seccomp_data, arch));
	for (int abi = 0; abi < CALL_N_ABIS; abi++) {
		b.abi = (enum call_abi)abi;
		if (aim->abis & 1u << abi)
			put_abi(&b, archs[abi]);
	}
	stop(&b);
}

/* ---- the kernel ------------------------------------------------------------------------ */

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

int filter_install(const struct filter *f, unsigned int flags)
{
	/* Newest first; each is only for speed. */
	static const unsigned int optional[] = {
		0,
		SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
		SECCOMP_FILTER_FLAG_SPEC_ALLOW,
	};
	struct sock_fprog program = { .len = (unsigned short)f->n_insns };
	long r = -1;

	/* The kernel's header has no const. */
	memcpy(&program.filter, &(const struct sock_filter *) { f->insns },
	       sizeof(program.filter));
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++) {
		if (i && !(flags & optional[i]))
			continue;
		flags &= ~optional[i];
		r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
		if (r >= 0 || errno != EINVAL)
			break;
	}
	return r < 0 ? -errno : (int)r;
}
