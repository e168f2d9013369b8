# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# What a trimmed image misses is found by running it, and added.

# shellcheck source=tests/e2e/case_apps.sh
. "$here/case_apps.sh"

# A library that redis needs is left out on purpose, and one that is missed only after it.
redis_with_holes() { # NAME
	redis_log
	printf 'drop **/libjemalloc.so*\ndrop **/liblzf.so*\n' >rules
	need it trim redis:t "$REDIS_LOG" -t "$1" --rules rules
}

nothing_left() {
	stop_all
	same "containers left" "" "$(eng ps -aq)"
	hasnt "images left" "$(eng images --format '{{.Repository}}:{{.Tag}}')" 'imagetrim-'
}

test_holes_and_heal() {
	local original
	original=$(image_id redis:t)
	redis_with_holes redis:holes
	try it verify redis:t redis:holes --ready 2 --exec "redis-cli PING"
	same "status with holes" 1 "$rc"
	has "the hole" "$out" "^  .*/lib(jemalloc|lzf)\.so[.0-9]* by /usr/bin/redis-server, [0-9]+ look-ups? in 1 run$"
	has "the last line" "$(tail -n 1 <<<"$out")" "redis:holes: [0-9]+ holes? in "

	# The loader asks for one library after the other: a round is not enough.
	try it verify redis:t redis:holes --ready 2 --exec "redis-cli PING" --heal -t redis:healed --rounds 1
	same "status after one round" 1 "$rc"
	need it verify redis:t redis:holes --ready 2 --exec "redis-cli PING" --heal -t redis:healed
	has "what was proved" "$(tail -n 1 <<<"$out")" "^redis:healed: verified in [0-9]+ runs?: [0-9]+ paths used"
	redis_serves redis:healed
	smaller redis:healed 20000000
	same_config redis:t redis:healed
	same "the original" "$original" "$(image_id redis:t)"
	nothing_left
}

test_run_verify() {
	need it run redis:t -t redis:proved -o proved.tlog --verify \
		--exec "redis-cli PING" --exec "redis-cli SET a b"
	has "what was proved" "$(tail -n 1 <<<"$out")" "^redis:proved: verified in 3 runs: "
	need it run --json redis:t -t redis:proved -o proved.tlog --verify --exec "redis-cli PING"
	same "JSON" true "$(tail -n 1 <<<"$out" | jq .verified)"
	nothing_left
}

# A directory whose entries are listed: told, healed, or ignored on request.
test_listing() {
	need it run busybox:t -t busybox:list -o list.tlog --exec "ls /etc" -- loop
	try it verify busybox:t busybox:list --ready 1 --exec "ls /usr/share" -- loop
	same "status" 1 "$rc"
	has "missed directory or entries" "$out" "/usr/share"
	need it verify busybox:t busybox:list --ready 1 --exec "ls /usr/share/doc" --heal -t busybox:full -- loop
	same "entries" unread "$(erun --entrypoint ls busybox:full /usr/share/doc)"
	nothing_left
}

# What a search finds under a later name is no hole.
test_search() {
	need it run busybox:t -t busybox:search -o search.tlog -- one
	need it verify busybox:t busybox:search -- one
	has "what was proved" "$(tail -n 1 <<<"$out")" "^busybox:search: verified in 1 run: "
}

# --drive: a page that only the traffic asks for. nginx answers 404, so nothing fails but the page.
test_drive() {
	nginx_image
	cat >drive.sh <<-'DRIVE'
		get='import sys, urllib.request as u
		sys.stdout.write(u.urlopen(sys.argv[1], timeout=5).read().decode())'
		i=0
		until python3 -c "$get" "http://$IMAGETRIM_ADDRESS/" >/dev/null 2>&1; do
			[ $((i += 1)) -lt 100 ] || exit 1
			sleep 0.1
		done
		[ "$1" = small ] || python3 -c "$get" "http://$IMAGETRIM_ADDRESS/big.txt" 2>/dev/null | wc -c >>sizes
	DRIVE
	need it run nginx:t -t nginx:small -o small.tlog --drive "sh $PWD/drive.sh small"
	need it verify nginx:t nginx:small --recorded small.tlog --drive "sh $PWD/drive.sh small"
	has "by the same traffic" "$(tail -n 1 <<<"$out")" "^nginx:small: verified in "
	try it verify nginx:t nginx:small --recorded small.tlog --drive "sh $PWD/drive.sh big"
	same "status by other traffic" 1 "$rc"
	has "the page" "$out" "^  /var/www/html/big.txt by /usr/sbin/nginx, [0-9]+ look-ups? in 1 run$"
	need it verify nginx:t nginx:small --recorded small.tlog --drive "sh $PWD/drive.sh big" \
		--heal -t nginx:more
	has "what was proved" "$(tail -n 1 <<<"$out")" "^nginx:more: verified in 1 run: "
	same "sizes of the page" "0 0 300000" "$(tr '\n' ' ' <sizes | sed 's/ $//')"
	nothing_left
}

# A hole that only a command in the container reaches, and how often it looked.
test_exec() {
	need it run busybox:t -t busybox:start -o start.tlog --exec true -- loop
	try it verify busybox:t busybox:start --ready 1 --exec "wc /usr/share/doc/unread /usr/share/doc/unread" -- loop
	same "status" 1 "$rc"
	has "the program" "$out" "^  /bin/wc, 1 look-up in [0-9]+ runs?$"
	need it verify busybox:t busybox:start --ready 1 --exec "wc /usr/share/doc/unread /usr/share/doc/unread" --heal -t busybox:wc -- loop
	# First the program, then what that looked for.
	has "the file" "$out" "^  /usr/share/doc/unread by /bin/wc, [0-9]+ look-ups in [0-9]+ runs?$"
	has "what was proved" "$(tail -n 1 <<<"$out")" "^busybox:wc: verified in 2 runs: "
	has "the file" "$(erun --entrypoint wc busybox:wc /usr/share/doc/unread)" "/usr/share/doc/unread"
	nothing_left
}

# --for ends a server that nothing else would end.
test_for() {
	redis_log
	need it trim redis:t "$REDIS_LOG" -t redis:for
	need timeout 60 "$IMAGETRIM" verify --engine "$ENGINE" redis:t redis:for --for 2
	has "what was proved" "$(tail -n 1 <<<"$out")" "^redis:for: verified in 1 run: "
	has "redis served" "$out" "Ready to accept connections"
	has "redis was stopped" "$out" "ready to exit, bye bye"
	nothing_left
}

# The kernel names the program when it is the interpreter that is gone.
test_interpreter() {
	redis_log
	printf 'drop **/ld-linux*\ndrop **/ld-[0-9]*\n' >rules
	need it trim redis:t "$REDIS_LOG" -t redis:noloader --rules rules
	try it verify redis:t redis:noloader --ready 2 --exec "redis-cli PING"
	same "status without a loader" 1 "$rc"
	has "the loader" "$out" "^  /lib64/ld-linux-x86-64.so.2, [0-9]+ look-ups? in 1 run$"
	need it verify redis:t redis:noloader --ready 2 --exec "redis-cli PING" --heal -t redis:loader
	has "what was proved" "$(tail -n 1 <<<"$out")" "^redis:loader: verified in "
	redis_serves redis:loader

	need it run busybox:t -t busybox:noshell -o shell.tlog --exclude /bin/sh -- one
	try it verify busybox:t busybox:noshell -- one
	same "status without a shell" 1 "$rc"
	has "the shell" "$out" "^  /bin/sh, [0-9]+ look-ups? in 1 run$"
	need it verify busybox:t busybox:noshell --heal -t busybox:shell -- one
	same "output" "$(erun busybox:t one)" "$(erun busybox:shell one)"
	nothing_left
}

# Python lists each directory of modules: that is as in the recorded run, so no hole; a module that
# only another run imports is one, and no look-up tells.
test_python() {
	python_image
	need it run python:t -t python:small -o python.tlog --verify -- main.py
	has "listings as recorded" "$out" "^  /usr/lib/python3[.0-9]*: [0-9]+ of [0-9]+ entries missing, by /usr/bin/python3"
	has "what was proved" "$(tail -n 1 <<<"$out")" "^python:small: verified in 1 run: "
	try it verify python:t python:small --recorded python.tlog -- -c "import os, greet; os.listdir('/etc')"
	same "status by another listing" 1 "$rc"
	has "the listing" "$out" "^  /etc: [0-9]+ of [0-9]+ entries missing"
	need it run python:t -t python:small -o again.tlog --verify --ignore-listings -- -c "import os; os.listdir('/etc')"
	nothing_left
}
