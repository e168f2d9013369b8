#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a log tells beside paths and what was done to them.
# usage: records.sh TRACER TDUMP CASE ENGINE
set -u
tracer=$(realpath "$1") tdump=$(realpath "$2") case=$3
export IMAGETRIM_ENGINE="$4"
dir=$(mktemp -d "${TMPDIR:-/tmp}/records.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
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

# What was looked for and not found, on request, each path once.
case_misses() {
	: >there
	traced sh -c "cat '$dir/no' no there" 2>/dev/null
	"$tdump" "$log"/*.tlog "$dir" | grep -q '^miss' && fail "recorded unasked"
	for by in option environment; do
		rm "$log"/*
		case $by in
		option) set -- "$tracer" --misses ;;
		environment) set -- env IMAGETRIM_MISSES=1 "$tracer" ;;
		esac
		"$@" --log-dir "$log" -- sh -c "cat '$dir/no' no there; mkdir no/x; cat none/x" 2>/dev/null
		"$tdump" "$log"/*.tlog "$dir" | grep '^miss' >missed
		printf 'miss %s\n' "$dir/no" "$dir/none/x" | diff -u - missed || fail "by $by"
		"$tdump" "$log"/*.tlog | grep -q "^read $dir/there" || fail "lost a success"
	done
}

# Which executed program was the first to do something with a path.
case_who() {
	: >one && : >both && : >looked
	printf '#!/bin/sh\n. "%s/one"\n' "$dir" >script && chmod +x script
	IMAGETRIM_MISSES=1 traced sh -c 'cat one both; wc both looked; cat looked; ./script; cat no; wc no' \
		>/dev/null 2>&1
	"$tdump" --by "$log"/*.tlog "$dir" | grep -v ": $dir\$" >by
	[ "$(grep -c "/no\$" by)" = 1 ] || fail "a miss is told more than once"
	cat=$(command -v cat) wc=$(command -v wc) sh=$(command -v sh)
	awk '!seen[$3]++' by | diff -u - /dev/fd/3 3<<-END || fail "other programs"
		by $cat: $dir/one
		by $cat: $dir/both
		by $wc: $dir/looked
		by $sh: $dir/script
		by $cat: $dir/no
	END
}

"case_$case"
