#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs tests of the tracer on an emulated machine with a kernel of Debian's.
# usage: boot.sh DIR ARCH BUILD TESTS
# DIR: by prepare.sh; BUILD: meson's directory, absolute; TESTS: a regular expression, which tests
# of the suites "tracees" and "machine". Prints what init does.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=$(cd "$1" && pwd) arch=$2 build=$3 tests=$4
root=$dir/machine

# Files keep the paths they have here, so meson's command lines are good there.
fill() {
	local tracees=${here%/*}/tracees
	mkdir -p "$root"{/proc,/sys,/dev,/tmp,"$build","$tracees"}
	cp "$tracees"/*.sh "$root$tracees"
	cp "$here/init" "$root/init"
	(cd "$build" && find tracer tests/tracees -type f -perm -100 -print0 |
		cpio --quiet -0pdmu "$root$build")
	meson introspect "$build" --tests | jq -r --arg build "$build" --arg tests "$tests" '.[] |
		select(.suite | any(endswith(":tracees") or endswith(":machine"))) |
		select(.name | test($tests)) |
		"\(.name)\tcd \($build | @sh) && \(.cmd | map(@sh) | join(" "))"' >"$root/list"
	[ -s "$root/list" ]
}

case $arch in
arm64) machine=(qemu-system-aarch64 -M virt -cpu cortex-a72) words=console=ttyAMA0 ;;
# On a busy host an emulated timer fails the kernel's test of it.
amd64) machine=(qemu-system-x86_64 -M q35 -cpu qemu64) words='console=ttyS0 no_timer_check' ;;
esac
fill
(cd "$root" && find . -print0 | cpio --quiet -0o -H newc -R 0:0 | gzip -1) >"$dir/initrd"
# A panic ends it, too. (-nic none: the ROM of a network card is in a package of its own.)
"${machine[@]}" -smp 2 -m 1536 -accel tcg,thread=multi -nographic -nic none -no-reboot \
	-kernel "$dir/kernel" -initrd "$dir/initrd" \
	-append "$words loglevel=3 panic=-1" </dev/null | sed -u 's|\r||g'
