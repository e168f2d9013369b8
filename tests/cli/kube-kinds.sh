# SPDX-License-Identifier: Apache-2.0
# Each kind, JSON and YAML: both change alike, a second run changes nothing, restore gives the
# original values. The golden text is the changed object; of all but Pod only what is special.
forms="python3 $(dirname "$0")/kube_forms.py"
$forms .
change() { imagetrim kube instrument -q "$@" --image web=web:rec --image registry:5000/team/web=r/web:rec; }
for kind in Pod Deployment StatefulSet DaemonSet ReplicaSet Job CronJob List stream; do
	for form in json yaml; do
		[ -e "$kind.$form" ] || continue
		change "$kind.$form" --volume emptydir >"rec-$kind.$form"
		change --volume pvc:x <"rec-$kind.$form" >again
		cmp again "rec-$kind.$form"
		imagetrim kube restore -q "rec-$kind.$form" >"back-$kind.$form"
		$forms --same "$kind.$form" "back-$kind.$form" || echo "$kind.$form: not restored"
		! $forms --same "$kind.$form" "rec-$kind.$form" || echo "$kind.$form: unchanged"
	done
	[ -e "$kind.json" ] && { $forms --same "rec-$kind.json" "rec-$kind.yaml" || echo "$kind: differs"; }
done
jq . rec-Pod.json
cat rec-CronJob.yaml
# what is chosen
chosen() { jq -c '[.spec.template.spec | (.initContainers[], .containers[]) | {(.name): [.image, .command]}] | add'; }
change Deployment.json --volume pvc:traces --container plain | chosen
change Deployment.json --volume pvc:traces --init | chosen
change Deployment.json --volume pvc:traces | jq -c '.spec.template.spec.volumes'
change Deployment.json --volume hostpath:/var/traces | jq -c '.spec.template.spec.volumes'
change Deployment.json --volume emptydir --sys-ptrace >ptrace.json
jq -c '.spec.template.spec.containers[].securityContext' ptrace.json
imagetrim kube restore ptrace.json | jq -S . >back.json
jq -S . Deployment.json | cmp - back.json
# a container that waits, as its neighbour is but without what was added to that
for kind in Deployment Job; do
	change $kind.json --volume emptydir --collector --sys-ptrace >collector.json
	jq -c '.spec.template.spec.containers[-1]' collector.json
	change collector.json --volume pvc:x >again
	cmp again collector.json
	imagetrim kube restore -q collector.json | jq -S . >back.json
	jq -S . $kind.json | cmp - back.json
done
jq '.spec.containers += [{"name": "imagetrim-collector"}]' Pod.json | change --volume emptydir --collector
# nobody adds a capability unasked
! grep -l SYS_PTRACE rec-*
