# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# Logs that are not whole: cut (a kill; normal) and damaged (said).

# Cut anywhere: used as far as it goes, without a word.
test_cut_anywhere() {
	busybox_raw
	busybox_archive
	local size n
	size=$(stat -c %s "$BUSYBOX_RAW")
	for ((n = 0; n <= size; n += size / 50)); do
		head -c "$n" "$BUSYBOX_RAW" >cut.tlog
		rm -f out.tar
		try "$IMAGETRIM" trim "docker-archive:$BUSYBOX_TAR" cut.tlog \
			-t docker-archive:out.tar:busybox:cut
		same "status, cut at $n ($err)" 0 "$rc"
		hasnt "stderr, cut at $n" "$err" "warning|error|damaged"
		tar -tf out.tar >/dev/null || fail "cut at $n: the archive is broken"
	done
	# Every single byte, by the reader alone.
	for ((n = 0; n <= size; n++)); do
		head -c "$n" "$BUSYBOX_RAW" >cut.tlog
		"$IMAGETRIM" dump --paths cut.tlog >paths 2>err ||
			fail "dump, cut at $n: status $?: $(cat err)"
		[ ! -s err ] || fail "dump, cut at $n: $(cat err)"
	done
	has "the whole log" "$(cat paths)" "^/srv/data/lines$"
}

redis_cut_make() {
	it instrument redis:t -t redis:cut-traced
	start cut redis:cut-traced
	until_ok 10 eng exec cut /.imagetrim/imagetrim-tracer -- redis-cli PING
	eng exec cut /.imagetrim/imagetrim-tracer -- redis-cli SET a b
	eng stop -t 5 cut >/dev/null
	collect cut logs
	stop_all
}

# A real redis: the server's log lacks its end, as after a kill, and serves; cut
# deeper, it makes an image all the same.
test_cut_redis() {
	once redis_cut redis_cut_make
	local log size n
	cp -r "$BED_FIX/redis_cut/logs" whole
	cp -r whole logs
	log=$(echo logs/redis-server*.tlog)
	size=$(stat -c %s "$log")
	truncate -s $((size - 3)) "$log"
	need it trim redis:t logs -t redis:cut
	hasnt "stderr" "$err" "warning|error|damaged"
	redis_serves redis:cut
	for n in 75 50 25; do
		truncate -s $((size * n / 100)) "$log"
		need it trim redis:t logs -t redis:cut$n
		hasnt "stderr at $n %" "$err" "warning|error|damaged"
	done
}

flip() { # flip IN OFFSET OUT
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	cp "$1" "$3"
	printf '%b' "\\x$(printf %02x $((byte ^ 255)))" |
		dd of="$3" bs=1 seek="$2" conv=notrunc status=none
}

# A flipped byte: a warning that names the log, or an error; never silence
# where bytes were lost, never a crash.
test_damaged() {
	busybox_raw
	busybox_archive
	local size n
	size=$(stat -c %s "$BUSYBOX_RAW")
	for ((n = 0; n < size * 3 / 4; n += size / 40)); do
		flip "$BUSYBOX_RAW" "$n" bad.tlog
		rm -f out.tar
		try "$IMAGETRIM" trim "docker-archive:$BUSYBOX_TAR" bad.tlog \
			-t docker-archive:out.tar:busybox:bad
		[ "$rc" -lt 126 ] || fail "byte $n flipped: status $rc"
		has "byte $n flipped" "$err" "bad\.tlog"
		[ "$rc" = 0 ] || [ ! -e out.tar ] || fail "byte $n: an output in spite of an error"
	done
}

test_not_a_log() {
	busybox_archive
	head -c 5000 /dev/urandom >noise.tlog
	try "$IMAGETRIM" trim "docker-archive:$BUSYBOX_TAR" noise.tlog -t docker-archive:out.tar:x:y
	one_line "noise as a log" "noise\.tlog"
	[ ! -e out.tar ] || fail "an output in spite of an error"
	mkdir empty
	try "$IMAGETRIM" trim "docker-archive:$BUSYBOX_TAR" empty -t docker-archive:out.tar:x:y
	one_line "a directory without a log" "empty"
	[ ! -e out.tar ] || fail "an output in spite of an error"
}

# dump's text and merge: what was read is what is in the log.
test_dump() {
	busybox_log
	need "$IMAGETRIM" dump "$BUSYBOX_LOG"
	has "dump" "$out" "/app/run\.sh"
	has "dump" "$out" "(^|[^a-z])x86.64|amd64"
	need "$IMAGETRIM" dump --paths "$BUSYBOX_LOG"
	has "paths" "$out" "^/srv/data/lines$"
	has "the script's interpreter" "$out" "^/bin/(sh|busybox)$"
	hasnt "paths never touched" "$out" "unread"
}
