# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# A manifest that records, played by podman. Podman 4.3 knows neither the node's name nor the
# namespace of the downward API, and takes annotations of 63 bytes only: these are taken out.
# It sets no PATH where the image has none, so programs are named by their paths.

kube_manifest() { # IMAGE
	cat <<-END
	apiVersion: v1
	kind: Pod
	metadata:
	  name: kube
	spec:
	  containers:
	  - name: db   # command: passes the entrypoint by
	    image: localhost/$1
	    command: [/usr/bin/redis-server, --protected-mode, "no", --save, ""]
	    securityContext:
	      readOnlyRootFilesystem: true
	END
}

test_podman_kube_play() {
	it instrument redis:t -t redis:kube-rec
	mkdir -m 1777 traces
	kube_manifest redis:t >pod.yaml
	try "$IMAGETRIM" kube instrument pod.yaml --image localhost/redis=localhost/redis:kube-rec \
		--volume "hostpath:$PWD/traces"
	same "status ($err)" 0 "$rc"
	printf '%s\n' "$out" >rec.yaml
	python3 -c 'import json, sys, yaml
pod = yaml.safe_load(sys.stdin)
for c in pod["spec"]["containers"]:
    c["env"] = [e for e in c["env"] if e["name"] not in ("IMAGETRIM_NODE", "IMAGETRIM_NAMESPACE")]
pod["metadata"].pop("annotations")
json.dump(pod, sys.stdout)' <rec.yaml >rec.json
	podman kube play rec.json >played 2>&1 || fail "kube play: $(cat played)"
	until_ok 10 podman exec kube-db /.imagetrim/imagetrim-tracer -- /usr/bin/redis-cli PING
	podman pod stop -t 5 kube >/dev/null
	podman pod rm -f kube >/dev/null
	try "$IMAGETRIM" logs traces
	has "logs" "$out" "^[0-9a-f]{12}  kube +db .* (cut|complete)$"
	it trim redis:t traces -t redis:kube-small
	"$IMAGETRIM" kube restore rec.yaml | sed 's/redis:t/redis:kube-small/' >small.yaml
	podman kube play small.yaml >played 2>&1 || fail "kube play of the trimmed image: $(cat played)"
	until_ok 10 podman exec kube-db /usr/bin/redis-cli PING
	podman pod rm -f kube >/dev/null
}
