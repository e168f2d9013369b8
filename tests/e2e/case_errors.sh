# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# Bad input: one clear line with the file and the reason, no output left.

test_missing_image() {
	busybox_log
	try it trim nosuch:image "$BUSYBOX_LOG" -t new:t
	one_line "trim" "nosuch:image"
	try it instrument nosuch:image -t new:t
	one_line "instrument" "nosuch:image"
	try it run nosuch:image -t new:t
	one_line "run" "nosuch:image"
	no_image new:t
	try "$IMAGETRIM" trim docker-archive:none.tar "$BUSYBOX_LOG" -t docker-archive:out.tar:a:b
	one_line "trim of a file" "none\.tar.*No such file"
	try "$IMAGETRIM" trim oci:none "$BUSYBOX_LOG" -t docker-archive:out.tar:a:b
	one_line "trim of a layout" "none"
	[ ! -e out.tar ] || fail "an output in spite of an error"
}

test_missing_log() {
	try it trim busybox:t none.tlog -t busybox:nolog
	one_line "trim" "none\.tlog.*No such file"
	no_image busybox:nolog
	try "$IMAGETRIM" dump none.tlog
	one_line "dump" "none\.tlog.*No such file"
	try "$IMAGETRIM" merge -o out.tlog none.tlog
	one_line "merge" "none\.tlog.*No such file"
	[ ! -e out.tlog ] || fail "an output in spite of an error"
}

# The image is made for another machine than the log tells of.
test_other_architecture() {
	busybox_log
	busybox_archive
	mkdir arc
	tar -xf "$BUSYBOX_TAR" -C arc
	local config
	config=$(jq -r '.[0].Config' arc/manifest.json)
	jq -c '.architecture = "arm64"' "arc/$config" >new
	rm "arc/$config"
	config=$(sha256sum <new | cut -d' ' -f1).json
	mv new "arc/$config"
	jq -c --arg c "$config" '.[0].Config = $c' arc/manifest.json >m
	mv m arc/manifest.json
	# shellcheck disable=SC2046
	tar -C arc -cf arm.tar manifest.json "$config" $(jq -r '.[0].Layers[]' arc/manifest.json)
	try "$IMAGETRIM" trim docker-archive:arm.tar "$BUSYBOX_LOG" -t docker-archive:out.tar:a:b
	one_line "trim" "busybox\.tlog.*(arm64|aarch64|x86.64|amd64)"
	[ ! -e out.tar ] || fail "an output in spite of an error"
	try "$IMAGETRIM" instrument docker-archive:arm.tar -t docker-archive:out.tar:a:b
	one_line "instrument" "(arm64|aarch64)"
	[ ! -e out.tar ] || fail "an output in spite of an error"
}

test_broken_archive() {
	busybox_log
	busybox_archive
	local size n
	size=$(stat -c %s "$BUSYBOX_TAR")
	for n in 0 1 511 512 5000 $((size / 3)) $((size / 2)) $((size - 20000)); do
		head -c "$n" "$BUSYBOX_TAR" >broken.tar
		try "$IMAGETRIM" trim docker-archive:broken.tar "$BUSYBOX_LOG" -t docker-archive:out.tar:a:b
		one_line "cut at $n" "broken\.tar"
		[ ! -e out.tar ] || fail "an output in spite of an error (cut at $n)"
	done
	head -c 100000 /dev/urandom >noise.tar
	try "$IMAGETRIM" trim docker-archive:noise.tar "$BUSYBOX_LOG" -t docker-archive:out.tar:a:b
	one_line "noise" "noise\.tar"
	# A byte of a layer's content changed: the digest tells.
	cp "$BUSYBOX_TAR" flipped.tar
	n=$(grep -abo 'args: \$\*' flipped.tar | head -n 1 | cut -d: -f1)
	printf X | dd of=flipped.tar bs=1 seek="$n" conv=notrunc status=none
	try "$IMAGETRIM" trim docker-archive:flipped.tar "$BUSYBOX_LOG" -t docker-archive:out.tar:a:b
	one_line "a flipped byte" "flipped\.tar"
	[ ! -e out.tar ] || fail "an output in spite of an error"
}

test_no_space() {
	redis_log
	mkdir small
	mount -t tmpfs -o size=1m tmpfs small
	try it trim redis:t "$REDIS_LOG" -t docker-archive:small/out.tar:a:b
	one_line "archive" "small/out\.tar: [0-9]+ bytes are needed, [0-9]+ are free: No space left"
	same "files left" "" "$(find small -type f)"
	try it trim redis:t "$REDIS_LOG" -t oci:small/layout:b
	one_line "layout" "small/layout: [0-9]+ bytes are needed, [0-9]+ are free: No space left"
	same "files left" "" "$(find small -type f)"
	umount small
}

# Temporary files have a place of their own, and may find it full: said before they are written
# where their size is known, and whose space it is where it is not (a pipe).
test_no_space_tmp() {
	redis_log
	"$ENGINE" save -o redis.tar redis:t
	mkdir small
	mount -t tmpfs -o size=1m tmpfs small
	export TMPDIR=$PWD/small
	local known='small: a temporary file of [0-9]+ bytes is needed, [0-9]+ are free; set TMPDIR: No space left'
	local what to="docker-archive:out.tar:a:b"
	try it trim redis:t "$REDIS_LOG" -t redis:nospace
	one_line "an engine's image" "$known"
	no_image redis:nospace
	try file_trim "$to"
	[ "$rc" = 0 ] || fail "a file on standard input is not copied: $err"
	rm -f out.tar
	try pipe_trim "$to"
	one_line "a pipe" "standard input: .*small has no space for a copy of it; set TMPDIR: No space left"
	gzip -1 <redis.tar >redis.tar.gz
	try "$IMAGETRIM" trim docker-archive:redis.tar.gz "$REDIS_LOG" -t "$to"
	one_line "a compressed archive" "$known"
	try "$IMAGETRIM" trim docker-archive:redis.tar "$REDIS_LOG" -t oci:layout:b
	one_line "a layer on its way to a layout" "$known"
	for what in out.tar layout; do
		[ ! -e "$what" ] || fail "an output in spite of an error: $what"
	done
	try "$IMAGETRIM" trim docker-archive:redis.tar "$REDIS_LOG" -t "$to"
	[ "$rc" = 0 ] || fail "an archive needs no temporary file: $err"
	try "$IMAGETRIM" trim docker-archive:redis.tar "$REDIS_LOG" --layers keep --include '/**' \
		--packages keep --devices -t oci:passed:b
	[ "$rc" = 0 ] || fail "a layer that passes through needs none either: $err"
	# (podman leaves a directory of its own.)
	same "files left" "" "$(find small -name 'imagetrim*')"
	umount small
}

file_trim() {
	"$IMAGETRIM" trim - "$REDIS_LOG" -t "$1" <redis.tar
}

pipe_trim() {
	# shellcheck disable=SC2002  # a pipe is what is asked for
	cat redis.tar | "$IMAGETRIM" trim - "$REDIS_LOG" -t "$1"
}

test_output_is_there() {
	busybox_log
	busybox_archive
	# An output file is replaced only when the new one is whole.
	echo before >out.tar
	try "$IMAGETRIM" trim docker-archive:none.tar "$BUSYBOX_LOG" -t docker-archive:out.tar:a:b
	[ "$rc" != 0 ] || fail "status 0"
	same "the old file" before "$(cat out.tar)"
	try "$IMAGETRIM" trim "docker-archive:$BUSYBOX_TAR" "$BUSYBOX_LOG" -t docker-archive:none/out.tar:a:b
	one_line "directory missing" "none/?.*No such file"
}

test_bad_names() {
	busybox_log
	local name
	for name in "UPPER:t" "a b" "-x" "a:b:c:d"; do
		try it trim busybox:t "$BUSYBOX_LOG" -t "$name"
		[ "$rc" != 0 ] || fail "accepted as a name: $name"
		[ "$rc" -lt 126 ] || fail "died on the name: $name"
	done
}

# Verbs and options that are not: usage, status other than 0, on stderr.
test_usage() {
	local args
	for args in "" "nosuch" "trim" "trim busybox:t" "run" "instrument busybox:t" \
		"merge" "dump" "trim --nosuch busybox:t"; do
		# shellcheck disable=SC2086
		try "$IMAGETRIM" $args
		[ "$rc" != 0 ] || fail "status 0 for: $args"
		[ "$rc" -lt 126 ] || fail "died for: $args"
		same "standard output for: $args" "" "$out"
		[ -n "$err" ] || fail "nothing said for: $args"
	done
}

test_engine_missing() {
	busybox_log
	try env PATH=/nonexistent "$IMAGETRIM" trim busybox:t "$BUSYBOX_LOG" -t new:t
	one_line "no engine at all" "docker|engine"
	try env DOCKER_HOST=unix:///nonexistent/socket "$IMAGETRIM" trim --engine docker \
		busybox:t "$BUSYBOX_LOG" -t new:t
	[ "$rc" != 0 ] || fail "status 0 without a daemon"
	one_line "the daemon as a source" "docker.*nonexistent/socket"
	eng save -o busybox.tar busybox:t
	try env DOCKER_HOST=unix:///nonexistent/socket "$IMAGETRIM" trim --engine docker \
		docker-archive:busybox.tar "$BUSYBOX_LOG" -t new:t
	one_line "the daemon as a destination" "docker.*nonexistent/socket"
	try env DOCKER_HOST=unix:///nonexistent/socket "$IMAGETRIM" trim \
		busybox:t "$BUSYBOX_LOG" -t new:t --engine nerdctl
	one_line "no such engine here" "nerdctl is not installed"
}
