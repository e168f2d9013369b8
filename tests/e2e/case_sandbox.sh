# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# The recorder under the engine's own confinements, each with the output and
# status of the original.

# recorded OPTIONS...: the traced image under these options prints what the
# original does, and its log holds what it read.
recorded() {
	local want
	once sandbox sandbox_make
	rm -rf log
	mkdir -m 1777 log
	try erun "$@" busybox:t write
	want="status $rc: $out"
	try erun "$@" -v "$PWD/log:/.imagetrim/log" busybox:traced-box write
	same "output with: $*" "$want" "status $rc: $out"
	same "stderr with: $*" "" "$err"
	[ -n "$(find log -name '*.tlog')" ] || fail "no log with: $*"
	has "log with: $*" "$(log_paths log/*.tlog)" "^/srv/data/lines$"
	need it trim busybox:t log -t busybox:box
	try erun "$@" busybox:box write
	same "trimmed image with: $*" "$want" "status $rc: $out"
}

sandbox_make() { it instrument busybox:t -t busybox:traced-box; }

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
