# SPDX-License-Identifier: Apache-2.0
# Logs out of pods. A shell script is the cluster: "kubectl get" prints a file, "kubectl exec"
# runs the real tracer on the directory that is the pod's volume. (tests/e2e/case_kube.sh has
# real containers.)
tracer=$(dirname "$(readlink -f "$(command -v imagetrim)")")/../tracer/imagetrim-tracer
export tracer
mkdir bin vol vol/web-1 vol/web-2
export PATH="$PWD/bin:$PATH" top="$PWD"
cat >bin/kubectl <<'K'
#!/bin/sh
echo "kubectl $*" >>"$top/said"
while [ "${1#--}" != "$1" ]; do shift 2; done
verb=$1
shift
case $verb in
get) exec cat "$top/$(echo "$1" | tr / -).json" ;;
exec) # -i -c CONTAINER POD -- TRACER cat-logs
	[ "$4" = "$(cat "$top/hangs" 2>/dev/null)" ] && head -c 30 "$top/hanging" && exec sleep 60
	[ -e "$top/hostile" ] && exec sh "$top/hostile"
	exec "$tracer" cat-logs --log-dir "$top/vol/$4" ;;
esac
K
chmod +x bin/kubectl
pod() { # NAME STATE VOLUME
	jq -n --arg name "$1" --arg state "$2" --argjson volume "$3" '{kind: "Pod",
		metadata: {name: $name}, spec: {nodeName: "n1",
			containers: [{name: "other"}, {name: "web", volumeMounts: [{name: "imagetrim-log"}]}],
			volumes: [{name: "imagetrim-log"} + $volume]},
		status: {containerStatuses: [{name: "other", state: {running: {}}},
			{name: "web", state: {($state): {}}}]}}'
}
pods() { jq -s '{kind: "List", items: .}'; }
echo '{"kind": "Deployment", "spec": {"template": {"spec": {}}, "selector": {"matchLabels": {"app": "web", "a": "b"},
	"matchExpressions": [{"key": "x", "operator": "In", "values": ["1", "2"]}, {"key": "y", "operator": "NotIn", "values": ["3"]},
		{"key": "z", "operator": "Exists"}, {"key": "old", "operator": "DoesNotExist"}]}}}' >deployment-web.json
collect() {
	imagetrim kube collect "$@" -o got 2>err
	echo "status $?"
	sed 's/[0-9]* bytes$/N bytes/' err
}
files() { (cd got && find . -type f | sort); }
log() { # VOLUME NAME COMMAND...: a log of a name of our own
	volume=$1 name=$2
	shift 2
	mkdir -p made
	"$tracer" --log-dir made -- "$@" >/dev/null
	mv made/*.tlog "vol/$volume/$name.tlog"
}

echo "== two pods, each with its own volume; a second time nothing comes"
log web-1 a ls /
log web-2 b ls /
{ pod web-1 running '{"emptyDir": {}}'; pod web-2 running '{"emptyDir": {}}'; pod web-3 waiting '{"emptyDir": {}}'; } | pods >pods.json
collect deployment/web -n there --context here --kubeconfig file
cat said
files
collect deployment/web
cmp got/web-1/a.tlog vol/web-1/a.tlog
echo "== a log that is being written: whole frames only, the rest the next time; a new one"
pod web-1 running '{"emptyDir": {}}' >pod-web-1.json
mv vol/web-1/a.tlog whole
rm got/web-1/a.tlog
head -c $(($(stat -c %s whole) - 1)) whole >vol/web-1/a.tlog
collect pod/web-1
[ "$(stat -c %s got/web-1/a.tlog)" -lt "$(stat -c %s vol/web-1/a.tlog)" ] || echo "a piece of a frame came"
imagetrim dump got/web-1/a.tlog | tail -n 1
cp whole vol/web-1/a.tlog
log web-1 c stat /
collect web-1
cmp got/web-1/a.tlog whole
imagetrim logs got --json | jq -r '.runs[].end'
echo "== one claim: the first pod that answers is enough"
rm -rf got
mkdir vol/web-4
cp whole vol/web-4/d.tlog
claim='{"persistentVolumeClaim": {"claimName": "traces"}}'
{ pod web-gone running "$claim"; pod web-4 running "$claim"; pod web-2 running "$claim"; } | pods >pods.json
collect deployment/web
files
echo "== a CronJob's pods are its jobs'; a node's volume"
echo '{"kind": "CronJob", "metadata": {"uid": "u1"}, "spec": {"jobTemplate": {"spec": {"template": {"spec": {}}}}}}' >cronjob-c.json
echo '{"items": [{"metadata": {"ownerReferences": [{"uid": "u1"}]}, "spec": {"selector": {"matchLabels": {"controller-uid": "j1"}}}},
	{"metadata": {"ownerReferences": [{"uid": "u2"}]}, "spec": {"selector": {"matchLabels": {"controller-uid": "j2"}}}}]}' >jobs.json
pod web-4 running '{"hostPath": {"path": "/x"}}' | pods >pods.json
rm -rf got said
collect cronjob/c
cat said
files
echo "== a pod that hangs, at the start, within a piece, after the end: the others are read"
{ pod web-1 running '{"emptyDir": {}}'; pod web-2 running '{"emptyDir": {}}'; } | pods >pods.json
echo web-1 >hangs
hanging() {
	rm -rf got
	printf %b "$1" >hanging
	collect deployment/web --timeout 0.3 --json | grep '^{' | jq -cS 'del(.pods[].bytes, .bytes)'
	sed 's/[0-9]* bytes$/N bytes/' err
	files
}
hanging ''
hanging 'imcat1\nlog 0 3 x.tlog\na'
hanging 'imcat1\nlog 0 3 x.tlog\nabclog 3'
hanging 'imcat1\nlog 0 3 x.tlog\nabcend\n'
{ pod web-2 running '{"emptyDir": {}}'; pod web-3 waiting '{"emptyDir": {}}'; } | pods >pods.json
rm hangs
hanging ''
cat >bin/sleeping <<K
#!/bin/sh
exec sleep 60
K
chmod +x bin/sleeping
mkdir slow && mv bin/sleeping slow/kubectl
PATH="$PWD/slow:$PATH" imagetrim kube collect web-1 -o got --timeout 0.3 2>&1
echo "== what is refused"
echo '{"kind": "Service", "spec": {"selector": {"app": "web"}}}' >service-web.json
collect service/web
echo '{"kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": []}}' >pod-plain.json
collect plain
imagetrim kube collect web
echo "== a container that is not what it should be"
hostile() { # LINES
	rm -rf got
	printf '%s\n' "printf '$1'" >hostile
	collect web-1
	[ ! -d got ] || find got -type f | sort
}
hostile 'hello\n'
hostile ''
hostile 'imcat1\nend\n'
hostile 'imcat1\nlog 0 3 ../../x.tlog\nabcend\n'
hostile 'imcat1\nlog 0 3 .x.tlog\nabcend\n'
hostile 'imcat1\nlog 0 3 x.sh\nabcend\n'
hostile 'imcat1\nlog 5 3 x.tlog\nabcend\n'
hostile 'imcat1\nlog 0 3 x.tlog\nabclog 0 3 x.tlog\nabcend\n'
hostile 'imcat1\nlog 0 99999999 x.tlog\nabcend\n'
hostile 'imcat1\nlog 0 -1 x.tlog\nabcend\n'
hostile 'imcat1\nlog 0 3 x.tlog\nabclog 3 5 x.tlog\nde'
rm -rf got
mkdir -p got/web-1
ln -s /etc/passwd got/web-1/x.tlog
printf '%s\n' "printf 'imcat1\nlog 0 3 x.tlog\nabcend\n'" >hostile
collect web-1
rm -rf got
imagetrim kube collect web-1 -o got --limit collect-size=2
printf '%s\n' "printf 'imcat1\nlog 0 1 x.tlog\nalog 0 1 y.tlog\naend\n'" >hostile
imagetrim kube collect web-1 -o got --limit collect-logs=1
PATH=/nowhere "$(readlink -f "$(command -v imagetrim)")" kube collect web-1 -o got
echo "status $?"
