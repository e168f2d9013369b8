# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# The recorder under the engine's own confinements, each with the output and
# status of the original.

# recorded OPTIONS...: the traced image under these options prints what the
# original does, and its log holds what it read, by each engine that this kernel
# has, and the same by all of them.
recorded() {
	local want engine
	once sandbox sandbox_make
	try erun "$@" busybox:t write
	want="status $rc: $out"
	for engine in ptrace notify; do
		[ $engine = ptrace ] || has_listener || continue
		rm -rf log
		mkdir -m 1777 log
		try erun "$@" -e IMAGETRIM_ENGINE=$engine -v "$PWD/log:/.imagetrim/log" \
			busybox:traced-box write
		same "output of $engine with: $*" "$want" "status $rc: $out"
		same "stderr of $engine with: $*" "" "$err"
		[ -n "$(find log -name '*.tlog')" ] || fail "no log of $engine with: $*"
		log_paths log/*.tlog >paths.$engine
		has "log of $engine with: $*" "$(cat paths.$engine)" "^/srv/data/lines$"
		nothing_unreadable log
	done
	[ ! -e paths.notify ] || same "paths by notify" "$(cat paths.ptrace)" "$(cat paths.notify)"
	need it trim busybox:t log -t busybox:box
	try erun "$@" busybox:box write
	same "trimmed image with: $*" "$want" "status $rc: $out"
}

sandbox_make() { it instrument busybox:t -t busybox:traced-box; }

# A listener with synchronous wake-up, Linux 6.6.
has_listener() {
	[ "$(printf '%s\n' 6.6 "$(uname -r)" | sort -V | head -n 1)" = 6.6 ]
}

nothing_unreadable() { hasnt "notes" "$("$IMAGETRIM" dump "$1"/*.tlog)" 'unreadable'; }

test_default() { recorded; }

test_user() { recorded --user 1000; }

test_user_and_group() { recorded --user 1234:4321; }

test_read_only() { recorded --read-only --tmpfs /tmp; }

test_no_privileges() {
	recorded --cap-drop ALL --security-opt no-new-privileges
	recorded --cap-drop ALL --security-opt no-new-privileges --user 1000 \
		--read-only --tmpfs /tmp
}

test_capability() { recorded --cap-add SYS_PTRACE; }

test_init() { recorded --init; }

# A root program that becomes another user, by an execve (gosu) and without one
# (a worker of nginx), in the default profile: what it reads then is seen, too.
test_dropping() {
	local engine
	once sandbox sandbox_make
	cat >drop.py <<-'END'
		import os, sys
		def drop():
		    os.setgroups([]); os.setresgid(1000, 1000, 1000); os.setresuid(1000, 1000, 1000)
		if os.fork() == 0:
		    drop()
		    os.chdir("/usr/share/base-files")
		    open("motd").read()
		    os.listdir("/usr/share/perl5")
		    os._exit(0)
		os.wait()
		if os.fork() == 0:
		    drop()
		    os.execv("/bin/cat", ["cat", "/etc/debian_version"])
		os.wait()
	END
	need it instrument services:t -t services:traced
	for engine in ptrace notify; do
		[ $engine = ptrace ] || has_listener || continue
		rm -rf log
		mkdir -m 1777 log
		need erun -e IMAGETRIM_ENGINE=$engine -v "$PWD/log:/.imagetrim/log" \
			-v "$PWD/drop.py:/drop.py:ro" services:traced python3 /drop.py
		log_paths log/*.tlog >paths.$engine
		for path in /usr/share/base-files/motd /usr/share/perl5 /bin/cat \
			/etc/debian_version; do
			has "paths of $engine" "$(cat paths.$engine)" "^$path$"
		done
		nothing_unreadable log
	done
}

# Inside the container's own layer, no volume.
test_user_without_volume() {
	once sandbox sandbox_make
	start boxed --user 1000 busybox:traced-box write
	until_ok 5 ended boxed
	collect boxed logs
	has "log" "$(log_paths logs/*.tlog)" "^/srv/data/lines$"
}

ended() { [[ $(container_status "$1") == exited* ]]; }

# No place for the log: said, and the application runs all the same; where the
# user wants to know for sure, it does not run.
test_no_place_for_log() {
	once sandbox sandbox_make
	local want
	try erun --read-only --tmpfs /tmp busybox:t write
	want="status $rc: $out"
	try erun --read-only --tmpfs /tmp busybox:traced-box write
	same "read-only" "$want" "status $rc: $out"
	has "reason" "$err" "/\.imagetrim/log.*Read-only file system"
	mkdir -m 755 log
	try erun --user 1000 -v "$PWD/log:/.imagetrim/log" busybox:traced-box write
	same "not writable" "$want" "status $rc: $out"
	has "reason" "$err" "/\.imagetrim/log.*Permission denied"
	try erun --read-only -e IMAGETRIM_ON_LOG_ERROR=fail busybox:traced-box write
	same "status" 125 "$rc"
	same "output" "" "$out"
	has "reason" "$err" "/\.imagetrim/log.*Read-only file system"
}

# In a cluster nobody reads stderr: a line in the file that "kubectl describe pod" shows, unless
# the application has written there.
term() { # WHAT PATTERN OPTIONS...
	local what=$1 pattern=$2
	shift 2
	: >term
	chmod 666 term
	try erun -v "$PWD/term:/dev/termination-log" "$@"
	same "$what: status" 0 "$rc"
	same "$what: lines" 1 "$(wc -l <term)"
	has "$what" "$(cat term)" "^imagetrim-tracer: $pattern"
}

test_termination_log() {
	once sandbox sandbox_make
	term "read-only" "no trace log in /\.imagetrim/log \(Read-only file system\): /app/run\.sh runs untraced$" \
		--read-only --tmpfs /tmp busybox:traced-box write
	# shellcheck disable=SC2016  # the container's shell
	term "full" "the trace log cannot be written \(No space left on device\); the application goes on" \
		--tmpfs /.imagetrim/log:size=4k,mode=1777 --entrypoint /.imagetrim/imagetrim-tracer \
		busybox:traced-box -- /bin/sh -c 'i=0; while [ $i -lt 500 ]; do : >/tmp/file-$i; i=$((i + 1)); done'
	mkdir -m 1777 log
	term "deleted" "the trace log was deleted; the application goes on" -v "$PWD/log:/.imagetrim/log" \
		--entrypoint /.imagetrim/imagetrim-tracer busybox:traced-box \
		-- /bin/sh -c 'rm /.imagetrim/log/*; cat /srv/data/lines'
	echo "mine" >term
	try erun --read-only --tmpfs /tmp -v "$PWD/term:/dev/termination-log" busybox:traced-box write
	same "the application's own words" mine "$(cat term)"
}
