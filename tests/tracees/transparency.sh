#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What wait_until gets is evaluated later; file names here are tame.
# shellcheck disable=SC2016,SC2012,SC2015,SC2094,SC2034
# The application must not notice the tracer.
# usage: transparency.sh TRACER TDUMP CASE ENGINE BEHAVE
here=$(dirname "$(realpath "$0")") behave=$(realpath "$5")
# shellcheck source=tests/tracees/traced.sh
. "$here/traced.sh"

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

# A signal makes no call end that does not wait, but (the manual says so) with a listener.
case_interrupted() {
	want 0 "$behave" ticks restart /
	status=0
	traced "$behave" ticks interrupt / || status=$?
	case $IMAGETRIM_ENGINE-$status in
	*-0 | notify-4) ;;
	*) fail "ended with $status" ;;
	esac
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
	# The same files, another system call: only those who record calls see a difference.
	rm "$log"/*
	for word in a b a b; do
		echo $word | want 0 sh -c 'read word && { [ $word = a ] || kill -0 $$; }'
	done
	logs_are $((1 + ${IMAGETRIM_SYSCALLS-0}))
	rm "$log"/*
	# Files of names that nobody can know, made by the run itself.
	for _ in 1 2 3; do
		want 0 sh -c 'd=$(mktemp -d) && echo x >"$d/x" && cat "$d/x" && rm -r "$d"' >/dev/null
	done
	logs_are 1
	# Another container in the same volume.
	IMAGETRIM_POD_UID=other want 0 cat /etc/passwd >/dev/null
	logs_are 2
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
		# No child ends while others are made, even on a busy machine: with notify and --syscalls a
		# SIGCHLD can end a clone(2) (imagetrim-tracer(1), "What the command may notice").
		traced sh -c 'for i in $(seq 100); do
			(exec sh -c "read x <many/f$i; sleep 1.5") & done; wait'
	) || fail "the application failed"
	[ "$("$tdump" "$log"/*.tlog "$dir/many" | grep -c '^read ')" = 100 ] || fail "not all read"
	"$tdump" --notes "$log"/*.tlog | grep '^note unreadable' && fail "unreadable"
	return 0
}

# There may be too few processes for a tracer: then the command is not started, which is told. A user
# has a number of his own for each, for those who wait to be reaped count.
case_few_processes() {
	[ "$(id -u)" = 0 ] || exit 77
	chmod 1777 "$log"
	chmod 755 "$dir"
	mkdir bin
	cp "$tracer" bin
	for n in 1 2 3 4 5; do
		user=$((100000 + $$ % 100000 * 10 + n))
		status=0
		timeout 20 setpriv --reuid=$user --regid=$user --clear-groups --inh-caps=-all \
			--bounding-set=-all prlimit --nproc=$n bin/imagetrim-tracer --no-new-privs=yes \
			--log-dir "$log" -- sh -c 'exit 7' 2>err || status=$?
		case $status in
		7) [ $n -gt 1 ] && [ ! -s err ] || fail "$n: $(cat err)" ;;
		125) [ $n -lt 4 ] && [ "$(wc -l <err)" = 1 ] || fail "$n: $(cat err)" ;;
		*) fail "$n: status $status, $(cat err)" ;;
		esac
	done
	[ "$status" = 7 ] || fail "five are too few"
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
	wait_until '"$tdump" --fields "$log"/*.tlog | grep -q "^end records="'
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
			want=notify reason='synchronous wake-up'
			"$tracer" doctor --log-dir "$log" | grep -q '^ok .*sync-wake-up' || want=ptrace
			[ -z "${IMAGETRIM_SYSCALLS-}" ] || want=ptrace reason='with --syscalls'
			grep -q "^engine=$want$" engine || fail "$by: $(cat engine)"
			grep -q "^engine-reason=.*$reason" engine || fail "$by: $(cat engine)" ;;
		esac
	done
	status=0
	$root bin/imagetrim-tracer --engine ptrace --log-dir "$log" -- true 2>err || status=$?
	[ "$status" = 125 ] || fail "ptrace without a filter: status $status"
	grep -q 'no_new_privs' err || fail "$(cat err)"
}

"case_$case"
