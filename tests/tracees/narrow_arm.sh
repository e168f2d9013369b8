#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A 32-bit program on arm64 runs as ever; its execution is recorded, and that its calls are not.
# usage: narrow_arm.sh TRACER TDUMP ENGINE
set -u
tracer=$(realpath "$1") tdump=$(realpath "$2") engine=$3
program=/narrow/bin/busybox # by tests/machine/prepare.sh
[ -x $program ] || exit 77
dir=$(mktemp -d "${TMPDIR:-/tmp}/narrow.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT

$program true || exit 77
"$tracer" --engine "$engine" --log-dir "$dir" -- \
	sh -c "$program cat /etc/debian_version; cat /etc/passwd" >"$dir/out" || exit 1
cat /etc/debian_version /etc/passwd | diff -u - "$dir/out" || exit 1
"$tdump" "$dir"/*.tlog >"$dir/paths"
"$tdump" --notes "$dir"/*.tlog >"$dir/notes"
for line in "exec $program" 'read /etc/passwd'; do
	grep -qx "$line" "$dir/paths" || { echo "FAILED: no $line"; cat "$dir/paths"; exit 1; }
done
grep -Eqx 'note unknown-call [0-9]+ 32-bit calls' "$dir/notes" || { cat "$dir/notes"; exit 1; }
