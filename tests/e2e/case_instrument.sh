# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# The instrumented image stands in for the original.

instrumented_make() { it instrument busybox:t -t busybox:instr; }

instrumented() { once instrumented instrumented_make; }

test_behaves_like() {
	instrumented
	local want args
	for args in "" "write" "exit 5" "a b"; do
		# shellcheck disable=SC2086  # words
		try erun busybox:t $args
		want="status $rc: $out / $err"
		# shellcheck disable=SC2086
		try erun busybox:instr $args
		same "run with '$args'" "$want" "status $rc: $out / $err"
	done
	same "standard input" "3" "$(printf '1\n2\n3\n' | eng run --rm -i --pull never \
		--entrypoint /.imagetrim/imagetrim-tracer busybox:instr -- wc -l)"
}

# Exit status of what cannot be run, as by the engine's own runtime.
test_cannot_run() {
	instrumented
	try erun redis:t /nonexistent
	same "not found, original" 127 "$rc"
	need it instrument redis:t -t redis:instr
	try erun redis:instr /nonexistent
	same "not found" 127 "$rc"
	has "message" "$err" "/nonexistent"
	try erun redis:instr /etc/passwd
	same "not executable" 126 "$rc"
}

test_config() {
	instrumented
	same_config busybox:t busybox:instr '| del(.Config.Entrypoint, .Config.Cmd)'
	has "entrypoint" "$(eng image inspect -f '{{json .Config.Entrypoint}}' busybox:instr)" \
		'^\["/\.imagetrim/imagetrim-tracer".*"--","/app/run\.sh"\]$'
	same "command" '["first","second"]' \
		"$(eng image inspect -f '{{json .Config.Cmd}}' busybox:instr)"
	has "labels" "$(image_labels busybox:instr)" 'imagetrim.*(app/run\.sh)'
	same "layers added" 1 $(($(layers busybox:instr) - $(layers busybox:t)))
	try erun --entrypoint /bin/ls busybox:instr -la /.imagetrim
	has "log directory" "$out" '^drwxrwxrwt .* log$'
}

# A filter needs no_new_privs in a default container, and an image with a program that becomes
# another user would lose by it: there the tracer does without, slowly. A program of root's gives
# root nothing, and others lose its privilege by ptrace(2) as well.
test_set_id() {
	instrumented
	mkdir x
	cp "$BED_IMAGES/busybox.tar" suid.tar
	touch x/suid
	chmod 4755 x/suid
	cp suid.tar root.tar
	tar --append --owner 2 -f suid.tar -C x ./suid
	tar --append --owner 0 -f root.tar -C x ./suid
	bed_import suid.tar busybox:suid 'ENTRYPOINT ["/app/run.sh"]'
	bed_import root.tar busybox:root 'ENTRYPOINT ["/app/run.sh"]'
	need it instrument busybox:suid -t busybox:suid-instr
	need it instrument busybox:root -t busybox:root-instr
	local image
	for image in instr root-instr suid-instr; do
		eng run --name "$image" --pull never "busybox:$image" a >/dev/null
		STARTED+=("$image")
		collect "$image" "logs-$image"
		"$IMAGETRIM" dump "logs-$image"/*.tlog >"dump-$image"
	done
	hasnt "the engine without set-id files" "$(cat dump-instr)" '^  engine=plain$'
	hasnt "the engine with one of root's" "$(cat dump-root-instr)" '^  engine=plain$'
	has "the engine with one" "$(cat dump-suid-instr)" '^  engine=plain$'
	has "why" "$(cat dump-suid-instr)" '^  engine-reason=no_new_privs would take'
}

layers() { eng image inspect "$1" | jq '.[0].RootFS.Layers | length'; }

# An instrumented image is instrumented once, and is still the same job.
test_twice() {
	instrumented
	try it instrument busybox:instr -t busybox:instr2
	if [ "$rc" = 0 ]; then
		says "output" '^hello$' busybox:instr2 write
	else
		one_line "instrument, twice" "instrument"
	fi
}

# A health check runs beside the application, by no child of it.
test_docker_healthcheck() {
	local kind test
	for kind in shell exec; do
		test='CMD redis-cli PING | grep PONG'
		[ $kind = shell ] || test='CMD ["redis-cli","PING"]'
		bed_import "$BED_IMAGES/redis.tar" "redis:health-$kind" \
			'CMD ["redis-server"]' "HEALTHCHECK --interval=1s --timeout=5s $test"
		need it instrument "redis:health-$kind" -t "redis:health-$kind-traced"
		start sick "redis:health-$kind-traced"
		until_ok 15 healthy sick
		eng stop -t 5 sick >/dev/null
		collect sick "logs-$kind"
		has "the check's program" "$(cat_paths "logs-$kind")" '^/usr/bin/redis-cli$'
		need it trim "redis:health-$kind" "logs-$kind" -t "redis:health-$kind-trim"
		same_config "redis:health-$kind" "redis:health-$kind-trim"
		start well "redis:health-$kind-trim"
		until_ok 15 healthy well
	done
}

# podman keeps no schedule without systemd; its own command runs the check.
test_podman_healthcheck() {
	local dir=health
	# podman's import has no HEALTHCHECK: put it in the archive's config.
	eng save --format docker-archive -o h.tar redis:t >/dev/null
	health_archive h.tar $dir.tar
	need "$IMAGETRIM" instrument docker-archive:$dir.tar -t docker-archive:traced.tar:redis:health
	need podman load -q -i traced.tar
	start sick redis:health
	until_ok 10 eng healthcheck run sick
	eng stop -t 5 sick >/dev/null
	collect sick logs
	has "the check's program" "$(cat_paths logs)" '^/usr/bin/redis-cli$'
	need it trim docker-archive:$dir.tar logs -t redis:health-trim
	start well redis:health-trim
	until_ok 10 eng healthcheck run well
}

# health_archive IN OUT: a docker-archive with a health check in its config.
health_archive() {
	mkdir arc
	tar -xf "$1" -C arc
	local config
	config=$(jq -r '.[0].Config' arc/manifest.json)
	jq -c '.config.Healthcheck = {"Test":["CMD-SHELL","redis-cli PING"],"Interval":1000000000}' \
		"arc/$config" >arc/new
	rm "arc/$config"
	config=$(sha256sum <arc/new | cut -d' ' -f1).json
	mv arc/new "arc/$config"
	jq -c --arg c "$config" '.[0].Config = $c | .[0].RepoTags = ["redis:h"]' \
		arc/manifest.json >arc/m && mv arc/m arc/manifest.json
	# shellcheck disable=SC2046
	tar -C arc -cf "$2" manifest.json "$config" $(jq -r '.[0].Layers[]' arc/manifest.json)
}

healthy() { [ "$(eng inspect -f '{{.State.Health.Status}}' "$1")" = healthy ]; }

cat_paths() {
	local log
	for log in "$1"/*.tlog; do
		log_paths "$log"
	done | sort -u
}
