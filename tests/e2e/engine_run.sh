#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the end-to-end tests on one engine.
#
# in:   engine_run.sh docker|podman IMAGES LOGS RESULTS [TEST...]
#       IMAGES  the tars of bed_images_make
#       LOGS    a directory, one log a test
#       RESULTS one line a test: status TAB name TAB seconds TAB reason
#       TEST    names of tests, or parts of names; without: all
#       IMAGETRIM in the environment: the program under test
# out:  one line a test; status 0 when none failed
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/bed.sh
. "$here/bed.sh"

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

engine_start() {
	case $ENGINE in
	docker)
		bed_docker_start
		bed_say "docker: $(docker version -f 'client {{.Client.Version}}, daemon {{.Server.Version}}')," \
			"$(docker info -f '{{.Driver}}, cgroup v{{.CgroupVersion}}')"
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

# The images under test; services:t is the ground of the Python and nginx ones.
engine_images() {
	bed_import "$BED_IMAGES/busybox.tar" busybox:t 'ENTRYPOINT ["/app/run.sh"]' \
		'CMD ["first","second"]' 'ENV GREETING="hello <world> & all"' \
		'WORKDIR /srv' 'LABEL original=yes'
	bed_import "$BED_IMAGES/redis.tar" redis:t \
		'CMD ["redis-server","--protected-mode","no"]' 'ENV REDIS=yes' \
		'EXPOSE 6379' 'WORKDIR /var/lib/redis' 'VOLUME /var/lib/redis' \
		'LABEL original=yes'
	bed_import "$BED_IMAGES/services.tar" services:t 'CMD ["/bin/sh"]'
}

# Every test function of every case file: "case_x test_y". Those named
# test_podman_... or test_docker_... are for that engine only.
tests() {
	local file other=docker
	[ "$ENGINE" = podman ] || other=podman
	for file in "$here"/case_*.sh; do
		sed -n -e "/^test_${other}_/d" -e "s/^\(test_[a-z0-9_]*\)() .*/$(basename "$file" .sh) \1/p" "$file"
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
	line=$(grep -E '^(FAILED|skipped): ' "$1" | tail -n 1 | cut -c1-150) || :
	echo "${line:-status $2: $(tail -n 1 "$1" | cut -c1-150)}"
}

run_one() { # run_one CASE FUNCTION
	local name=$ENGINE/${1#case_}/${2#test_} log status=ok why='' rc=0 start
	is_wanted "$name" || return 0
	log=$logs/$ENGINE-${1#case_}-${2#test_}.log
	start=$(date +%s%N)
	timeout -k 10 "${BED_TEST_TIMEOUT:-180}" bash "$here/one_test.sh" "$1" "$2" \
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

failed=0
engine_start
engine_images
while read -r file function; do
	run_one "$file" "$function"
done < <(tests)
exit $failed
