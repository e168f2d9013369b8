# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# Logs that are not whole: cut (a kill; normal) and damaged (said).

# The length of the log's header: the first length at which dump finds a log.
header_length() {
	local n
	for ((n = 1; n < 4096; n++)); do
		head -c "$n" "$1" >head.tlog
		"$IMAGETRIM" dump head.tlog >/dev/null 2>&1 && echo "$n" && return
	done
	fail "no header found in $1"
}

# Cut anywhere behind the header: used as far as it goes, without a word.
test_cut_anywhere() {
	busybox_log
	busybox_archive
	local size n step header
	size=$(stat -c %s "$BUSYBOX_LOG")
	header=$(header_length "$BUSYBOX_LOG")
	echo "log: $size bytes, header: $header"
	step=$(((size - header) / 40 + 1))
	for ((n = header; n <= size; n += step)); do
		head -c "$n" "$BUSYBOX_LOG" >cut.tlog
		rm -f out.tar
		try "$IMAGETRIM" trim "docker-archive:$BUSYBOX_TAR" cut.tlog \
			-t docker-archive:out.tar:busybox:cut
		same "status, cut at $n" 0 "$rc"
		hasnt "stderr, cut at $n" "$err" "warning|error|damaged"
		tar -tf out.tar >/dev/null || fail "cut at $n: the archive is broken"
	done
	# Every single byte, by the reader alone.
	for ((n = 0; n <= size; n += 1 + size / 1500)); do
		head -c "$n" "$BUSYBOX_LOG" >cut.tlog
		try "$IMAGETRIM" merge -o merged.tlog cut.tlog
		[ "$rc" -lt 126 ] || fail "merge, cut at $n: status $rc"
		[ "$n" -lt "$header" ] || [ "$rc" = 0 ] || fail "merge, cut at $n: status $rc: $err"
		rm -f merged.tlog
	done
}

# The cut log of a real redis: everything but the last record is enough here.
test_cut_redis() {
	redis_log
	local size
	size=$(stat -c %s "$REDIS_LOG")
	head -c $((size - 3)) "$REDIS_LOG" >cut.tlog
	need it trim redis:t cut.tlog -t redis:cut
	hasnt "stderr" "$err" "warning|error|damaged"
	redis_serves redis:cut
	for n in 25 50 75; do
		head -c $((size * n / 100)) "$REDIS_LOG" >cut.tlog
		need it trim redis:t cut.tlog -t redis:cut$n
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
	busybox_log
	busybox_archive
	local size n step header
	size=$(stat -c %s "$BUSYBOX_LOG")
	header=$(header_length "$BUSYBOX_LOG")
	step=$(((size - header) / 20 + 1))
	for ((n = header + 1; n < size * 3 / 4; n += step)); do
		flip "$BUSYBOX_LOG" "$n" bad.tlog
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
