#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What wait_until gets is evaluated later; file names here are tame.
# shellcheck disable=SC2016,SC2012,SC2015,SC2094,SC2034
# The application must not notice the tracer.
# usage: transparency.sh TRACER TDUMP BEHAVE CASE ENGINE
set -u
tracer=$(realpath "$1") tdump=$(realpath "$2") behave=$(realpath "$3") case=$4
export IMAGETRIM_ENGINE=$5
dir=$(mktemp -d "${TMPDIR:-/tmp}/transparent.XXXXXX") || exit 1
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

case_exit_codes() {
	for i in $(seq 0 255); do
		want "$i" "$behave" exit "$i"
	done
	[ "$(ls "$log" | wc -l)" = 256 ] || fail "not a log each"
}

case_signals() {
	ulimit -c 0
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 24 25 26 27 29 30 31 34 64; do
		want $((128 + n)) "$behave" die $n 2>/dev/null
	done
	# Ignored by default.
	for n in 17 18 23 28; do
		want 0 "$behave" die $n
	done
	"$tdump" --notes "$log"/*.tlog >/dev/null || fail "unreadable"
}

case_children() {
	want 0 "$behave" echild
	want 0 "$behave" reaper
	want 0 "$behave" childstop
	want 9 "$behave" leader /
}

case_state() {
	same "$behave" state
	( umask 027; trap '' HUP USR1; ulimit -n 100; same "$behave" state ) || exit 1
	same nice -n 5 "$behave" state
	same setsid -w "$behave" args one "two three" ""
	if [ "$(id -u)" = 0 ]; then
		same setpriv --no-new-privs "$behave" state
		same setpriv --reuid 1000 --regid 1000 --clear-groups "$behave" state
	fi
}

case_descriptors() {
	same "$behave" fds
	"$behave" fds <&- >plain.out
	traced "$behave" fds <&- >traced.out
	diff -u plain.out traced.out || fail "closed stdin"
	"$behave" fds 2>&- 7<"$behave" 130>/dev/null >plain.out
	traced "$behave" fds 2>&- 7<"$behave" 130>/dev/null >traced.out
	diff -u plain.out traced.out || fail "odd descriptors"
	[ "$(echo hello | traced cat)" = hello ] || fail "pipe"
	# The tracer holds no end of the application's pipes: cat sees the end at once.
	traced sh -c 'sleep 100 >/dev/null 2>&1 </dev/null & echo $! >sleeper' 2>&1 | cat
	kill "$(cat sleeper)" || fail "the tracer holds stdout"
}

case_command() {
	want 127 no-such-command 2>err
	grep -q 'no-such-command.*not found in \$PATH' err || fail "message: $(cat err)"
	want 127 ./no-such-file 2>err
	grep -q 'no such file' err || fail "message: $(cat err)"
	: >plain
	want 126 ./plain 2>err
	grep -q 'permission denied' err || fail "message: $(cat err)"
	chmod +x plain
	printf '\177ELFxx' >plain
	want 126 ./plain 2>err
	grep -q 'exec format error' err || fail "message: $(cat err)"
	mkdir p q
	mkdir p/tool
	printf '#!/bin/sh\necho q\n' >q/tool
	chmod +x q/tool
	[ "$(PATH=p:q:$PATH traced tool)" = q ] || fail "PATH search"
	[ "$(PATH=:p:$PATH; cd q && traced tool)" = q ] || fail "empty PATH entry"
	[ "$(env -u PATH "$tracer" --log-dir "$log" cat </dev/null; echo $?)" = 0 ] ||
		fail "default PATH"
	[ "$("$tracer" --log-dir "$log" sh -c 'echo "$1"' sh --version)" = --version ] ||
		fail "arguments"
	[ "$(IMAGETRIM_LOG_DIR=$log IMAGETRIM_NAME=st-em "$tracer" -- echo x)" = x ] ||
		fail "environment"
	ls "$log"/st-em-*.tlog >/dev/null || fail "name by environment"
}

case_usage() {
	"$tracer" --help >help || fail "help"
	awk 'length > 80 { exit 1 }' help || fail "help is too wide"
	"$tracer" --version | grep -q '^imagetrim-tracer [0-9]' || fail "version"
	for bad in --nonsense --log-dir --on-log-error=maybe; do
		status=0
		"$tracer" "$bad" 2>err >out || status=$?
		[ "$status" = 125 ] || fail "$bad: status $status"
		[ -s err ] && [ ! -s out ] || fail "$bad: said nothing on stderr"
	done
}

case_no_log() {
	[ "$("$tracer" --log-dir "$dir/none" echo x 2>err)" = x ] || fail "not run"
	[ "$(wc -l <err)" = 2 ] || fail "said: $(cat err)"
	status=0
	"$tracer" --log-dir "$dir/none" --on-log-error fail echo x >out 2>/dev/null || status=$?
	[ "$status" = 125 ] && [ ! -s out ] || fail "status $status"
}

case_stop() {
	"$behave" watch-stop "$behave" wait || fail "the test itself"
	"$behave" watch-stop "$tracer" --log-dir "$log" "$behave" wait || fail "stop, continue"
}

case_terminal() {
	"$behave" watch-terminal "$behave" terminal || fail "the test itself"
	"$behave" watch-terminal "$tracer" --log-dir "$log" "$behave" terminal || fail "terminal"
}

case_job_control() {
	cat >jobs.sh <<'END'
exec 2>/dev/null
set -m
sleep 100 &
pid=$!
kill -STOP %1
for _ in $(seq 200); do jobs | grep -q Stopped && break; sleep 0.01; done
jobs | grep -o Stopped
kill -CONT %1
for _ in $(seq 200); do jobs | grep -q Running && break; sleep 0.01; done
jobs | grep -o Running
kill %1
wait $pid
echo "ended $?"
END
	same bash jobs.sh
}

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

# The tracer runs out of memory: said once, and told in the log.
case_memory() {
	"$tracer" --log-dir "$log" sh -c "'$behave' await '$dir/go'; exec '$behave' many 3000" 2>err &
	app=$!
	wait_until 'grep -qsa "$behave" "$log"/*.tlog'
	by=$(tracer_of $app)
	size=$(sed -n 's/^VmSize:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$by/status")
	prlimit --pid "$by" --as=$(((size + 16) * 1024)) || exit 77
	touch go
	wait $app
	[ $? = 5 ] || fail "the application failed"
	app=
	[ "$(grep -c 'cannot be written (Cannot allocate memory)' err)" = 1 ] || fail "said: $(cat err)"
	wait_until '[ "$(state "$log"/*.tlog)" != cut ]'
	"$tdump" --notes "$log"/*.tlog | grep -q '^note lost' || fail "the loss is not told"
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
	for by in '' "$tracer --log-dir $log --"; do
		rm -f runs
		unshare -pf --mount-proc --kill-child $by s6-svscan scan >out 2>&1 &
		app=$!
		wait_until '[ -s runs ]'
		s6-svstat scan/web | grep -q '^up' || fail "not up: $(s6-svstat scan/web)"
		s6-svc -r scan/web
		wait_until '[ "$(wc -l <runs)" = 2 ]'
		s6-svscanctl -t scan
		wait $app
		[ $? = 7 ] && [ "$(cat out)" = 1 ] || fail "'$by' ended with $(cat out)"
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

case_full_log() {
	[ "$(id -u)" = 0 ] || exit 77
	mkdir full work
	mount -t tmpfs -o size=64k none full 2>/dev/null || exit 77
	cd work || exit 1
	log=$dir/full
	head -c 60k /dev/zero >"$dir/full/ballast" 2>/dev/null
	want 5 "$behave" many 2000 2>"$dir/err"
	[ "$(grep -c 'cannot be written' "$dir/err")" = 1 ] || fail "said: $(cat "$dir/err")"
	state "$log"/*.tlog | grep -Eq 'complete|cut' || fail "damaged"
	"$tdump" "$log"/*.tlog | grep -q "exec $behave" || fail "lost what had room"
	# Room comes back: what follows is recorded, and the loss is told.
	rm "$log"/*.tlog
	head -c 60k /dev/zero >"$log/ballast"
	traced sh -c "\"$behave\" many 2000; rm '$log/ballast'; cat /etc/hostname /etc/passwd" \
		>/dev/null 2>&1
	"$tdump" "$log"/*.tlog | grep -q 'read /etc/passwd' || fail "not recorded again"
	"$tdump" --notes "$log"/*.tlog | grep -q '^note lost' || fail "the loss is not told"
	[ "$(state "$log"/*.tlog)" = complete ] || fail "$(state "$log"/*.tlog)"
	cd "$dir" || exit 1
}

# No room even for the beginning: no file stays behind.
case_full_start() {
	[ "$(id -u)" = 0 ] || exit 77
	mkdir full
	mount -t tmpfs -o size=8k none full 2>/dev/null || exit 77
	head -c 64k /dev/zero >full/ballast 2>/dev/null
	[ "$("$tracer" --log-dir "$dir/full" echo x 2>err)" = x ] || fail "not run"
	grep -q 'No space' err || fail "said: $(cat err)"
	[ "$(ls full)" = ballast ] || fail "left $(ls full)"
}

case_removed_log() {
	want 5 sh -c "rm -rf '$log'; exec '$behave' many 20" 2>err
	[ "$(grep -c 'the trace log was deleted' err)" = 1 ] || fail "said: $(cat err)"
}
logs_are() { # HOW-MANY: the tracers may still be at their work
	wait_until "[ \$(ls '$log' | wc -l) = $1 ] && ! pgrep -f '$log' >/dev/null"
}
# What a probe does every few seconds fills no volume: a run with the facts of an earlier one
# leaves no log.
case_twins() {
	for _ in $(seq 20); do
		want 0 cat /etc/passwd >/dev/null
	done
	for _ in $(seq 20); do
		traced cat /etc/passwd >/dev/null &
	done
	wait
	logs_are 1
	[ "$(state "$log"/*.tlog)" = complete ] || fail "the log that stayed is $(state "$log"/*.tlog)"
	# Other words, another end, another file: a log each.
	want 0 cat /etc/passwd /etc/passwd >/dev/null
	ln -s /etc/passwd which
	for _ in 1 2; do
		want 0 sh -c 'cat which' >/dev/null
	done
	ln -sf /etc/group which
	want 0 sh -c 'cat which' >/dev/null
	rm which
	want 1 sh -c 'cat which' >/dev/null 2>&1
	logs_are 5
	# Files of names that nobody can know, made by the run itself.
	for _ in 1 2 3; do
		want 0 sh -c 'd=$(mktemp -d) && echo x >"$d/x" && cat "$d/x" && rm -r "$d"' >/dev/null
	done
	logs_are 6
	# Another container in the same volume.
	IMAGETRIM_POD_UID=other want 0 cat /etc/passwd >/dev/null
	logs_are 7
	# A log that was taken away counts no more.
	rm "$log"/*.tlog
	want 0 cat /etc/passwd >/dev/null
	want 0 cat /etc/passwd >/dev/null
	logs_are 1
	# A mark of somebody else's making removes nothing but what it should.
	mark=$(echo "$log"/.same-*)
	for name in nothing ../passwd /etc/passwd .x; do
		for m in $mark; do
			ln -sfn "$name" "$m"
		done
		rm "$log"/*.tlog
		want 0 cat /etc/passwd >/dev/null
		logs_are 1
	done
}

# More processes than the tracer may have descriptors: it reads their memory without one.
case_few_descriptors() {
	mkdir many
	for i in $(seq 100); do : >"many/f$i"; done
	(
		ulimit -n 80
		traced sh -c 'for i in $(seq 100); do
			(exec sh -c "read x <many/f$i; sleep 0.5") & done; wait'
	) || fail "the application failed"
	[ "$("$tdump" "$log"/*.tlog "$dir/many" | grep -c '^read ')" = 100 ] || fail "not all read"
	"$tdump" --notes "$log"/*.tlog | grep '^note unreadable' && fail "unreadable"
	return 0
}

case_header() {
	echo sha256:0123 >image
	touch plain
	mounted=
	mkdir "m p"
	mount -t tmpfs none "m p" 2>/dev/null && mounted=1
	IMAGETRIM_POD=pod-0 IMAGETRIM_NODE=n traced sh -c 'exit 3' "a b" || :
	umount "m p" 2>/dev/null
	"$tdump" --fields "$log"/*.tlog >fields
	for line in 'image=sha256:0123' "engine=$IMAGETRIM_ENGINE" "cwd=$dir" "host=$(uname -n)" \
		"kernel=$(uname -r)" "user=$(id -u):$(id -g)" 'arg=sh' 'arg=-c' 'arg=exit 3' \
		'arg=a b' 'mount=/proc' 'pod=pod-0' 'node=n'; do
		grep -qFx "header $line" fields || fail "no $line in $(cat fields)"
	done
	grep -Eq '^header (id=[0-9a-f]{16}|started=[0-9]{19})$' fields || fail "id, started"
	grep -q '^header mount=/$' fields && fail "root is no mount"
	[ -z "$mounted" ] || grep -qFx "header mount=$dir/m p" fields || fail "blank in a mount"
	grep -q '^end records=' fields || fail "no totals"
}

# What is not there, on request only: each path once.
case_io_uring() {
	"$behave" uring >plain
	traced "$behave" uring >refused
	grep -qFx 'Function not implemented' refused || fail "refused: $(cat refused)"
	IMAGETRIM_ALLOW_IO_URING=1 traced "$behave" uring >allowed
	diff -u plain allowed || fail "allowed, yet not the same"
	for file in "$log"/*.tlog; do
		"$tdump" --notes "$file" | grep -q '^note io_uring 1 ' || fail "not counted"
	done
}
case_engine() {
	status=0
	"$tracer" --engine none -- true 2>err || status=$?
	[ "$status" = 125 ] || fail "status $status"
	grep -qF "'auto', 'notify', 'ptrace' or 'plain', not 'none'" err || fail "$(cat err)"
	# What auto takes, and why, is in the header. uid 1000 loses nothing by no_new_privs; a root
	# without CAP_SYS_ADMIN may.
	chmod 1777 "$log"
	chmod 755 "$dir"
	mkdir bin
	cp "$tracer" bin
	root="setpriv --bounding-set=-sys_admin,-sys_ptrace --inh-caps=-all"
	user="setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all --bounding-set=-all"
	for by in "auto $user" "plain $root" "auto env IMAGETRIM_NO_NEW_PRIVS=yes $root"; do
		rm -f "$log"/*
		IMAGETRIM_ENGINE=auto ${by#* } bin/imagetrim-tracer --log-dir "$log" -- true ||
			fail "$by"
		"$tdump" --fields "$log"/*.tlog | sed -n 's/^header engine/engine/p' >engine
		case ${by%% *} in
		plain) grep -q '^engine-reason=no_new_privs' engine || fail "$by: $(cat engine)" ;;
		auto)
			want=notify
			"$tracer" doctor --log-dir "$log" | grep -q '^ok .*sync-wake-up' || want=ptrace
			grep -q "^engine=$want$" engine || fail "$by: $(cat engine)"
			grep -q '^engine-reason=.*synchronous wake-up' engine ||
				fail "$by: $(cat engine)" ;;
		esac
	done
	status=0
	$root bin/imagetrim-tracer --engine ptrace --log-dir "$log" -- true 2>err || status=$?
	[ "$status" = 125 ] || fail "ptrace without a filter: status $status"
	grep -q 'no_new_privs' err || fail "$(cat err)"
}
# A command of its own under a tracer that traces already.
case_nested() {
	[ "$(traced "$tracer" --log-dir "$log" -- echo x 2>/dev/null)" = x ] || fail "not run"
	[ "$(ls "$log" | wc -l)" = 1 ] || fail "a second log"
}

"case_$case"
