#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures the trimmer and rewrites the section "Trimmer" of docs/performance.md.
#
#   trimmer.sh IMAGETRIM BENCH-NULL BENCH-GEN [GROUP...]
#
# in:   root; packages are installed as ./run-tests does. GROUP: see
#       trimmer.py (without: all). IMAGETRIM_TEST_CACHE as for ./run-tests.
# out:  the section on standard output, and in the file unless groups are named
# never: touches the machine's engine; leaves a file behind
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/bed.sh
. "$here/../e2e/bed.sh"

if [ "${BED_PRIVATE-}" != 1 ]; then
	bed_need docker.io=dockerd iptables=iptables iproute2=ip runc=runc skopeo=skopeo \
		mmdebstrap=mmdebstrap libarchive-tools=bsdtar util-linux=taskset gzip=gzip
	BENCH_WORK=$(mktemp -d "${TMPDIR:-/var/tmp}/imagetrim-bench.XXXXXX")
	export BENCH_WORK
	trap 'rm -rf "$BENCH_WORK"' EXIT
	export BENCH_IMAGES=${IMAGETRIM_TEST_CACHE:-$BENCH_WORK/images}
	mkdir -p "$BENCH_IMAGES"
	[ -e "$BENCH_IMAGES/redis.tar" ] || bed_debian "$BENCH_IMAGES/redis.tar" redis-server
	rc=0
	bed_enter bash "$0" "$@" || rc=$?
	exit $rc
fi

IMAGETRIM=$(realpath "$1")
BENCH_NULL=$(realpath "$2")
BENCH_GEN=$(realpath "$3")
export IMAGETRIM BENCH_NULL BENCH_GEN
shift 3
bed_private "$BENCH_WORK/bed"
export TMPDIR=$BENCH_WORK/tmp
mkdir -p "$TMPDIR"
trap 'bed_docker_stop; umount -l "$BED" 2>/dev/null || :' EXIT
export ENGINE=docker
bed_docker_start '{}'
bed_import "$BENCH_IMAGES/redis.tar" redis:t \
	'CMD ["redis-server","--protected-mode","no"]' 'WORKDIR /var/lib/redis'
cd "$BENCH_WORK"
"$IMAGETRIM" run -q --engine docker redis:t -t redis:run -o redis.tlog --exec "redis-cli PING" \
	--exec "redis-cli SET a b" --exec "redis-cli GET a" >run.out
docker save -o redis.tar redis:t
python3 "$here/trimmer.py" "$@"
