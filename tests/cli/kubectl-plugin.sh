# SPDX-License-Identifier: Apache-2.0
# As kubectl starts it: by the name kubectl-trim, its own words after that.
mkdir plugins
ln -s "$(readlink -f "$(command -v imagetrim)")" plugins/kubectl-trim
PATH="$PWD/plugins:$PATH"
pod='{"kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","image":"web:1"}]}}'
if command -v kubectl >where; then
	trim() { kubectl trim "$@"; }
else
	trim() { kubectl-trim "$@"; }
fi
trim --help | head -n 1
trim --help | sed -n 's/^  \(instrument\|restore\|collect\|merge\) .*/\1/p'
echo "$pod" | trim instrument --image web=rec --volume emptydir >rec.json
jq -r '.spec.containers[0].image' rec.json
trim restore <rec.json | jq -r '.spec.containers[0].image'
trim kube restore -q <rec.json | jq -r '.spec.containers[0].image'
trim nothing
echo "$?"
# Options before the verb, of which restore has none.
kubectl-trim -n there restore <rec.json
kubectl-trim --context=here --kubeconfig file restore <rec.json
