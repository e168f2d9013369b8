# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# The one-shot command: how it ends, what it leaves, what it tells.

# nothing_left IMAGES [NEW]: no container, and no image but these and the new.
nothing_left() {
	same "containers left" "" "$(eng ps -aq)"
	same "images" "$1" "$(images | grep -vxE "(localhost/)?${2-}")"
	[ -z "${2-}" ] || eng rmi "$2" >/dev/null || fail "no image $2"
}

images() { eng images --format '{{.Repository}}:{{.Tag}}' | grep -v '^$' | sort; }

test_for() {
	local before=$SECONDS list
	list=$(images)
	need it run busybox:t -t busybox:run-for -o log.tlog --for 2 -- loop
	[ $((SECONDS - before)) -ge 2 ] || fail "ended too early"
	[ $((SECONDS - before)) -le 20 ] || fail "did not end after --for"
	has "application's output" "$out$err" "ready"
	has "log" "$(log_paths log.tlog)" "^/srv/data/lines$"
	nothing_left "$list" busybox:run-for
}

# The log's own name, never one that is there.
test_log_name() {
	need it run busybox:t -- one
	need it run busybox:t -- two
	need it run busybox:t -- three
	same "logs" "busybox-2.tlog busybox-3.tlog busybox.tlog" \
		"$(find . -name '*.tlog' -printf '%f\n' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
	has "where it lies" "$out$err" "busybox-3\.tlog"
}

test_exec_only() {
	need it run busybox:t -t busybox:ex -o ex.tlog --exec "ls /app" --exec "wc -l /etc/passwd" -- loop
	has "output of a command" "$out$err" "^run\.sh$"
	has "log" "$(log_paths ex.tlog)" "^/etc/passwd$"
	has "the command's program" "$(erun --entrypoint ls busybox:ex /app)" "run.sh"
}

# A command that fails all the time: an end, and it is said.
test_exec_fails() {
	local list
	list=$(images)
	try it run busybox:t -t busybox:never -o ex.tlog --ready 2 --exec "nonexistent-program" -- loop
	[ "$rc" != 0 ] || has "a warning" "$err" "nonexistent-program"
	has "the command's name" "$err" "nonexistent-program"
	nothing_left "$list"
}

test_drive() {
	local list
	list=$(images)
	need it run redis:t -t redis:run-drive -o drive.tlog --drive \
		"sh -c 'echo \$IMAGETRIM_CONTAINER \$IMAGETRIM_ADDRESS >seen; $ENGINE inspect -f {{.State.Running}} \$IMAGETRIM_CONTAINER >>seen'"
	has "environment" "$(head -n 1 seen)" '^[0-9a-f]{12,64} [0-9]+(\.[0-9]+){3}$'
	same "container while --drive runs" true "$(tail -n 1 seen)"
	nothing_left "$list" redis:run-drive
}

# A driver that fails is told of, and nothing is left.
test_drive_fails() {
	local list
	list=$(images)
	try it run busybox:t -t busybox:never -o drive.tlog --drive "sh -c 'exit 3'" -- loop
	[ "$rc" != 0 ] || fail "status 0"
	has "said" "$err" "exit status 3"
	nothing_left "$list"
	[ -s drive.tlog ] || fail "the log is lost"
}

test_engine_arg() {
	need it run busybox:t -t busybox:ea -o ea.tlog --engine-arg --env=MODE=test \
		--engine-arg --hostname=somewhere --exec "env" -- loop
	has "environment inside" "$out$err" "^MODE=test$"
	has "the log's host" "$("$IMAGETRIM" dump ea.tlog)" "somewhere"
}

# As on a terminal: the keys go to the application, Ctrl-C ends it, and the
# image is trimmed.
test_terminal() {
	cat >terminal.py <<-'PY'
		import os, pty, select, sys, time
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp(sys.argv[1], sys.argv[1:])
		seen, sent, end = b"", False, time.time() + 60
		while time.time() < end:
		    r, _, _ = select.select([fd], [], [], 0.2)
		    if r:
		        try:
		            data = os.read(fd, 65536)
		        except OSError:
		            break
		        if not data:
		            break
		        seen += data
		    if b"ready" in seen and not sent:
		        time.sleep(0.5)
		        os.write(fd, b"\x03")
		        sent = True
		else:
		    os.kill(pid, 9)
		    print("TIMEOUT")
		sys.stdout.write(seen.decode(errors="replace"))
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	PY
	local list
	list=$(images)
	try python3 terminal.py "$IMAGETRIM" run --engine "$ENGINE" redis:t -t redis:tty -o tty.tlog \
		-- sh -c 'trap "echo interrupted; exit 0" INT; tty; echo ready; while :; do sleep 0.1; done'
	hasnt "end" "$out" "TIMEOUT"
	[ "$rc" = 0 ] || fail "status $rc: $out $err"
	has "a terminal inside" "$out" "/dev/(pts/0|console)"
	has "the handler ran" "$out" "interrupted"
	has "the new image" "$out" "redis:tty"
	nothing_left "$list" redis:tty
}

# imagetrim itself is interrupted: the container ends, nothing stays.
test_interrupted() {
	local list pid
	list=$(images)
	"$IMAGETRIM" run --engine "$ENGINE" busybox:t -t busybox:int -o int.tlog -- loop >int.out 2>&1 </dev/null &
	pid=$!
	until_ok 15 grep -q ready int.out
	kill -TERM $pid
	wait $pid || :
	cat int.out
	[ -s int.tlog ] || fail "the log is lost"
	says "output of the image" "^args: one$" busybox:int one
	nothing_left "$list" busybox:int
}

test_json() {
	need it run --json busybox:t -t busybox:json -o json.tlog -- write
	jq -e . <<<"$(tail -n 1 <<<"$out")" >/dev/null || fail "last line is not JSON: $out"
	has "result" "$out" "busybox:json"
	has "log in the result" "$out" "json\.tlog"
}

# What the engine has of runs that are not at their end.
run_names() {
	eng ps -a --format '{{.Names}}' | grep '^imagetrim-run-' || :
}

runs_are() { [ "$(run_names | wc -l)" = "$1" ]; }

run_images() {
	eng images --format '{{.Repository}}' | grep 'imagetrim-run-' || :
}

# Killed without a chance to clean up: the next run does, and spares what a living one has, or
# one that cannot be judged.
test_killed() {
	local living killed foreign=imagetrim-run-00000001-00000002-f0000000-1-1-00000003
	"$IMAGETRIM" run --engine "$ENGINE" busybox:t -q -t busybox:living -o living.tlog --for 300 \
		-- loop >living.out 2>&1 &
	living=$!
	until_ok 30 runs_are 1
	"$IMAGETRIM" run --engine "$ENGINE" busybox:t -q -t busybox:killed -o killed.tlog --for 300 \
		-- loop >killed.out 2>&1 &
	killed=$!
	until_ok 30 runs_are 2
	kill -9 "$killed"
	wait "$killed" || :
	eng tag busybox:t "$foreign:tmp"
	need it run busybox:t -t busybox:after -o after.tlog -- first
	has "what is told" "$err" "removing imagetrim-run-[0-9a-f-]+, which a run that was killed has left"
	same "containers" 1 "$(run_names | wc -l)"
	same "images" 2 "$(run_images | wc -l)"
	has "another machine's image" "$(run_images)" "$foreign"
	kill -TERM "$living"
	wait "$living" || fail "the living run: $(cat living.out)"
	same "containers at the end" "" "$(run_names)"
	eng rmi "$foreign:tmp" busybox:living busybox:after >/dev/null
	same "images at the end" "" "$(run_images)"
}
