#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What wait_until gets is evaluated later; file names here are tame.
# shellcheck disable=SC2016,SC2012,SC2015,SC2094,SC2034
# Who else is there when a command is traced: PID 1 and supervisors, debuggers, other tracers, those
# who kill.
# usage: company.sh TRACER TDUMP CASE ENGINE BEHAVE
here=$(dirname "$(realpath "$0")") behave=$(realpath "$5")
# shellcheck source=tests/tracees/traced.sh
. "$here/traced.sh"

case_pid1() {
	[ "$(id -u)" = 0 ] || exit 77
	unshare -pf --mount-proc true 2>/dev/null || exit 77
	status=0
	unshare -pf --mount-proc "$tracer" --log-dir "$log" "$behave" pid1 || status=$?
	[ "$status" = 9 ] || fail "ended with $status"
	[ "$(state "$log"/*.tlog)" = complete ] || fail "the log is not complete"
	"$tdump" --notes "$log"/*.tlog | grep -q 'exit 1 exited 9' || fail "no note of the end"
	# The first thread ends before the process does.
	rm "$log"/*
	: >late
	unshare -pf --mount-proc "$tracer" --log-dir "$log" "$behave" leader "$dir/late" || status=$?
	[ "$status" = 9 ] || fail "ended with $status"
	[ "$(state "$log"/*.tlog)" = complete ] || fail "the log is not complete"
	"$tdump" "$log"/*.tlog | grep -q "stat $dir/late" || fail "lost what came after"
	"$tdump" --notes "$log"/*.tlog | grep -q 'exit 1 exited 9' || fail "no note of the end"
	# Killed from outside.
	rm "$log"/*
	unshare -pf --kill-child --mount-proc "$tracer" --log-dir "$log" "$behave" await "$dir/x" 2>/dev/null &
	app=$!
	wait_until 'grep -q await "$log"/*.tlog 2>/dev/null && pgrep -f "^$behave await $dir/x" >/dev/null'
	sleep 0.1
	kill -9 "$(pgrep -f "^$behave await $dir/x")"
	wait $app
	app=
	# A listener does not hear of it before the kernel ends the tracer, too.
	[ "$IMAGETRIM_ENGINE" != notify ] || return 0
	[ "$(state "$log"/*.tlog)" = complete ] || fail "after kill: $(state "$log"/*.tlog)"
	"$tdump" --notes "$log"/*.tlog | grep -q 'exit 1 killed 9' || fail "no note of the kill"
}

# ptrace(2) is the command's own with a listener, else refused.
case_debugger() {
	command -v strace >/dev/null || exit 77
	echo text >file
	status=0
	traced sh -c "strace -f -o calls sh -c 'cat file; exit 3'; exit \$?" >out 2>err || status=$?
	if [ "$IMAGETRIM_ENGINE" != notify ]; then
		grep -q 'Operation not permitted' err || fail "said: $(cat err)"
		return 0
	fi
	[ "$status $(cat out)" = "3 text" ] || fail "ended with $status: $(cat out err)"
	grep -q 'openat.*"file".* = 3' calls || fail "not seen by strace"
	"$tdump" "$log"/*.tlog | grep -q "^read $dir/file" || fail "not seen by us"
}

# gdb sets a breakpoint, goes on behind it, and attaches, under a listener.
case_gdb() {
	command -v gdb >/dev/null || exit 77
	echo text >file
	gdb="gdb -nx -batch -iex 'set debuginfod enabled off' -iex 'set auto-load no'"
	traced sh -c "$gdb -ex 'tbreak waitpid' -ex run -ex finish -ex continue --args '$behave' reaper" \
		>out 2>&1 </dev/null || fail "gdb ended with $?: $(cat out)"
	grep -q '^Temporary breakpoint 1, .*waitpid' out || fail "no breakpoint: $(cat out)"
	grep -q 'exited normally' out || fail "not to its end: $(cat out)"
	rm "$log"/*
	traced sh -c "'$behave' await '$dir/go' & sleep 0.2
		$gdb -p \$! -ex 'info registers' -ex detach; touch go; cat file; wait \$!" \
		>out 2>&1 </dev/null
	[ $? = 7 ] || fail "attached: $(cat out)"
	grep -q '^rip\|^pc ' out || fail "no registers: $(cat out)"
	"$tdump" "$log"/*.tlog | grep -q "^read $dir/file" || fail "not recorded beside gdb"
}

# A supervisor that is PID 1, its service, its control by signals and its last program.
case_s6() {
	[ "$(id -u)" = 0 ] && command -v s6-svscan >/dev/null || exit 77
	unshare -pf --mount-proc true 2>/dev/null || exit 77
	mkdir -p scan/web scan/.s6-svscan
	echo x | tee needed >last
	printf '#!/bin/sh\ncat "%s/needed" >/dev/null\necho run >>"%s/runs"\nexec sleep 1000\n' \
		"$dir" "$dir" >scan/web/run
	printf '#!/bin/sh\ncat "%s/last" >/dev/null\necho $$\nexit 7\n' "$dir" >scan/.s6-svscan/finish
	chmod +x scan/web/run scan/.s6-svscan/finish
	for traced in "" yes; do
		way=()
		[ -z "$traced" ] || way=("$tracer" --log-dir "$log" --)
		rm -f runs
		unshare -pf --mount-proc --kill-child "${way[@]}" s6-svscan scan >out 2>&1 &
		app=$!
		wait_until '[ -s runs ]'
		s6-svstat scan/web | grep -q '^up' || fail "not up: $(s6-svstat scan/web)"
		s6-svc -r scan/web
		wait_until '[ "$(wc -l <runs)" = 2 ]'
		s6-svscanctl -t scan
		wait $app
		[ $? = 7 ] && [ "$(cat out)" = 1 ] || fail "traced: $traced, ended with $(cat out)"
		app=
	done
	[ "$(state "$log"/*.tlog)" = complete ] || fail "log: $(state "$log"/*.tlog)"
	for f in needed last; do
		"$tdump" "$log"/*.tlog | grep -q "^read $dir/$f" || fail "$f is not recorded"
	done
}

# kill(-1, SIGKILL) of a supervisor spares the tracer.
case_sweep() {
	[ "$(id -u)" = 0 ] || exit 77
	unshare -pf --mount-proc true 2>/dev/null || exit 77
	touch last
	unshare -pf --mount-proc "$behave" sweep "$dir/last"
	[ $? = 9 ] || fail "the test itself"
	unshare -pf --mount-proc "$tracer" --log-dir "$log" "$behave" sweep "$dir/last"
	[ $? = 9 ] || fail "not as untraced"
	[ "$(state "$log"/*.tlog)" = complete ] || fail "log: $(state "$log"/*.tlog)"
	"$tdump" "$log"/*.tlog | grep -q "^read.* $dir/last" || fail "not recorded to the end"
}

case_kill_tracer() {
	"$tracer" --log-dir "$log" "$behave" await "$dir/go" 2>err &
	app=$!
	# Its calls are being made.
	wait_until 'grep -qa "^$behave" /proc/$app/cmdline && grep -qsa ld-linux "$log"/*.tlog'
	by=$(tracer_of $app)
	kill -9 "$by"
	# A filter whose tracer is gone would fail each call: rather none runs on.
	if [ "$IMAGETRIM_ENGINE" = ptrace ]; then
		expected=137
	else
		expected=7
		wait_until 'is_gone $by'
		touch go
	fi
	status=0
	wait $app || status=$?
	app=
	[ "$status" = $expected ] || fail "the application ended with $status"
	[ "$(state "$log"/*.tlog)" = cut ] || fail "log: $(state "$log"/*.tlog)"
	"$tdump" "$log"/*.tlog | grep -q "exec $behave" || fail "lost what was recorded"
	[ "$IMAGETRIM_ENGINE" != notify ] || grep -q 'the tracer ended early' err ||
		fail "said: $(cat err)"
}

case_kill_application() {
	"$tracer" --log-dir "$log" "$behave" await "$dir/go" &
	app=$!
	wait_until 'grep -qa "^$behave" /proc/$app/cmdline && grep -qsa ld-linux "$log"/*.tlog'
	by=$(tracer_of $app)
	kill -9 $app
	status=0
	wait $app || status=$?
	app=
	[ "$status" = 137 ] || fail "ended with $status"
	wait_until 'is_gone $by'
	[ "$(state "$log"/*.tlog)" = complete ] || fail "log: $(state "$log"/*.tlog)"
	"$tdump" --notes "$log"/*.tlog | grep -q 'exit 1 killed 9' || fail "no note"
}

# The main process ends, others live on and are still recorded.
case_daemon() {
	touch later
	traced sh -c "(sleep 0.3; cat '$dir/later'; : >'$dir/done') >/dev/null 2>&1 &"
	wait_until '[ -e done ]'
	wait_until '[ "$(state "$log"/*.tlog)" = complete ]'
	"$tdump" "$log"/*.tlog | grep -q "read $dir/later" || fail "not recorded"
}

# A command of its own under a tracer that traces already.
case_nested() {
	# (By a listener it does not see that another is the same tracer's.)
	for IMAGETRIM_ENGINE in "$IMAGETRIM_ENGINE" ${IMAGETRIM_SYSCALLS:+auto}; do
		[ "$(traced "$tracer" --log-dir "$log" -- echo x 2>/dev/null)" = x ] || fail "not run"
		[ "$(ls "$log" | wc -l)" = 1 ] || fail "a second log"
		rm "$log"/*
	done
}

"case_$case"
