# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Debian packages of another release or architecture, unpacked into a directory
# without being installed: the machine's apt knows nothing of it.
#
# in:   the machine's apt sources (mirror, proxy), by bed.sh
# out:  files below directories that the caller names
# never: changes the machine's packages, architectures or apt lists
#
# To be sourced, behind bed.sh.

# debs_open DIR RELEASE ARCH: lists of that release, for debs_get and debs_like.
# RELEASE may be "own": the machine's. Without its updates, which nobody needs here.
debs_open() {
	local dir=$1 release=$2 arch=$3
	mkdir -p "$dir"/{state/lists/partial,cache/archives/partial,debs}
	if [ "$release" = own ]; then
		# shellcheck disable=SC1091
		release=$(. /etc/os-release && echo "$VERSION_CODENAME")
	fi
	bed_sources | sed 's/\[[^]]*\]//' | awk -v r="$release" \
		'$2 !~ /security/ && $3 !~ /-/ { print "deb", $2, r, "main" }' |
		sort -u >"$dir/sources.list"
	cat >"$dir/apt.conf" <<-END
		Dir::State "$dir/state";
		Dir::State::status "/dev/null";
		Dir::Cache "$dir/cache";
		Dir::Etc::sourcelist "$dir/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Architecture "$arch";
		APT::Architectures { "$arch"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Retries "3";
		Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
	END
	debs_update "$dir"
}

# A mirror that is being written to gives lists that do not fit for a moment.
debs_update() {
	local pause
	for pause in 0 10 30; do
		sleep $pause
		debs_apt "$1" apt-get -qq update && return 0
	done
	return 1
}

debs_apt() {
	local dir=$1
	shift
	APT_CONFIG=$dir/apt.conf "$@" </dev/null
}

# debs_like DIR REGEX: the newest package of such a name.
debs_like() {
	debs_apt "$1" apt-cache pkgnames | grep -Ex "$2" | sort -V | tail -n 1
}

# debs_get DIR ROOT PACKAGE...: unpacked below ROOT; what they depend on is not.
# DEBS_ONLY: a pattern of tar's, to take only such files.
debs_get() {
	local dir=$1 root=$2 deb
	shift 2
	mkdir -p "$root"
	rm -f "$dir"/debs/*.deb
	(cd "$dir/debs" && debs_apt "$dir" apt-get -qq download "$@") || return 1
	for deb in "$dir"/debs/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -C "$root" -x --wildcards "${DEBS_ONLY:-*}" || return 1
		rm -f "$deb"
	done
}
