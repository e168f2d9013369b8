#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Measures the tracer and rewrites the section "Tracer" of docs/performance.md.
#
#   tracer.sh IMAGETRIM-TRACER BENCH-NULL-TRACER BENCH-CALLS IMAGETRIM [WORD...]
#
# in:   packages are installed as ./run-tests does (then root); the source of lua5.4 comes from
#       the Debian mirror that apt uses, or from the directory IMAGETRIM_TEST_CACHE. WORD: see
#       tracer.py (without: all). BENCH_ROUNDS: rounds of each workload.
# out:  the section on standard output, and in the file unless words are given
# never: changes apt's lists; leaves a file behind, but in IMAGETRIM_TEST_CACHE
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/bed.sh
. "$here/../e2e/bed.sh"

# apt with lists of its own, which name sources.
private_apt() {
	apt-get -qq -o Dir::Etc::SourceList="$scratch/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::State::Lists="$scratch/apt/lists" -o Dir::Cache="$scratch/apt" \
		-o APT::Sandbox::User=root "$@"
}

# lua_source DIR: the package's upstream tar, fetched at most once.
lua_source() {
	[ ! -e "$1/lua5.4.orig.tar" ] || return 0
	mkdir -p "$scratch/apt/lists" "$scratch/apt/archives"
	bed_sources | sed 's/^deb /deb-src /' >"$scratch/apt/sources.list"
	private_apt update
	(cd "$scratch/apt" && private_apt source --download-only lua5.4)
	mv "$scratch"/apt/lua5.4_*.orig.tar.* "$1/lua5.4.orig.tar"
}

bed_need strace=strace proot=proot redis-server=redis-server redis-tools=redis-benchmark \
	util-linux=taskset make=make gcc=gcc libc6-dev python3=python3 tar=tar gzip=gzip
IMAGETRIM_TRACER=$(realpath "$1")
BENCH_NULL=$(realpath "$2")
BENCH_CALLS=$(realpath "$3")
IMAGETRIM=$(realpath "$4")
export IMAGETRIM_TRACER BENCH_NULL BENCH_CALLS IMAGETRIM
shift 4
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/imagetrim-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
cache=${IMAGETRIM_TEST_CACHE:-$scratch}
mkdir -p "$cache" "$scratch/lua"
lua_source "$cache"
tar -xf "$cache/lua5.4.orig.tar" -C "$scratch/lua" --strip-components=1
cd "$scratch"
python3 "$here/tracer.py" "$@"
