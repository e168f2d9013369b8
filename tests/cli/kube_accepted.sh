#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kube_accepted.sh IMAGETRIM schema|dry-run: is each kind, instrumented with everything there is,
# and restored, what Kubernetes takes? By its API's description, and by the real kubectl.
set -u
imagetrim=$(realpath "$1") how=$2 here=$(dirname "$(realpath "$0")") status=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
python3 "$here/kube_forms.py" .
rm Service.json Service.yaml # nothing to change in it
for form in *.json *.yaml; do
	if ! "$imagetrim" kube instrument -q "$form" --volume pvc:traces --init --collector --sys-ptrace \
		--image web=web:rec --image registry:5000/team/web=r/web:rec >"rec-$form" 2>err ||
		! "$imagetrim" kube restore -q "rec-$form" >"back-$form" 2>>err; then
		cat err
		exit 1
	fi
done
case $how in
schema)
	python3 -c 'import kubernetes' 2>/dev/null || { echo "no python3-kubernetes"; exit 77; }
	python3 "$here/kube_schema.py" rec-* back-* "$here/../../docs/kubernetes-trim-job.yaml" || status=1
	# And the check tells good from bad.
	jq '.spec.containers[0].volumeMounts += [{"name": "x"}]' rec-Pod.json >bad-1.json
	jq '.spec.containers[0].volumeMount = []' rec-Pod.json >bad-2.json
	jq '.spec.containers[0].name = ["a"]' rec-Pod.json >bad-3.json
	python3 "$here/kube_schema.py" bad-* >bad
	[ "$(cut -d: -f1 bad | sort -u | wc -l)" = 3 ] || { echo "taken:"; cat bad; status=1; } ;;
dry-run)
	command -v kubectl >/dev/null || { echo "no kubectl"; exit 77; }
	# Each has an object of every kind.
	for form in rec-List.json rec-stream.yaml back-stream.yaml; do
		python3 "$here/kube_api.py" "$work/kubeconfig" \
			kubectl apply --dry-run=client --validate=false -f "$form" >out 2>&1 || status=1
		[ "$(grep -c 'created (dry run)$' out)" = 8 ] || { echo "$form:"; cat out; status=1; }
	done ;;
esac
exit "$status"
