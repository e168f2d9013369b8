#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# deb.sh BUILD-DIRECTORY: meson dist makes a tarball, a Debian package is built of it, has no lintian
# error, installs and works: programs, the tracer where instrument finds it, plugins, completions, man
# pages. 77 without Debian's tools.
set -euo pipefail

for tool in dpkg-buildpackage dh lintian; do
	command -v $tool >/dev/null || { echo "$tool is not installed" && exit 77; }
done
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
	printf '%s\n' "$*"
	exit 1
}

# run LOG COMMAND...: silent unless it fails.
run() {
	local log=$work/$1.log
	shift
	"$@" >"$log" 2>&1 || fail "$1: $(tail -n 20 "$log")"
}

run dist meson dist -C "$build" --no-tests --formats xztar
mkdir "$work/source" "$work/root"
tar -xJf "$build"/meson-dist/imagetrim-*.tar.xz -C "$work/source" --strip-components=1
cd "$work/source"
# ccache's compilers come first, if there are any: the sources were just compiled elsewhere.
export PATH=/usr/lib/ccache:$PATH CCACHE_BASEDIR=$work CCACHE_NOHASHDIR=1
DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" run build dpkg-buildpackage -us -uc -b
run lintian lintian --allow-root --fail-on error ../imagetrim_*.changes

deb=$(echo "$work"/imagetrim_*.deb)
mkdir -p "$work/root/var/lib/dpkg"
: >"$work/root/var/lib/dpkg/status"
run dpkg dpkg --root="$work/root" --force-depends --force-script-chrootless --log=/dev/null -i "$deb"
cd "$work/root"
for file in usr/bin/imagetrim usr/bin/kubectl-trim usr/libexec/imagetrim/imagetrim-tracer \
	usr/libexec/docker/cli-plugins/docker-trim usr/share/man/man1/imagetrim.1.gz \
	usr/share/man/man1/imagetrim-tracer.1.gz \
	usr/share/bash-completion/completions/imagetrim \
	usr/share/bash-completion/completions/imagetrim-tracer \
	usr/share/zsh/site-functions/_imagetrim \
	usr/share/fish/vendor_completions.d/imagetrim.fish \
	usr/share/fish/vendor_completions.d/imagetrim-tracer.fish; do
	[ -e $file ] || fail "not installed: $file"
done
usr/bin/imagetrim --version | grep -q '^imagetrim [0-9]' || fail "it has no version"
usr/libexec/docker/cli-plugins/docker-trim docker-cli-plugin-metadata | grep -q '"SchemaVersion":"0.1.0"' ||
	fail "the plugin does not tell of itself"
"$here/../golden/golden.py" --archive "$here/../golden/cases/always.in" "$work/in.tar"
usr/bin/imagetrim instrument -q "docker-archive:$work/in.tar" -t "docker-archive:$work/out.tar" \
	>/dev/null || fail "the tracer is not found where it is installed"
