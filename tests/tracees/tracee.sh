#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a test program under the tracer and compares the log with what the program says.
# usage: tracee.sh TRACER TDUMP VARIANT PROGRAM [ARG]...
# First "PROGRAM setup" fills the test's directory, untraced. VARIANT: the engine, and behind a
# dash what is different: regs (no PTRACE_GET_SYSCALL_INFO), noptrace (root without
# CAP_SYS_PTRACE, as in Docker), user (everything as uid 1000), syscalls (each call stops, and the
# rest of the log must be the same).
set -u
tracer=$(realpath "$1") tdump=$(realpath "$2") variant=$3 program=$(realpath "$4")
shift 4
set -- "$program" "$@"
dir=$(mktemp -d "${TMPDIR:-/tmp}/tracee.XXXXXX") || exit 1
trap 'chmod -R u+rwx "$dir" 2>/dev/null; rm -rf "$dir"' EXIT
mkdir "$dir/w" "$dir/log"
chmod 1777 "$dir/log" "$dir/w"
chmod 755 "$dir"
T=$dir/w
ENGINE=${variant%%-*}
export T ENGINE
cd "$T" || exit 1

need_root() {
	[ "$(id -u)" = 0 ] || exit 77
}
case $variant in
*-regs)
	IMAGETRIM_NO_SYSCALL_INFO=1
	export IMAGETRIM_NO_SYSCALL_INFO ;;
*-syscalls)
	IMAGETRIM_SYSCALLS=1
	export IMAGETRIM_SYSCALLS ;;
*-noptrace)
	need_root
	prefix="setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace" ;;
*-user)
	need_root
	# The build may lie where only root can go.
	mkdir "$dir/bin" && chmod 755 "$dir/bin" && cp "$tracer" "$program" "$dir/bin" || exit 1
	shift
	set -- "$dir/bin/$(basename "$program")" "$@"
	tracer=$dir/bin/$(basename "$tracer")
	prefix="setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all" ;;
esac

if ! ${prefix-} "$1" setup >"$dir/setup" 2>&1; then
	cat "$dir/setup" >&2
	exit 1
fi
status=0
${prefix-} "$tracer" --engine "${variant%-*}" --log-dir "$dir/log" -- "$@" >"$dir/expected" || status=$?
[ "$status" = 77 ] && exit 77
if [ "$status" != 0 ]; then
	echo "the program ended with $status" >&2
	exit 1
fi
"$tdump" "$dir"/log/*.tlog "$T" | LC_ALL=C sort >"$dir/got"
grep -av '^note ' "$dir/expected" | LC_ALL=C sort >"$dir/paths"
"$tdump" --notes "$dir"/log/*.tlog | grep -Eav '^note (exit|syscall) ' |
	LC_ALL=C sed 's/ [0-9]* / /' | LC_ALL=C sort -u >"$dir/notes"
grep -a '^note ' "$dir/expected" | LC_ALL=C sort -u >"$dir/want"
diff -u "$dir/paths" "$dir/got" && diff -u "$dir/want" "$dir/notes"
