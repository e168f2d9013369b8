# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What tests have that look at a traced command: sourced with TRACER TDUMP CASE ENGINE[-syscalls], in
# that order.
# Sets tracer, tdump, case, dir (removed at the end, and where it stands), log; app: a process that
# must not outlive the test.
# What wait_until gets is evaluated later; file names here are tame.
# shellcheck disable=SC2016,SC2034
set -u
tracer=$(realpath "$1") tdump=$(realpath "$2") case=$3
export IMAGETRIM_ENGINE=${4%-syscalls}
[ "$IMAGETRIM_ENGINE" = "$4" ] || export IMAGETRIM_SYSCALLS=1
dir=$(mktemp -d "${TMPDIR:-/tmp}/traced.XXXXXX") || exit 1
app=
trap '[ -z "$app" ] || kill -9 $app 2>/dev/null; umount "$dir/full" 2>/dev/null; rm -rf "$dir"' EXIT
log=$dir/log
mkdir "$log"
cd "$dir" || exit 1

fail() {
	echo "FAILED: $*" >&2
	exit 1
}
traced() {
	"$tracer" --log-dir "$log" -- "$@"
}
# want STATUS COMMAND...: traced, it ends with STATUS.
want() {
	expected=$1
	shift
	status=0
	traced "$@" || status=$?
	[ "$status" = "$expected" ] || fail "$* ended with $status, not $expected"
}
# The same output traced and untraced.
same() {
	"$@" >plain.out 2>&1
	traced "$@" >traced.out 2>&1
	# All but plain put a filter on, which /proc/PID/status shows.
	[ "$IMAGETRIM_ENGINE" = plain ] || sed -i '/^Seccomp/d' plain.out traced.out
	diff -u plain.out traced.out || fail "$* differs"
}
state() {
	"$tdump" --state "$1" | sed -n 's/^state //p'
}
wait_until() {
	for _ in $(seq 500); do
		eval "$1" && return 0
		sleep 0.01
	done
	fail "never: $1"
}
# The tracer of a process that the last background job became; nothing if it has none.
tracer_of() {
	pgrep -P "$1" -x imagetrim-trace
}
is_gone() {
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}
