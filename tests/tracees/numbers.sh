#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The numbers of the table are those of the kernel's headers, as far as these know them.
# usage: numbers.sh CALLROWS
set -u
inc=/usr/include
[ -e $inc/asm-generic/unistd.h ] || exit 77
status=0

# check ABI HEADER: each row of that ABI whose name the header has.
check() {
	[ -e "$2" ] || return 0
	sed -n 's/^#define __NR\(3264\)\{0,1\}_\([a-z0-9_]*\)[ \t]*\([0-9][0-9]*\).*/\2 \3/p' "$2" |
		sort -u -k1,1 >"$dir/header"
	sed -n "s/^$1 //p" "$dir/rows" | sort -u >"$dir/table"
	join "$dir/header" "$dir/table" >"$dir/both"
	awk -v abi="$1" '$2 != $3 { print abi ": " $1 " is " $2 ", the table says " $3; bad = 1 }
		END { print abi ": " NR " numbers compared"; exit bad || NR < 50 }' "$dir/both" ||
		status=1
}
dir=$(mktemp -d "${TMPDIR:-/tmp}/numbers.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
"$1" >"$dir/rows" || exit 1
LC_ALL=C
export LC_ALL
check x86-64 $inc/x86_64-linux-gnu/asm/unistd_64.h
check i386 $inc/x86_64-linux-gnu/asm/unistd_32.h
check arm64 $inc/asm-generic/unistd.h
exit $status
