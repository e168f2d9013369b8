# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# The whole way through a cluster, by kubectl alone: record with three replicas that write into
# one claim, kill and restart some, collect, merge, trim, run the trimmed image by the same
# manifest.
#
# in:   kubectl in PATH; IMAGE (as cluster_own names it); who calls defines
#	cluster_claim NAME	a claim that all may write to
#	cluster_probe POD	the pod's probe has run at least twice; status: is it well
#	cluster_restart POD	its container was killed and runs again, in the same pod
#	cluster_own NAME	the image's name for imagetrim here
#	cluster_image NAME	its name in the cluster; brings it there

# Without those of a deployment that was deleted, which take their time to end.
kube_pods() {
	kubectl get pods -l app=itweb -o json |
		jq -r '.items[].metadata | select(.deletionTimestamp | not) | .name'
}

kube_deployment() { # IMAGE
	cat <<-END
	apiVersion: apps/v1
	kind: Deployment
	metadata:
	  name: itweb
	spec:
	  replicas: 3
	  selector: {matchLabels: {app: itweb}}
	  template:
	    metadata: {labels: {app: itweb}}
	    spec:
	      securityContext: {fsGroup: 1000}
	      containers:
	      - name: db    # what the restricted policy asks for
	        image: $1
	        imagePullPolicy: IfNotPresent
	        workingDir: /
	        command: [/usr/bin/redis-server, --protected-mode, "no", --save, ""]
	        livenessProbe:
	          exec: {command: [/usr/bin/redis-cli, PING]}
	          periodSeconds: 3
	          timeoutSeconds: 60
	        securityContext:
	          runAsUser: 1000
	          runAsNonRoot: true
	          allowPrivilegeEscalation: false
	          readOnlyRootFilesystem: true
	          capabilities: {drop: [ALL]}
	          seccompProfile: {type: RuntimeDefault}
	END
}

kube_answers() { # POD
	until_ok 60 kubectl exec -c db "$1" -- /usr/bin/redis-cli PING
}

kube_cycle() { # IMAGE
	local pod pods n image
	image=$(cluster_image "$1")
	it instrument "$(cluster_own "$1")" -t "$(cluster_own redis:kube-rec)"
	kube_deployment "$image" >web.yaml
	"$IMAGETRIM" kube instrument web.yaml --volume pvc:traces \
		--image "$image=$(cluster_image redis:kube-rec)" >rec.yaml
	cluster_claim traces
	kubectl apply -f rec.yaml
	kubectl rollout status deployment/itweb --timeout=300s
	mapfile -t pods < <(kube_pods)
	same "replicas" 3 ${#pods[@]}
	for pod in "${pods[@]}"; do
		kube_answers "$pod"
		cluster_probe "$pod" || fail "the recorded probe of $pod fails"
	done
	# Records of before the kill stay, nothing is overwritten.
	"$IMAGETRIM" kube collect deployment/itweb -o traces 2>first || fail "collect: $(cat first)"
	has "collect" "$(cat first)" "^imagetrim: pvc-traces: [0-9]+ new logs, 0 longer"
	n=$(find traces -name '*.tlog' | wc -l)
	cluster_restart "${pods[0]}"
	kube_answers "${pods[0]}"
	cluster_probe "${pods[0]}" || fail "the probe fails after a restart"
	cp -r traces before
	"$IMAGETRIM" kube collect deployment/itweb -o traces 2>second || fail "collect: $(cat second)"
	has "collect after a restart" "$(cat second)" "^imagetrim: pvc-traces: [1-9][0-9]* new logs"
	[ "$(find traces -name '*.tlog' | wc -l)" -gt "$n" ] || fail "no log of the restarted container"
	for pod in $(cd before && find . -name '*.tlog'); do
		cmp -n "$(stat -c %s "before/$pod")" "before/$pod" "traces/$pod" || fail "$pod was changed"
	done
	"$IMAGETRIM" kube collect deployment/itweb -o traces 2>third || fail "collect: $(cat third)"
	# But for a probe's that runs at this moment: its log goes when it ends like the others.
	has "collect once more" "$(cat third)" "pvc-traces: [0-3] new logs, [0-3] longer"
	# Of each container: the server, and the probe once for each of its ends, however often it
	# ran: a kubelet also asks before the server answers.
	"$IMAGETRIM" logs traces | tee list
	n=$(grep -c itweb list)
	if [ "$n" -lt $((3 + 1 + 3)) ] || [ "$n" -gt $((2 * (3 + 1 + 3))) ]; then
		fail "$n logs"
	fi
	for pod in "${pods[@]}"; do
		has "logs" "$(cat list)" " $pod +db "
	done
	kubectl delete -f rec.yaml
	"$IMAGETRIM" merge traces -o all.tlog
	it trim "$(cluster_own "$1")" all.tlog -t "$(cluster_own redis:kube-small)"
	image=$(cluster_image redis:kube-small)
	"$IMAGETRIM" kube restore rec.yaml | sed "s|image: .*|image: $image|" >small.yaml
	kubectl apply -f small.yaml
	kubectl rollout status deployment/itweb --timeout=300s
	for pod in $(kube_pods); do
		kube_answers "$pod"
		cluster_probe "$pod" || fail "the probe of the trimmed $pod fails"
	done
	kubectl delete -f small.yaml
}
