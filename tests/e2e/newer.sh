# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Docker of newer Debian suites beside the machine's, with either of its stores.
#
# in:   bed.sh; for newer_fetch also debs.sh; root
# out:  programs unpacked in a directory; DOCKER_HOST, DOCKER_CONFIG, PATH
# never: installs anything, tells the machine's apt of another suite
#
# dockerd 26 and 28 run on Debian 12's libc with its runc. What was built for a
# newer libc (runc, skopeo, podman) does not, so only Docker is taken.

# Suite and store; Docker 26 with a graph driver is like 28.
NEWER_DAEMONS="trixie-containerd sid-graph sid-containerd"

# newer_fetch DIR SUITE: Docker, containerd and BuildKit's client in DIR/SUITE.
newer_fetch() {
	local out=$1/$2 lists=$1/$2.apt rc=0
	[ ! -e "$out" ] || return 0
	rm -rf "$out.part"
	debs_open "$lists" "$2" "$(dpkg --print-architecture)" &&
		debs_get "$lists" "$out.part" docker.io docker-cli containerd tini docker-buildx &&
		mv "$out.part" "$out" || rc=1
	rm -rf "$lists"
	return $rc
}

newer_fetch_all() { # newer_fetch_all DIR
	local daemon
	for daemon in $NEWER_DAEMONS; do
		newer_fetch "$1" "${daemon%-*}" || return 1
	done
}

# newer_start ROOT graph|containerd: its daemon on the store; inside bed_enter.
newer_start() {
	local root=$1 store=$2 config='{}'
	[ "$store" = graph ] || config='{"features":{"containerd-snapshotter":true}}'
	NEWER_PATH=${NEWER_PATH-$PATH}
	export PATH=$root/usr/sbin:$root/usr/bin:$NEWER_PATH
	hash -r
	bed_docker_start "$config"
	printf '{"cliPluginsExtraDirs":["%s","%s"]}\n' "$root/usr/libexec/docker/cli-plugins" \
		"$root/usr/lib/docker/cli-plugins" >"$DOCKER_CONFIG/config.json"
}

newer_stop() {
	bed_docker_stop
	rm -rf "$BED/docker" "$BED/docker-exec"
}
