# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# What a trimmed image misses is found by running it, and added.

# A library that redis needs is left out on purpose, and one that is missed only after it.
redis_with_holes() { # NAME
	redis_log
	printf 'drop **/libjemalloc.so*\ndrop **/liblzf.so*\n' >rules
	need it trim redis:t "$REDIS_LOG" -t "$1" --rules rules
}

nothing_left() {
	same "containers left" "" "$(eng ps -aq)"
	hasnt "images left" "$(eng images --format '{{.Repository}}:{{.Tag}}')" 'imagetrim-'
}

test_holes_and_heal() {
	local original
	original=$(image_id redis:t)
	redis_with_holes redis:holes
	try it verify redis:t redis:holes --ready 2 --exec "redis-cli PING"
	same "status with holes" 1 "$rc"
	has "the hole" "$out" "^  .*/lib(jemalloc|lzf)\.so[.0-9]* by /usr/bin/redis-server in 1 run$"
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
	try it verify busybox:t busybox:list --exec "ls /usr/share" -- loop
	same "status" 1 "$rc"
	has "missed directory or entries" "$out" "/usr/share"
	need it verify busybox:t busybox:list --exec "ls /usr/share/doc" --heal -t busybox:full -- loop
	same "entries" unread "$(erun --entrypoint ls busybox:full /usr/share/doc)"
	nothing_left
}

# What a search finds under a later name is no hole.
test_search() {
	need it run busybox:t -t busybox:search -o search.tlog -- one
	need it verify busybox:t busybox:search -- one
	has "what was proved" "$(tail -n 1 <<<"$out")" "^busybox:search: verified in 1 run: "
}
