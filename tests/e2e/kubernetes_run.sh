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

umoci init --layout layout
umoci new --image layout:t
umoci raw add-layer --image layout:t "$images/redis.tar"
kube_cycle redis:t
