#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [--update] IMAGETRIM CASE.sh...: runs each case in an empty directory with imagetrim on
# PATH and compares what it prints and its exit status with CASE.stdout, .stderr and .exit
# (absent: nothing, 0). The directory's own name is printed as DIR.
set -u
update=
[ "$1" = --update ] && update=1 && shift
imagetrim=$(realpath "$1")
shift
failed=0

check() { # WHAT IS WANTED, WHAT CAME
	if [ -n "$update" ]; then
		if [ -s "$2" ]; then cp "$2" "$1"; else rm -f "$1"; fi
		return
	fi
	wanted=$1
	[ -e "$wanted" ] || wanted=/dev/null
	diff -u "$wanted" "$2" || failed=1
}

for case in "$@"; do
	base=$(realpath "${case%.sh}")
	work=$(mktemp -d)
	mkdir "$work/bin" "$work/dir"
	ln -s "$imagetrim" "$work/bin/imagetrim"
	(cd "$work/dir" && PATH="$work/bin:$PATH" LC_ALL=C sh "$base.sh") \
		>"$work/out" 2>"$work/err" </dev/null
	status=$?
	sed -i "s|$work/dir|DIR|g" "$work/out" "$work/err"
	: >"$work/exit"
	[ "$status" -eq 0 ] || echo "$status" >"$work/exit"
	check "$base.stdout" "$work/out"
	check "$base.stderr" "$work/err"
	check "$base.exit" "$work/exit"
	rm -rf "$work"
done
exit "$failed"
