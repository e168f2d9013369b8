# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# imagetrim as a part of docker: "docker trim".

plugin_installed() {
	[ "$ENGINE" = docker ] || skip "plugins are docker's"
	export DOCKER_CONFIG=$PWD/config
	mkdir -p config/cli-plugins
	ln -s "$IMAGETRIM" config/cli-plugins/docker-trim
}

test_docker_plugin_words() {
	plugin_installed
	need docker --help
	grep -q '^  trim\*.*watching what they use' <<<"$out" || fail "not in the help: $out"
	same "invalid plugins" "" "$(docker info -f '{{range .ClientInfo.Plugins}}{{.Err}}{{end}}' |
		tr -d '<nil>')"
	need docker trim --help
	same "usage" "usage: docker trim VERB [options]" "$(head -n 1 <<<"$out")"
	need docker help trim
	same "usage by help" "usage: docker trim VERB [options]" "$(head -n 1 <<<"$out")"
	try docker trim nothing
	same "status of a verb that is none" 2 "$rc"
	need "$PWD/config/cli-plugins/docker-trim" __complete trim sb
	same "completion" "sbom" "$(head -n 1 <<<"$out" | cut -f 1)"
}

# The image is reached only if docker's own option goes on to the docker that is called.
test_docker_plugin_run() {
	local socket=$DOCKER_HOST
	plugin_installed
	unset DOCKER_HOST
	need docker --host "$socket" trim run busybox:t -t busybox:plugin -o plugin.tlog -- exit 0
	need docker -H "$socket" image inspect busybox:plugin
	DOCKER_HOST=unix:///nowhere try docker -D --host="$socket" trim sbom busybox:plugin
	same "status with an option over the environment" 0 "$rc"
	grep -q '"spdxVersion":"SPDX-2.3"' <<<"$out" || fail "no bill of materials: $err"
	try docker --host unix:///nowhere trim sbom busybox:plugin
	[ "$rc" != 0 ] || fail "an engine that is not there was reached"
}
