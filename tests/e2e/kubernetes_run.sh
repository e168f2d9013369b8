#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The cycle of kube_cycle.sh on a real cluster, in a namespace of its own that enforces the
# restricted policy and goes away again.
#
# in:   kubernetes_run.sh IMAGES; IMAGETRIM: the program under test; KUBECONFIG;
#       IMAGETRIM_TEST_REGISTRY   a registry, with a path, that this machine may push to and the
#                                 cluster pulls from without a secret
#       IMAGETRIM_TEST_INSECURE   1: the registry speaks plain HTTP
# out:  status 0 ok, 77 skipped, else failed; why is the last line
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/check.sh
. "$here/check.sh"
# shellcheck source=tests/e2e/kube_cycle.sh
. "$here/kube_cycle.sh"

images=$(realpath "$1")
[ -n "${KUBECONFIG-}" ] || skip "KUBECONFIG names no cluster"
[ -n "${IMAGETRIM_TEST_REGISTRY-}" ] || skip "IMAGETRIM_TEST_REGISTRY is not set"
namespace=imagetrim-test-$$
work=$(mktemp -d)
cd "$work"
kubectl config view --raw >kubeconfig
export KUBECONFIG=$work/kubeconfig
finish() {
	kubectl delete namespace "$namespace" --wait=false >/dev/null 2>&1 || :
	cd /
	rm -rf "$work"
}
trap finish EXIT
kubectl create namespace "$namespace" >/dev/null || fail "no namespace can be made"
kubectl label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted >/dev/null
kubectl config set-context --current --namespace="$namespace" >/dev/null

# Images are in one OCI layout here; no engine is needed.
it() { "$IMAGETRIM" "$@"; }

cluster_own() { echo "oci:$work/layout:${1#*:}"; }

cluster_image() {
	local to=$IMAGETRIM_TEST_REGISTRY/imagetrim-test:${1#*:}-$$
	skopeo copy --quiet ${IMAGETRIM_TEST_INSECURE:+--dest-tls-verify=false} \
		"$(cluster_own "$1")" "docker://$to" >&2
	echo "$to"
}

cluster_claim() {
	kubectl apply -f - <<-END
	apiVersion: v1
	kind: PersistentVolumeClaim
	metadata: {name: $1}
	spec:
	  accessModes: [ReadWriteOnce]
	  resources: {requests: {storage: 100Mi}}
	END
}

container_state() { # POD JSONPATH
	kubectl get "pod/$1" -o "jsonpath={.status.containerStatuses[0]$2}"
}

# The kubelet asks every 3 s and would restart what does not answer.
cluster_probe() {
	local before
	before=$(container_state "$1" .restartCount)
	sleep 8
	[ "$(container_state "$1" .restartCount)" = "$before" ]
}

cluster_restart() {
	local before
	before=$(container_state "$1" .restartCount)
	kubectl exec -c db "$1" -- /usr/bin/redis-cli SHUTDOWN NOSAVE || :
	restarted() { [ "$(container_state "$1" .restartCount)" -gt "$2" ]; }
	until_ok 120 restarted "$1" "$before"
}

# --- beside the cycle ----------------------------------------------------------

# The deployment's pod as an object of its own, which admission judges at once.
kube_one() { # NAME IMAGE
	kube_deployment "$2" | kubectl create --dry-run=client -o json -f - |
		jq --arg name "$1" '.spec.template + {apiVersion: "v1", kind: "Pod"} | .metadata.name = $name'
}

takes() { # IMAGE OPTION...: does the cluster take what is written with them?
	local image=$1
	shift
	kube_one once "$image" | "$IMAGETRIM" kube instrument -q --image "$image=$image" "$@" >once.json
	try kubectl apply --dry-run=server -f once.json
}

admission() { # IMAGE
	takes "$1" --volume pvc:traces
	same "a claim" 0 "$rc"
	takes "$1" --volume emptydir --collector
	same "a collector" 0 "$rc"
	takes "$1" --volume pvc:traces --sys-ptrace
	has "a capability" "$err" "SYS_PTRACE|unrestricted capabilities"
	takes "$1" --volume hostpath:/srv
	has "a directory of the node" "$err" "hostPath"
}

deployment_spec() {
	kubectl get deployment/itweb -o json | jq -S '.spec, (.metadata.annotations |
		del(.["kubectl.kubernetes.io/last-applied-configuration"], .["deployment.kubernetes.io/revision"]))'
}

# What a cluster has made of a manifest, with all its defaults, goes there and back as well.
round_trip() {
	kube_deployment example/web:1 | sed 's/replicas: 3/replicas: 0/' | kubectl apply -f -
	deployment_spec >before.json
	kubectl get deployment/itweb -o json | "$IMAGETRIM" kube instrument --collector \
		--image example/web=example/web:rec --volume emptydir | kubectl apply -f -
	has "instrumented" "$(deployment_spec)" '"/.imagetrim/imagetrim-tracer"'
	kubectl get deployment/itweb -o json | "$IMAGETRIM" kube restore | kubectl apply -f -
	deployment_spec | diff before.json - || fail "not as it was"
	kubectl delete deployment/itweb
}

restarts() { [ "$(container_state "$1" .restartCount)" -gt "$2" ]; }

# The kernel kills the container for its memory, the kubelet starts it again in the same emptyDir; a
# collector keeps the volume readable while nothing else runs.
oom_kill() { # IMAGE
	kube_one hog "$1" | jq '.spec.containers[0] |= (del(.livenessProbe) +
		{command: ["/usr/bin/perl", "-e", "sleep 1; $x = q(x) x 4e6; $x .= $x while 1"],
		 resources: {limits: {memory: "64Mi"}}})' |
		"$IMAGETRIM" kube instrument -q --volume emptydir --collector \
			--image "$1=$(cluster_image redis:kube-rec)" | kubectl apply -f -
	until_ok 120 restarts hog 0
	until_ok 60 killed_for_memory
	try "$IMAGETRIM" kube collect hog -o hog --json
	has "collect" "$out" '"pod":"hog","volume":"hog","container":"[a-z-]+","read":true,"new":[1-9]'
	has "what it used" "$("$IMAGETRIM" dump hog/hog/*.tlog)" "/usr/bin/perl$"
	kubectl delete pod/hog --grace-period=1
}

killed_for_memory() { [ "$(container_state hog .lastState.terminated.reason)" = OOMKilled ]; }

umoci init --layout layout
umoci new --image layout:t
umoci raw add-layer --image layout:t "$images/redis.tar"
kube_cycle redis:t
admission example/web:1
round_trip
oom_kill "$(cluster_image redis:t)"
