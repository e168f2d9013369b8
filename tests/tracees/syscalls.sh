#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# syscalls.sh IMAGETRIM-TRACER IMAGETRIM: with --syscalls each call that strace sees is in the log,
# once, before what it does is; seccomp makes a profile of it. 77 without strace.
set -eu

command -v strace >/dev/null || { echo "strace is not installed" && exit 77; }
tracer=$(realpath "$1") imagetrim=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
program='mkdir a; (cd a && ls / >/dev/null) & wait; rmdir a'

strace -f -n -qq -e signal=none -o seen sh -c "$program" || { echo "strace does not work here" && exit 77; }
sed -n 's/^[0-9]* *\[ *\([0-9]*\)\] .*/\1/p' seen | sort -u >wanted
"$tracer" --syscalls --log-dir . -- sh -c "$program"
"$imagetrim" dump ./*.tlog >text
sed -n 's/^note syscall 1 [a-z0-9_]* \([0-9]*\)$/\1/p' text | sort >got
[ -z "$(uniq -d got)" ] || { echo "more than once: $(uniq -d got)" && exit 1; }
[ -s wanted ]
[ -z "$(comm -23 wanted got)" ] || { echo "not in the log: $(comm -23 wanted got)" && exit 1; }
grep -q '^  engine=plain$' text || { echo "the engine is not plain" && exit 1; }
"$imagetrim" merge ./*.tlog -o merged.tlog
"$imagetrim" seccomp ./*.tlog >profile
"$imagetrim" seccomp merged.tlog >again
cmp profile again
grep -q '"rmdir"' profile || { echo "rmdir is not in the profile" && exit 1; }
if grep -q '"reboot"' profile; then exit 1; fi
if "$tracer" --syscalls --engine notify --log-dir . -- true 2>refused; then exit 1; fi
grep -q 'each call stop' refused
