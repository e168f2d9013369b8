# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# Through a registry, as the Job in docs/kubernetes-trim-job.yaml does it inside a cluster.

registry_start() {
	cat >registry.yml <<-END
	version: 0.1
	storage: {filesystem: {rootdirectory: $PWD/registry}}
	http: {addr: "127.0.0.1:5000"}
	log: {level: error}
	END
	docker-registry serve registry.yml >registry.log 2>&1 &
	registry=$!
	trap 'kill "$registry" 2>/dev/null; finish' EXIT
	until_ok 20 bash -c ': </dev/tcp/127.0.0.1/5000'
}

# The words of the Job's container, run here.
job() { # NAME=VALUE...
	python3 -c 'import sys, yaml
print(yaml.safe_load(sys.stdin)["spec"]["template"]["spec"]["containers"][0]["command"][2])' \
		<"$here/../../docs/kubernetes-trim-job.yaml" >job.sh
	env PATH="$(dirname "$IMAGETRIM"):$PATH" "$@" sh -eu job.sh
}

test_podman_registry_job() {
	mkdir log work
	chmod 1777 log
	registry_start
	podman push -q --tls-verify=false busybox:t 127.0.0.1:5000/web:1.4
	it instrument busybox:t -t busybox:job-rec
	erun -v "$PWD/log:/.imagetrim/log" busybox:job-rec write
	need job FROM=127.0.0.1:5000/web:1.4 TO=127.0.0.1:5000/web:1.4-small TRACES="$PWD/log" WORK="$PWD/work" \
		SKOPEO_OPTIONS="--quiet --src-tls-verify=false --dest-tls-verify=false"
	podman pull -q --tls-verify=false 127.0.0.1:5000/web:1.4-small
	smaller 127.0.0.1:5000/web:1.4-small $(($(image_size busybox:t) / 2))
	same "output" "$(erun busybox:t write)" "$(erun 127.0.0.1:5000/web:1.4-small write)"
}
