#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the end-to-end tests on one engine (stores: on newer Dockers,
# one after the other).
#
# in:   engine_run.sh docker|podman IMAGES LOGS RESULTS [TEST...]
#       IMAGES  the tars of bed_images_make; for stores: docker/SUITE of newer.sh
#       LOGS    a directory, one log a test
#       RESULTS one line a test: status TAB name TAB seconds TAB reason
#       TEST    names of tests, or parts of names; without: all
#       IMAGETRIM in the environment: the program under test
# out:  one line a test; status 0 when none failed
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/bed.sh
. "$here/bed.sh"
# shellcheck source=tests/e2e/newer.sh
. "$here/newer.sh"

if [ "${BED_PRIVATE-}" != 1 ]; then
	BED_WORK=$(mktemp -d "${TMPDIR:-/tmp}/imagetrim-e2e.XXXXXX")
	export BED_WORK
	trap 'rm -rf "$BED_WORK"' EXIT
	rc=0
	bed_enter bash "$0" "$@" || rc=$?
	exit $rc
fi

export ENGINE=$1 BED_IMAGES=$2
logs=$3 results=$4
shift 4
wanted=("$@")

bed_private "$BED_WORK"
export BED_FIX=$BED/fix TMPDIR=$BED/tmp
mkdir -p "$BED_FIX" "$logs"

trap engine_stop EXIT
trap 'exit 130' INT TERM

docker_says() {
	bed_say "docker: $(docker version -f 'client {{.Client.Version}}, daemon {{.Server.Version}}')," \
		"$(docker info -f '{{.Driver}}, cgroup v{{.CgroupVersion}}')"
}

engine_start() {
	case $ENGINE in
	docker)
		bed_docker_start
		docker_says
		;;
	podman)
		mkdir -p "$BED/podman"
		bed_podman_setup "$BED/podman" "$BED_IMAGES/busybox.tar" /bin/true
		bed_say "podman: $(podman --version), $BED_PODMAN_SETTINGS"
		;;
	*)
		bed_die "no such engine: $ENGINE"
		;;
	esac
}

# shellcheck disable=SC2317  # called by the trap
engine_stop() {
	case $ENGINE in
	docker) bed_docker_stop ;;
	podman) bed_podman_stop ;;
	esac
	umount -l "$BED" 2>/dev/null || :
}

busybox_image() {
	bed_import "$BED_IMAGES/busybox.tar" busybox:t 'ENTRYPOINT ["/app/run.sh"]' \
		'CMD ["first","second"]' 'ENV GREETING="hello <world> & all"' \
		'WORKDIR /srv' 'LABEL original=yes'
}

# The images under test; services:t is the ground of the Python and nginx ones.
engine_images() {
	busybox_image
	bed_import "$BED_IMAGES/redis.tar" redis:t \
		'CMD ["redis-server","--protected-mode","no"]' 'ENV REDIS=yes' \
		'EXPOSE 6379' 'WORKDIR /var/lib/redis' 'VOLUME /var/lib/redis' \
		'LABEL original=yes'
	bed_import "$BED_IMAGES/services.tar" services:t 'CMD ["/bin/sh"]'
}

# Every test function of every case file: "case_x test_y". Those named
# test_podman_..., test_docker_... are for that engine only, those of
# case_stores.sh for newer Dockers.
tests() {
	local file other=docker
	[ "$ENGINE" = podman ] || other=podman
	for file in "$here"/case_*.sh; do
		sed -n -e "/^test_\(${other}\|stores\|containerd\)_/d" -e "s/^\(test_[a-z0-9_]*\)() .*/$(basename "$file" .sh) \1/p" "$file"
	done
}

is_wanted() {
	local w
	[ ${#wanted[@]} -gt 0 ] || return 0
	for w in "${wanted[@]}"; do
		[[ $1 == *"$w"* ]] && return 0
	done
	return 1
}

reason() { # reason LOG STATUS
	local line
	[ "$2" = 124 ] || [ "$2" = 137 ] && echo "took longer than allowed" && return
	# With what follows it: in CI this line is all that is left of the log.
	line=$(sed -n '/^\(FAILED\|skipped\): /,$p' "$1" | head -n 12 | tr '\n\t' '  ' | cut -c1-400) || :
	echo "${line:-status $2: $(tail -n 1 "$1" | cut -c1-150)}"
}

run_one() { # run_one CASE FUNCTION NAME
	local name=$3 log status=ok why='' rc=0 start
	is_wanted "$name" || return 0
	log=$logs/${name//\//-}.log
	start=$(date +%s%N)
	timeout -k 10 "${BED_TEST_TIMEOUT:-300}" bash "$here/one_test.sh" "$1" "$2" \
		>"$log" 2>&1 </dev/null || rc=$?
	case $rc in
	0) ;;
	77) status=SKIP why=$(reason "$log" $rc) ;;
	*) status=FAIL why=$(reason "$log" $rc) failed=1 ;;
	esac
	start=$((($(date +%s%N) - start) / 100000000))
	printf '%s\t%s\t%s.%s\t%s\t%s\n' "$status" "e2e/$name" $((start / 10)) \
		$((start % 10)) "$why" "$log" | tee -a "$results" |
		awk -F '\t' '{ printf "%-4s %s (%s s)%s\n", $1, $2, $3,
			$1 == "ok" ? "" : ": " $4 " [" $5 "]" }'
}

# The tests of a store: what they share is made anew for each.
store_tests() { # store_tests STORE
	sed -n 's/^\(test_\(stores\|'"$1"'\)_[a-z_]*\)() .*/\1/p' "$here/case_stores.sh"
}

# The newer Dockers, one after the other.
stores_run() {
	local daemon function
	export ENGINE=docker BED_STORE BED_FIX
	for daemon in $NEWER_DAEMONS; do
		BED_STORE=${daemon#*-}
		any_wanted "stores/$daemon/" "$(store_tests "$BED_STORE")" || continue
		BED_FIX=$BED/fix-$daemon
		mkdir "$BED_FIX"
		newer_start "$BED_IMAGES/docker/${daemon%-*}" "$BED_STORE"
		docker_says
		busybox_image
		while read -r function; do
			run_one case_stores "$function" "stores/$daemon/${function#test_*_}"
		done < <(store_tests "$BED_STORE")
		newer_stop
	done
}

any_wanted() { # any_wanted PREFIX FUNCTIONS
	local function
	for function in $2; do
		is_wanted "$1${function#test_*_}" && return 0
	done
	return 1
}

failed=0
if [ "$ENGINE" = stores ]; then
	stores_run
	exit $failed
fi
engine_start
engine_images
while read -r file function; do
	run_one "$file" "$function" "$ENGINE/${file#case_}/${function#test_}"
done < <(tests)
exit $failed
