# SPDX-License-Identifier: Apache-2.0
# What is refused, each with one line; nothing is written then.
try() { imagetrim kube instrument "$@"; echo "$?"; }
pod='{"kind":"Pod","spec":{"containers":[{"name":"a","image":"web:1"}]}}'
imagetrim kube
imagetrim kube nothing
try --volume emptydir
try --image web --volume emptydir
try --image web=rec
try --image web=rec --volume nfs
try --image web=rec --volume hostpath:relative
try --image web=rec --volume emptydir missing.yaml
echo "$pod" | try --image other=rec --volume emptydir
echo "$pod" | try --image we=rec --volume emptydir
echo "$pod" | try --image web=rec --container b --volume emptydir
bad() { printf '%b' "$1" | try --image web=rec --volume emptydir; }
bad '{"kind":'
bad 'kind: Pod\nkind: Job\n'
bad 'a: &a {b: c}\nd:\n  <<: *a\n'
bad '[a]: b\n'
bad 'a: [b\n'
bad 'a: \0377\n'
bad 'a: *b\n'
bad 'a: "\\0"\n'
{ printf 'l0: &l0 [a, a, a, a, a, a, a, a, a, a]\n'; for i in 1 2 3 4 5 6 7 8 9; do
	j="*l$((i - 1))"
	echo "l$i: &l$i [$j, $j, $j, $j, $j, $j, $j, $j, $j, $j]"
done; } | try --image web=rec --volume emptydir
echo "$pod" | jq '.spec.volumes = [{"name": "imagetrim-log"}]' | try --image web=rec --volume emptydir
echo "$pod" | jq '.spec.containers[0].env = [{"name": "IMAGETRIM_POD"}]' | try --image web=rec --volume emptydir
echo "$pod" | jq '.metadata.annotations["imagetrim/original"] = "{"' | imagetrim kube restore
