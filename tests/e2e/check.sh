# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What an end-to-end test uses: imagetrim with the engine under test, checks
# that say why they failed, images and logs that several tests share.
#
# in:   ENGINE, IMAGETRIM, BED, BED_IMAGES, BED_FIX (set by engine_run.sh)
# out:  the test's exit status (77: skipped) and its reason as the last line
# never: continues after a failed check

# --- saying ------------------------------------------------------------------

fail() {
	printf 'FAILED: %s\n' "$*"
	exit 1
}

skip() {
	printf 'skipped: %s\n' "$*"
	exit 77
}

# --- running -----------------------------------------------------------------

# it VERB ARGS...: imagetrim on the engine under test.
it() {
	local verb=$1
	shift
	"$IMAGETRIM" "$verb" --engine "$ENGINE" "$@"
}

eng() { "$ENGINE" "$@"; }

# try COMMAND...: sets rc, out, err instead of ending the test.
try() {
	rc=0
	"$@" >try.out 2>try.err </dev/null || rc=$?
	out=$(tr -d '\0' <try.out)
	err=$(tr -d '\0' <try.err)
}

# need COMMAND...: like try, and must succeed.
need() {
	try "$@"
	[ "$rc" = 0 ] || fail "status $rc of: $*
$out
$err"
}

# until SECONDS COMMAND...: again and again until it succeeds.
until_ok() {
	local end=$((SECONDS + $1))
	shift
	while [ $SECONDS -le $end ]; do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.1
	done
	fail "did not succeed in time: $*"
}

# --- checks ------------------------------------------------------------------

same() { # same WHAT EXPECTED GOT
	[ "$2" = "$3" ] || fail "$1: expected:
$2
but got:
$3"
}

has() { # has WHAT TEXT PATTERN (extended regular expression)
	grep -Eq -- "$3" <<<"$2" || fail "$1: no /$3/ in:
$2"
}

hasnt() {
	! grep -Eq -- "$3" <<<"$2" || fail "$1: /$3/ in:
$2"
}

# One clear line on stderr that matches, a status other than 0, nothing on
# the standard output; after a try.
one_line() { # one_line WHAT PATTERN
	[ "$rc" != 0 ] || fail "$1: status 0
$out
$err"
	[ "$rc" -lt 128 ] || fail "$1: died, status $rc: $err"
	[ "$(grep -c . <<<"$err")" = 1 ] || fail "$1: not one line on stderr:
$err"
	has "$1" "$err" "$2"
	same "$1: standard output" "" "$out"
}

no_image() { # no_image NAME
	! eng image inspect "$1" >/dev/null 2>&1 || fail "image $1 is there"
}

image_id() { eng image inspect -f '{{.Id}}' "$1" | sed 's/^sha256://'; }

image_size() { eng image inspect -f '{{.Size}}' "$1"; }

smaller() { # smaller IMAGE BYTES
	local size
	size=$(image_size "$1")
	echo "$1: $size bytes"
	[ "$size" -lt "$2" ] || fail "$1 has $size bytes, want less than $2"
}

# Everything a container's start depends on, without what trim and instrument
# are there to change.
image_config() { # image_config NAME [FURTHER-JQ]
	eng image inspect "$1" | jq -S ".[0] |
		{Architecture, Os, Variant, Author, Created, Config,
		 Healthcheck: (.Healthcheck // .HealthCheck)} |
		del(.Config.Labels, .Config.Image, .Config.Hostname) ${2-}"
}

image_labels() { eng image inspect "$1" | jq -S '.[0].Config.Labels // {}'; }

same_config() { # same_config ORIGINAL NEW [FURTHER-JQ]
	same "config of $2" "$(image_config "$1" "${3-}")" "$(image_config "$2" "${3-}")"
	jq -e -n --argjson a "$(image_labels "$1")" --argjson b "$(image_labels "$2")" \
		'$b | contains($a)' >/dev/null || fail "$2 lost labels of $1"
}

# --- containers --------------------------------------------------------------

# erun ARGS...: the engine's run, never a registry, gone afterwards.
erun() { eng run --rm --pull never "$@"; }

# says WHAT PATTERN ARGS...: a run of an image without a tracer ends well and prints it. Nothing of
# ours runs there, and Docker 26 beside busy engines now and then ends such a run with status 0 and
# nothing printed (two tests of one CI run; here 1 run of 120, none of 400 alone): it is tried again,
# and told.
says() { runs_until out "$@"; }

# complains WHAT PATTERN ARGS...: the same of its standard error, whatever its status.
complains() { runs_until err "$@"; }

runs_until() { # runs_until out|err WHAT PATTERN ARGS...
	local stream=$1 what=$2 pattern=$3 i
	shift 3
	for i in 1 2 3; do
		try erun "$@"
		if [ "$stream" = err ] || [ "$rc" = 0 ]; then
			grep -Eq -- "$pattern" <<<"${!stream}" && return 0
		fi
		echo "run $i of $*: status $rc, output [$out], errors [$err]"
	done
	fail "$what: no /$pattern/, status $rc, output [$out], errors [$err]"
}

# start NAME ARGS...: in the background.
start() {
	local name=$1
	shift
	eng rm -f "$name" >/dev/null 2>&1 || :
	eng run -d --name "$name" --pull never "$@" >/dev/null || fail "cannot start $*"
	STARTED+=("$name")
}

STARTED=()

# The last first: it may use the network of an earlier one.
stop_all() {
	local i
	for ((i = ${#STARTED[@]} - 1; i >= 0; i--)); do
		eng rm -f "${STARTED[i]}" >/dev/null 2>&1 || :
	done
	STARTED=()
}

address() { eng inspect -f '{{.NetworkSettings.IPAddress}}' "$1"; }

container_status() { eng inspect -f '{{.State.Status}} {{.State.ExitCode}}' "$1"; }

# The logs of an instrumented container, into a directory.
collect() { # collect CONTAINER DIR
	mkdir -p "$2"
	eng cp "$1:/.imagetrim/log/." "$2" >/dev/null || fail "no logs in $1"
	[ -n "$(find "$2" -name '*.tlog')" ] || fail "no *.tlog in $1"
}

log_paths() { "$IMAGETRIM" dump --paths "$1"; }

# Does a redis made from both recordings do what it should?
redis_serves() { # redis_serves IMAGE
	start serve "$1"
	until_ok 10 eng exec serve redis-cli PING
	same PING PONG "$(eng exec serve redis-cli PING)"
	same SET OK "$(eng exec serve redis-cli SET key value)"
	same GET value "$(eng exec serve redis-cli GET key)"
	eng stop -t 5 serve >/dev/null
	same "end of the server" "exited 0" "$(container_status serve)"
	eng rm serve >/dev/null
}

# --- what several tests share ------------------------------------------------

# once NAME FUNCTION: fills the directory $BED_FIX/NAME by the function, the
# first time.  (Tests of one engine run one after the other.)
once() {
	local dir=$BED_FIX/$1
	[ -e "$dir.done" ] && return 0
	rm -rf "$dir"
	mkdir -p "$dir"
	(cd "$dir" && "$2") || fail "$2 (shared by several tests) failed"
	: >"$dir.done"
}

# redis.tlog: server and redis-cli in one log, by imagetrim run.
redis_log_make() {
	it run redis:t -o redis.tlog -t redis:run --exec "redis-cli PING" \
		--exec "redis-cli SET a b" --exec "redis-cli GET a" </dev/null
}

redis_log() {
	once redis redis_log_make
	export REDIS_LOG=$BED_FIX/redis/redis.tlog
}

# busybox.tlog: the script's run.  raw: as the tracer wrote it, not merged.
busybox_log_make() {
	it run busybox:t -o busybox.tlog -t busybox:run -- write </dev/null
}

busybox_raw_make() {
	it instrument busybox:t -t busybox:raw
	mkdir -m 1777 log
	erun -v "$PWD/log:/.imagetrim/log" busybox:raw write
	mv log/*.tlog raw.tlog
}

busybox_log() {
	once busybox busybox_log_make
	export BUSYBOX_LOG=$BED_FIX/busybox/busybox.tlog
}

busybox_raw() {
	once busybox_raw busybox_raw_make
	export BUSYBOX_RAW=$BED_FIX/busybox_raw/raw.tlog
}

# The busybox image as a docker-archive: small, so good for many tries.
busybox_archive_make() { eng save -o busybox.tar busybox:t >/dev/null; }

busybox_archive() {
	once busybox_archive busybox_archive_make
	export BUSYBOX_TAR=$BED_FIX/busybox_archive/busybox.tar
}
