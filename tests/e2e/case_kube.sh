# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# Manifests that record, played by podman. It sets no PATH where the image has none, so programs
# are named by their paths.
# shellcheck source=tests/e2e/kube_cycle.sh
. "$here/kube_cycle.sh"

cluster_is_podman() {
	mkdir bin state
	ln -s "$here/kubectl_podman.sh" bin/kubectl
	export PATH=$PWD/bin:$PATH KUBECTL_STATE=$PWD/state
}

cluster_claim() {
	podman volume create "$1" >/dev/null
	# fsGroup is the kubelet's work.
	chmod 1777 "$(podman volume inspect -f '{{.Mountpoint}}' "$1")"
}

# As a kubelet does it: podman's own health check goes through /bin/sh, which a trimmed image
# may lack.
cluster_probe() {
	local command
	mapfile -t command < <(jq -r '.spec.template.spec.containers[0].livenessProbe.exec.command[]' \
		state/deployment-itweb.json)
	podman exec "$1-db" "${command[@]}" && podman exec "$1-db" "${command[@]}"
}

cluster_restart() {
	podman kill -s KILL "$1-db" >/dev/null
	podman wait "$1-db" >/dev/null
	# podman's own clean-up behind a container may still be at work ("improper state").
	until_ok 30 podman start "$1-db"
}

cluster_own() { echo "$1"; }

cluster_image() { echo "localhost/$1"; }

test_podman_kube_cycle() {
	cluster_is_podman
	kube_cycle redis:t
	smaller redis:kube-small $(($(image_size redis:t) / 4))
	same "logs of three replicas and their probes, one killed" 7 "$(grep -c itweb list)"
	podman volume rm -f traces >/dev/null
}

kube_pod() { # IMAGE
	cat <<-END
	apiVersion: v1
	kind: Pod
	metadata:
	  name: once
	spec:
	  restartPolicy: Never
	  containers:
	  - name: job
	    image: localhost/$1
	    command: [/bin/sh, /app/run.sh, write]
	END
}

# An application that has ended, in a volume that goes with its pod: the collector keeps it.
test_podman_kube_collector() {
	cluster_is_podman
	it instrument busybox:t -t busybox:kube-rec
	kube_pod busybox:t >pod.yaml
	"$IMAGETRIM" kube instrument pod.yaml --volume emptydir --collector \
		--image localhost/busybox=localhost/busybox:kube-rec >rec.yaml
	kubectl apply -f rec.yaml
	until_ok 20 ended once-job
	need "$IMAGETRIM" kube collect once -o traces
	has "collect" "$err" "^imagetrim: once: 1 new logs"
	has "paths" "$(log_paths traces/once/*.tlog)" "^/srv/data/lines$"
	podman stop -t 20 once-imagetrim-collector >/dev/null
	same "the collector's end" "exited 0" "$(container_status once-imagetrim-collector)"
	podman pod rm -f once >/dev/null
	it trim busybox:t traces -t busybox:kube-small
	same "output" "$(erun busybox:t write)" "$(erun busybox:kube-small write)"
}

ended() { [[ $(container_status "$1") == exited* ]]; }
