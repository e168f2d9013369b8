# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# The main job: redis recorded, merged, trimmed, and it serves.

test_run_exec() {
	need it run redis:t -t redis:one -o one.tlog \
		--exec "redis-cli PING" --exec "redis-cli SET a b" --exec "redis-cli GET a"
	has "what run printed" "$out$err" "redis:one"
	has "where the log lies" "$out$err" "one\.tlog"
	[ -s one.tlog ] || fail "no log one.tlog"
	has "paths in the log" "$(log_paths one.tlog)" "^/usr/bin/redis-cli$"
	smaller redis:one 20000000
	same_config redis:t redis:one
	redis_serves redis:one
	leftovers
}

# After a run there is neither a container nor a temporary image left.
leftovers() {
	same "containers left" "" "$(eng ps -aq)"
	hasnt "images left" "$(eng images --format '{{.Repository}}:{{.Tag}}')" \
		'imagetrim-|<none>'
}

# By hand: instrument, the engine's own run and cp, two logs, one image.
test_two_logs() {
	need it instrument redis:t -t redis:traced
	start server redis:traced
	until_ok 10 eng exec server redis-cli PING
	eng run --name client --pull never --network container:server redis:traced \
		sh -c 'redis-cli PING && redis-cli SET c d && redis-cli GET c' >client.out
	STARTED+=(client)
	same "client through the tracer" "PONG OK d" "$(tr '\n' ' ' <client.out | sed 's/ $//')"
	eng stop -t 5 server >/dev/null
	same "end of the server" "exited 0" "$(container_status server)"
	collect server logs-server
	collect client logs-client
	hasnt "server's log" "$(log_paths logs-server/*.tlog)" "^/usr/bin/redis-cli$"
	has "client's log" "$(log_paths logs-client/*.tlog)" "^/usr/bin/redis-cli$"

	need it trim redis:t logs-server logs-client/*.tlog -t redis:two
	smaller redis:two 20000000
	same_config redis:t redis:two
	redis_serves redis:two

	# The order of the logs, a log twice, and merging first change nothing.
	need it trim redis:t logs-client logs-server logs-client -t redis:two-again
	same "image ID, other order" "$(image_id redis:two)" "$(image_id redis:two-again)"
	need "$IMAGETRIM" merge -o merged.tlog logs-server logs-client
	need it trim redis:t merged.tlog -t redis:two-merged
	same "image ID, merged log" "$(image_id redis:two)" "$(image_id redis:two-merged)"
	# trim also takes the instrumented image for the original.
	need it trim redis:traced merged.tlog -t redis:two-traced
	smaller redis:two-traced 20000000
	redis_serves redis:two-traced
}

# A plain list of paths is accepted like a log.
test_path_list() {
	redis_log
	log_paths "$REDIS_LOG" >paths.txt
	need it trim redis:t paths.txt -t redis:list
	smaller redis:list 20000000
	redis_serves redis:list
}

test_reproducible() {
	redis_log
	need it trim redis:t "$REDIS_LOG" -t redis:repro1
	sleep 1.1
	need it trim redis:t "$REDIS_LOG" -t redis:repro2
	same "image ID, the second time" "$(image_id redis:repro1)" "$(image_id redis:repro2)"
	need it trim redis:t "$REDIS_LOG" -t docker-archive:a.tar:redis:x
	need it trim redis:t "$REDIS_LOG" -t docker-archive:b.tar:redis:x
	cmp a.tar b.tar || fail "archives differ"
}

test_include_exclude() {
	redis_log
	need it trim redis:t "$REDIS_LOG" -t redis:inc --include '/usr/share/doc/redis-*/**' \
		--include-cmd sha256sum --exclude /usr/bin/redis-cli
	same "included command" "e3b0c44298fc" \
		"$(erun --entrypoint sha256sum redis:inc /dev/null | cut -c1-12)"
	eng save -o inc.tar redis:inc >/dev/null
	image_files inc.tar >inc.files
	has "included glob" "$(cat inc.files)" '^usr/share/doc/redis-.*/copyright$'
	hasnt "excluded glob" "$(cat inc.files)" '^usr/bin/redis-cli$'
}

# Names of all files in all layers of a docker-archive.
image_files() {
	local layer
	for layer in $(tar -xOf "$1" manifest.json | jq -r '.[0].Layers[]'); do
		tar -xOf "$1" "$layer" | tar -t | sed 's,^\./,,; s,^/,,'
	done
}

test_json() {
	redis_log
	need it trim --json redis:t "$REDIS_LOG" -t redis:json
	jq -e . <<<"$out" >/dev/null || fail "not JSON: $out"
	has "image in the result" "$out" "redis:json"
	has "image ID in the result" "$out" "$(image_id redis:json)"
	same "standard error" "" "$err"
}
