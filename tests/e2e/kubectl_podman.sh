#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kubectl for a cluster that is podman: as much of it as the tests and "imagetrim kube collect"
# use, on pods that "podman kube play" made.
#
# in:   kubectl [-n NS] apply|delete -f FILE; rollout status; get KIND/NAME -o json; get pods -l K=V -o json;
#       exec [-i] -c CONTAINER POD -- COMMAND...
#       KUBECTL_STATE: a directory for what was applied
# never: a Service, a scheduler, a probe (podman wants systemd for those)
set -euo pipefail

die() {
	echo "kubectl_podman: $*" >&2
	exit 1
}

# What podman 4.3 does not take: annotations over 63 bytes, variables from downward API fields
# that it does not know.
playable() {
	python3 -c 'import json, sys, yaml
def clean(spec):
    for c in spec.get("initContainers", []) + spec["containers"]:
        c["env"] = [e for e in c.get("env", [])
                    if e["name"] not in ("IMAGETRIM_NODE", "IMAGETRIM_NAMESPACE")]
for o in yaml.safe_load_all(sys.stdin):
    o["metadata"].pop("annotations", None)
    if "template" in o.get("spec", {}):
        clean(o["spec"]["template"]["spec"])
    elif o["kind"] == "Pod":
        clean(o["spec"])
    print("---\n" + json.dumps(o))'
}

# The pods named (all of a line), as the cluster would tell them: the applied spec, the states from
# podman.
pods_json() { # OBJECT.json POD...
	local object=$1
	shift
	podman ps -a --format json | jq --slurpfile object "$object" '
		(map({key: .Names[0], value: .State}) | from_entries) as $states |
		$object[0] as $o | ($o.spec.template.spec // $o.spec) as $spec |
		{kind: "List", items: [$ARGS.positional[] as $pod | {apiVersion: "v1", kind: "Pod",
			metadata: {name: $pod}, spec: $spec,
			status: {containerStatuses: [$spec.containers[].name | {name: ., state:
				(if $states[$pod + "-" + .] == "running" then {running: {}} else {terminated: {}} end)}]}}]}' \
		--args "$@"
}

# The pods of the object whose selector has that one label.
selected_json() { # KEY=VALUE
	local file pods
	file=$(grep -l "\"${1%=*}\": \"${1#*=}\"" "$KUBECTL_STATE"/*.json) || die "no object of $1"
	mapfile -t pods < <(podman pod ps --format '{{.Name}}' | grep "^$(jq -r .metadata.name "$file")-pod")
	pods_json "$file" "${pods[@]}"
}

get() {
	local kind=${1%%/*} name=${1#*/} file
	file=$KUBECTL_STATE/$kind-$name.json
	case $1 in
	pods) selected_json "$3" ;;
	pod/*) pods_json "$file" "$name" | jq '.items[0]' ;;
	*/*) cat "$file" ;;
	esac
}

apply() { # FILE
	local plain=$KUBECTL_STATE/playing.yaml object
	playable <"$1" >"$plain"
	podman kube play "$plain" >"$KUBECTL_STATE/played" 2>&1 || die "$(cat "$KUBECTL_STATE/played")"
	grep '^{' "$plain" | while read -r object; do
		jq . <<<"$object" >"$KUBECTL_STATE/$(jq -r '"\(.kind | ascii_downcase)-\(.metadata.name)"' <<<"$object").json"
	done
}

delete() { # FILE
	local object kind name pods
	playable <"$1" | grep '^{' | while read -r object; do
		kind=$(jq -r '.kind | ascii_downcase' <<<"$object")
		name=$(jq -r .metadata.name <<<"$object")
		rm -f "$KUBECTL_STATE/$kind-$name.json"
		mapfile -t pods < <(podman pod ps --format '{{.Name}}' | grep -E "^$name(-pod-[0-9]+)?$")
		podman pod stop -t 5 "${pods[@]}" >/dev/null 2>&1
		podman pod rm -f "${pods[@]}" >/dev/null 2>&1
	done
}

execute() { # [-i] -c CONTAINER POD -- COMMAND...
	local interactive=()
	if [ "$1" = -i ]; then
		interactive=(-i)
		shift
	fi
	exec podman exec "${interactive[@]}" "$3-$2" "${@:5}"
}

while [[ ${1-} == -n || ${1-} == --* ]]; do
	shift 2
done
verb=$1
shift
case $verb in
get) get "$@" ;;
exec) execute "$@" ;;
apply | delete) "$verb" "$2" ;;
rollout) ;; # "kube play" has waited
*) die "no verb $verb" ;;
esac
