#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What boot.sh needs to run tests on an emulated machine, of Debian packages that are unpacked, not
# installed.
# usage: prepare.sh DIR ARCH
# ARCH: arm64, with the kernel of Debian 13 (6.12) and a cross compiler in DIR/cross, told to meson
# by DIR/cross.ini; or amd64, with the own release's kernel (Debian 12: 6.1, older than what the
# engine notify wants, and with 32-bit calls). The compiler may not be installed: it does not go
# together with gcc-multilib.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/bed.sh
. "$here/../e2e/bed.sh"
# shellcheck source=tests/debs.sh
. "$here/../debs.sh"
mkdir -p "$1"
dir=$(cd "$1" && pwd) arch=$2

# A shell, its tools and the libraries of the tests.
system=(bash dash coreutils sed grep diffutils findutils util-linux mount libc6 libelf1 zlib1g
	libcap-ng0 libselinux1 libpcre2-8-0 libacl1 libattr1 libgmp10 libtinfo6 libmount1 libblkid1
	libsmartcols1 libgcc-s1)

kernel() {
	local release=$1 package
	debs_open "$dir/apt-kernel" "$release" "$arch"
	package=$(debs_apt "$dir/apt-kernel" apt-cache depends "linux-image-$arch" |
		sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
	DEBS_ONLY='./boot/vmlinuz-*' debs_get "$dir/apt-kernel" "$dir/unpacked" "$package"
	mv "$dir"/unpacked/boot/vmlinuz-* "$dir/kernel"
	rm -rf "$dir/unpacked" "$dir/apt-kernel"
}

# A wrapper that finds the tool's own libraries and, where it is told, its sysroot.
tool() {
	cat >"$dir/cross/$1" <<-END
		#!/bin/sh
		PATH=$dir/cross/usr/bin:\$PATH LD_LIBRARY_PATH=$dir/cross/usr/lib/x86_64-linux-gnu \\
		exec $dir/cross/usr/bin/aarch64-linux-gnu-$2 ${3-} "\$@"
	END
	chmod +x "$dir/cross/$1"
}

cross() {
	local gcc version
	debs_open "$dir/apt-host" own "$(dpkg --print-architecture)"
	gcc=$(debs_like "$dir/apt-host" 'gcc-[0-9]+-aarch64-linux-gnu')
	version=${gcc#gcc-} version=${version%%-*}
	debs_get "$dir/apt-host" "$dir/cross" "$gcc" "cpp-$version-aarch64-linux-gnu" \
		binutils-aarch64-linux-gnu "libgcc-$version-dev-arm64-cross" libgcc-s1-arm64-cross \
		libc6-arm64-cross libc6-dev-arm64-cross linux-libc-dev-arm64-cross
	debs_get "$dir/apt" "$dir/cross" libelf1 libelf-dev zlib1g zlib1g-dev
	tool gcc "gcc-$version" "--sysroot=$dir/cross"
	tool ar ar
	tool strip strip
	cat >"$dir/cross.ini" <<-END
		[binaries]
		c = '$dir/cross/gcc'
		ar = '$dir/cross/ar'
		strip = '$dir/cross/strip'
		pkgconfig = 'pkg-config'
		# Tests run in the machine, never by meson.
		exe_wrapper = 'true'
		[properties]
		sys_root = '$dir/cross'
		pkg_config_libdir = '$dir/cross/usr/lib/aarch64-linux-gnu/pkgconfig'
		[host_machine]
		system = 'linux'
		cpu_family = 'aarch64'
		cpu = 'aarch64'
		endian = 'little'
	END
}

mkdir -p "$dir/machine/etc"
echo 12 >"$dir/machine/etc/debian_version"
echo root:x:0:0:root:/root:/bin/sh >"$dir/machine/etc/passwd"
debs_open "$dir/apt" own "$arch"
case $arch in
arm64)
	debs_get "$dir/apt" "$dir/machine" "${system[@]}"
	# A 32-bit program.
	debs_open "$dir/apt-narrow" own armhf
	DEBS_ONLY='./bin/busybox' debs_get "$dir/apt-narrow" "$dir/machine/narrow" busybox-static
	cross
	kernel trixie
	;;
amd64)
	debs_get "$dir/apt" "$dir/machine" "${system[@]}" libc6-i386
	kernel own
	;;
esac
