# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# However it ends: what was recorded before is there, and the application does
# what it would have done without us.

traced() {
	once traced traced_make
}

traced_make() {
	it instrument busybox:t -t busybox:traced
	it instrument redis:t -t redis:traced
}

# The script's trap runs, its exit status is the container's.
test_stop() {
	traced
	start looper busybox:traced loop
	until_ok 10 ready looper
	eng stop -t 5 looper >/dev/null
	same "status" "exited 7" "$(container_status looper)"
	has "output" "$(eng logs looper 2>&1)" "^term$"
	collect looper logs
	has "log" "$(log_paths logs/*.tlog)" "^/srv/data/lines$"
	need it trim busybox:t logs -t busybox:stopped
	says "output of the trimmed image" "^args: one$" busybox:stopped one
}

ready() { eng logs "$1" 2>&1 | grep -q '^ready$'; }

test_kill() {
	traced
	start looper busybox:traced loop
	until_ok 10 ready looper
	eng kill -s KILL looper >/dev/null
	until_ok 5 ended looper
	same "status" "exited 137" "$(container_status looper)"
	collect looper logs
	has "log" "$(log_paths logs/*.tlog)" "^/srv/data/lines$"
	need it trim busybox:t logs -t busybox:killed
	hasnt "stderr of trim" "$err" "warning|damaged"
	says "output of the trimmed image" "^args: one$" busybox:killed one
}

ended() { [[ $(container_status "$1") == exited* ]]; }

# The kernel kills what takes too much memory: the application, and with PID 1 all. It would have
# come as far without us, and what it used before is in the log.
test_oom() {
	traced
	cat >hog.sh <<-'HOG'
		[ ! -e /tmp/again ] || cat /srv/data/lines
		: >/tmp/again
		x=0123456789abcdef
		while :; do x=$x$x; done
	HOG
	eng create --name hog --pull never -m 48m --entrypoint /.imagetrim/imagetrim-tracer \
		busybox:traced -- sh -c "$(cat hog.sh)" >/dev/null
	STARTED+=(hog)
	eng start hog >/dev/null
	until_ok 30 ended hog
	same "status" "exited 137" "$(container_status hog)"
	collect hog logs
	# (podman does not tell in its inspection.)
	[ "$ENGINE" = podman ] || same "why" true "$(eng inspect -f '{{.State.OOMKilled}}' hog)"
	has "log" "$(log_paths logs/*.tlog)" "^/bin/busybox$"
	# A restart, which comes further: another log, the first one as it was.
	cp -r logs before
	eng start hog >/dev/null
	until_ok 30 ended hog
	rm -r logs
	collect hog logs
	same "logs" 2 "$(find logs -name '*.tlog' | wc -l)"
	cmp before/*.tlog "logs/$(cd before && echo *.tlog)" || fail "the first log was changed"
	need it trim busybox:t logs -t busybox:hog
	hasnt "stderr of trim" "$err" "warning|damaged"
	# shellcheck disable=SC2016  # the container's
	has "what was used" "$(erun --entrypoint sh busybox:hog -c 'read -r line </srv/data/lines; echo $line')" "^one$"
}

# A server killed at five moments of its first second.
test_kill_redis() {
	traced
	local i
	for i in 1 2 3 4 5; do
		start server redis:traced
		sleep "0.$((i * 15))"
		eng kill -s KILL server >/dev/null
		until_ok 5 ended server
		collect server logs
		eng rm server >/dev/null
	done
	for i in logs/*.tlog; do
		need "$IMAGETRIM" dump "$i"
		hasnt "stderr of dump" "$err" "damaged"
	done
	need it trim redis:t logs -t redis:killed
	hasnt "stderr of trim" "$err" "damaged"
}

# PID 1 ignores a signal it has no handler for, and gets one it has a handler
# for; both as without us.
test_signals() {
	traced
	local sig want got
	for sig in INT HUP USR1 TERM; do
		want=$(signal_ends busybox:t $sig)
		got=$(signal_ends busybox:traced $sig)
		same "end by SIG$sig" "$want" "$got"
	done
}

signal_ends() { # signal_ends IMAGE SIGNAL
	start looper "$1" loop
	until_ok 10 ready looper
	eng kill -s "$2" looper >/dev/null
	sleep 0.5
	container_status looper
	eng rm -f looper >/dev/null
}

# The log volume is full from the start or becomes so: the application's
# output and status stay the same.
test_full_volume() {
	traced
	local size want
	try erun redis:t redis-cli --version
	want="status $rc: $out"
	for size in 4k 8k; do
		mkdir -p "vol$size"
		mount -t tmpfs -o "size=$size,mode=1777" tmpfs "vol$size"
		try erun -v "$PWD/vol$size:/.imagetrim/log" redis:traced redis-cli --version
		same "with a log volume of $size" "$want" "status $rc: $out"
		ls -l "vol$size"
		need it trim redis:t "vol$size" -t "redis:full$size"
		umount "vol$size"
	done
	# Not one byte is free: what is written first fails.
	mkdir vol0
	mount -t tmpfs -o size=4k,mode=1777 tmpfs vol0
	head -c 4096 /dev/zero >vol0/filler
	try erun -v "$PWD/vol0:/.imagetrim/log" redis:traced redis-cli --version
	umount vol0
	[ "status $rc: $out" = "$want" ] && return
	# Before the application runs, a failure may end it: 125 and a reason.
	same "status without room for a header" 125 "$rc"
	has "reason" "$err" "[Nn]o space"
}

# A busy server on a volume that fills up: it goes on serving, and the log's
# good part makes an image.
test_full_volume_server() {
	traced
	mkdir vol
	mount -t tmpfs -o size=12k,mode=1777 tmpfs vol
	start server -v "$PWD/vol:/.imagetrim/log" redis:traced
	until_ok 10 eng exec server redis-cli PING
	same SET OK "$(eng exec server redis-cli SET a b)"
	same SAVE OK "$(eng exec server redis-cli SAVE)"
	eng stop -t 5 server >/dev/null
	same "end" "exited 0" "$(container_status server)"
	need it trim redis:t vol -t redis:fullserver
	hasnt "stderr of trim" "$err" "damaged"
	umount vol
}

# Restarted in the same container: a second log, the first is kept.
test_restart() {
	traced
	start looper busybox:traced loop
	until_ok 10 ready looper
	# (A run that ended and found nothing new would leave no log: the first is killed.)
	eng kill looper >/dev/null
	eng start looper >/dev/null
	sleep 0.5
	eng stop -t 5 looper >/dev/null
	collect looper logs
	same "number of logs" 2 "$(find logs -name '*.tlog' | wc -l)"
}
