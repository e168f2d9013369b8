#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# On a kernel older than 6.6 the engine is ptrace, and the log and doctor say why.
# usage: old_kernel.sh TRACER TDUMP
set -u
tracer=$(realpath "$1") tdump=$(realpath "$2")
release=$(uname -r)
major=${release%%.*} minor=${release#*.} minor=${minor%%.*}
[ "$major" -lt 6 ] || { [ "$major" = 6 ] && [ "$minor" -lt 6 ]; } || exit 77
dir=$(mktemp -d "${TMPDIR:-/tmp}/old.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT

"$tracer" --log-dir "$dir" -- cat /etc/passwd >/dev/null || exit 1
"$tdump" --fields "$dir"/*.tlog | grep '^header engine' >"$dir/header"
"$tdump" "$dir"/*.tlog | grep -q '^read /etc/passwd$' || { echo "FAILED: not recorded"; exit 1; }
printf 'header %s\n' 'engine=ptrace' 'engine-reason=no synchronous wake-up; needs Linux 6.6' |
	diff -u - "$dir/header" || exit 1
# Who asks for the other gets it, where there are listeners at all.
rm "$dir"/*.tlog
"$tracer" --engine notify --log-dir "$dir" -- cat /etc/passwd >/dev/null || exit 1
"$tdump" "$dir"/*.tlog | grep -q '^read /etc/passwd$' || { echo "FAILED: not by notify"; exit 1; }
"$tracer" doctor --log-dir "$dir" >"$dir/doctor" 2>&1
for row in 'less +sync-wake-up' '(ok|less) +engine +ptrace'; do
	grep -Eq "^$row" "$dir/doctor" && continue
	cat "$dir/doctor"
	exit 1
done
