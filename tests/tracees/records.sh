#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a log tells beside paths and what was done to them.
# usage: records.sh TRACER TDUMP CASE ENGINE
# shellcheck source=tests/tracees/traced.sh
. "$(dirname "$(realpath "$0")")/traced.sh"

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

# How often each program looked in vain.
case_counts() {
	IMAGETRIM_MISSES=1 traced sh -c 'for i in 1 2 3 4 5; do cat no; done; wc no no' >/dev/null 2>&1
	# The tracer's last words come after the application's end.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		"$tdump" --state "$log"/*.tlog | grep -q '^state complete' && break
		sleep 0.2
	done
	"$tdump" --notes "$log"/*.tlog | grep "/$dir/no\$" | awk '{ n[$4] += $3; lines[$4]++ }
		END { for (text in n) print n[text], lines[text], text }' | LC_ALL=C sort >counts
	# One look of cat is told by the path's own record; of the rest the 1st, 2nd and 4th tell.
	# wc looks twice for each.
	printf '%s\n' "4 3 $(command -v cat)/$dir/no" "4 3 $(command -v wc)/$dir/no" |
		diff -u - counts || fail "counts"
}

# A program whose interpreter is not there is not found, though it is there.
case_interpreters() {
	printf '#!%s\n' "$dir/nowhere" >script
	printf '#!%s\n' "$dir/script" >outer
	# A program with another loader in its head: the same bytes, one letter changed.
	LC_ALL=C sed 's,/lib64/ld-linux,/lib64/xx-linux,; s,/lib/ld-linux,/lib/xx-linux,' "$(command -v cat)" >broken
	chmod +x script outer broken
	traced sh -c './outer; ./broken' 2>/dev/null
	"$tdump" "$log"/*.tlog | grep -q '^miss' && fail "recorded unasked"
	rm "$log"/*
	IMAGETRIM_MISSES=1 traced sh -c './outer; ./broken; ./script; exit 0' 2>/dev/null
	"$tdump" "$log"/*.tlog | grep -E '^miss (.*/nowhere|/lib.*/xx-linux.*)' | sed 's,/xx-.*,/xx,' >missed
	printf 'miss %s\n' "$dir/nowhere" "$(sed -n 's,^miss \(.*/xx\)$,\1,p' missed | head -n 1)" |
		LC_ALL=C sort | diff -u - missed || fail "interpreters"
	grep -q '/xx$' missed || fail "loader"
	# The command itself, which nobody executed before.
	rm "$log"/*
	IMAGETRIM_MISSES=1 traced ./broken 2>/dev/null && fail "ran"
	"$tdump" "$log"/*.tlog | grep -q '^miss /lib.*/xx-linux' || fail "loader of the command"
}

# A command that is nowhere: the directories in which it was looked for.
case_command() {
	PATH=$dir/a:$dir/b traced nowhere 2>/dev/null
	[ $? = 127 ] || fail "status"
	[ "$(echo "$log"/*)" = "$log/*" ] || fail "a log unasked"
	PATH=$dir/a:$dir/b IMAGETRIM_MISSES=1 traced nowhere 2>err
	[ $? = 127 ] || fail "status"
	grep -q '"nowhere": executable file not found' err || fail "message: $(cat err)"
	"$tdump" "$log"/*.tlog >missed
	printf 'miss %s\n' "$dir/a/nowhere" "$dir/b/nowhere" | diff -u - missed || fail "directories"
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
