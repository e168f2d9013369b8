#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A cluster of one node, with a registry, for a command: Kubernetes 1.20 built from the source
# package of Debian 12 (later releases have the client only), which takes half an hour of a CPU the
# first time, on that release's containerd, runc and CNI plugins.
#
# in:   kubernetes_node.sh DIR COMMAND...; root; DIR keeps what was built
# out:  COMMAND's status; it has KUBECONFIG, IMAGETRIM_TEST_REGISTRY, IMAGETRIM_TEST_INSECURE, and a
#       volume that any claim of a gibibyte gets. Pods are held to what the restricted standard
#       asks for: 1.20 does not know pod-security labels, so it is a PodSecurityPolicy. DIR/run has
#       logs and events.
# never: leaves the machine changed: all runs in namespaces of its own, the few kernel settings
#       that a kubelet writes are copies
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/bed.sh
. "$here/bed.sh"
# shellcheck source=tests/debs.sh
. "$here/../debs.sh"

PROGRAMS="kube-apiserver kube-controller-manager kube-scheduler kubelet"

# --- building ----------------------------------------------------------------

# The source with Go 1.19, whose reflect2 in it crashes: Debian's is newer.
fetch() {
	local apt=$1/apt root=$1/root
	debs_open "$apt" bookworm "$(dpkg --print-architecture)"
	sed -i 's/^deb \(.*\)/&\ndeb-src \1/' "$apt/sources.list"
	debs_apt "$apt" apt-get -qq update
	debs_get "$apt" "$root" golang-1.19-go golang-1.19-src \
		golang-github-modern-go-reflect2-dev etcd-server
	(cd "$1" && debs_apt "$apt" apt-get -qq --download-only source kubernetes)
	mkdir -p "$1/go/src/k8s.io/kubernetes" "$1/goroot"
	tar -C "$1/go/src/k8s.io/kubernetes" --strip-components=1 -xf "$1"/kubernetes_*.orig.tar.gz
	# /usr/lib/go-1.19 has links to what stands below /usr/share.
	cp -r "$root"/usr/share/go-1.19/. "$1/goroot"
	cp -r "$root"/usr/lib/go-1.19/{bin,VERSION} "$1/goroot"
	cp -rn "$root"/usr/lib/go-1.19/pkg/. "$1/goroot/pkg"
	local reflect2=github.com/modern-go/reflect2
	rm -rf "$1/go/src/k8s.io/kubernetes/vendor/${reflect2:?}"
	cp -r "$root/usr/share/gocode/src/$reflect2" "$1/go/src/k8s.io/kubernetes/vendor/$reflect2"
}

# The API's description is the only generated file that the package lacks.
openapi() {
	local dirs header=hack/boilerplate/boilerplate.generatego.txt
	go build -o "$1/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
	dirs=$(grep -rl '+k8s:openapi-gen=' --include='*.go' pkg plugin staging/src/k8s.io vendor/k8s.io |
		grep -v -e /generated/ -e _examples -e sample- | xargs -n1 dirname | sort -u |
		sed 's,^staging/src/,k8s.io/kubernetes/vendor/,; /^k8s.io/!s,^,k8s.io/kubernetes/,' | paste -sd,)
	"$1/openapi-gen" --go-header-file "$header" -h "$header" -i "$dirs" -r /dev/null \
		-p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi -o "$1/go/src"
}

build() (
	local program
	[ -e "$1/kubelet" ] && return
	[ -e "$1/goroot" ] || fetch "$1"
	export GOROOT=$1/goroot GOPATH=$1/go GOCACHE=$1/cache PATH=$1/goroot/bin:$PATH
	export GO111MODULE=off GOPROXY=off CGO_ENABLED=0
	cd "$1/go/src/k8s.io/kubernetes"
	[ -e pkg/generated/openapi/zz_generated.openapi.go ] || openapi "$1"
	for program in $PROGRAMS; do
		bed_say "building $program"
		nice go build -o "$1/$program.part" "./cmd/$program"
		mv "$1/$program.part" "$1/$program"
	done
)

# --- the cluster, in $PWD ------------------------------------------------------

wait_for() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || bed_die "never succeeded: $*"
		sleep 0.3
	done
}

network() {
	hostname node1
	ip link set lo up
	ip link add node0 type bridge
	ip addr add 10.99.0.1/24 dev node0
	ip link set node0 up
	ip route add default dev node0
	sysctl -qw net.ipv4.ip_forward=1
	mount -t tmpfs tmpfs /run
	local setting
	mkdir kernel
	for setting in kernel/panic kernel/panic_on_oops vm/overcommit_memory vm/panic_on_oom \
		kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
		cat "/proc/sys/$setting" >"kernel/${setting//\//-}"
		mount --bind "kernel/${setting//\//-}" "/proc/sys/$setting"
	done
}

control_plane() {
	openssl genrsa -out sa.key 2048 2>/dev/null
	echo 'secret,admin,1,system:masters' >tokens
	"$dir/root/usr/bin/etcd" --data-dir etcd --listen-client-urls http://127.0.0.1:2379 \
		--advertise-client-urls http://127.0.0.1:2379 \
		--listen-peer-urls http://127.0.0.1:2380 >etcd.log 2>&1 &
	"$dir/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --cert-dir=certs \
		--bind-address=127.0.0.1 --advertise-address=10.99.0.1 --token-auth-file=tokens \
		--service-account-key-file=sa.key --service-account-signing-key-file=sa.key \
		--service-account-issuer=https://node1 --service-cluster-ip-range=10.0.0.0/24 \
		--kubelet-preferred-address-types=InternalIP --enable-admission-plugins=PodSecurityPolicy \
		--disable-admission-plugins=ServiceAccount >apiserver.log 2>&1 &
	cat >kubeconfig <<-END
		apiVersion: v1
		kind: Config
		clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443", insecure-skip-tls-verify: true}}]
		users: [{name: u, user: {token: secret}}]
		contexts: [{name: x, context: {cluster: c, user: u}}]
		current-context: x
	END
	export KUBECONFIG=$PWD/kubeconfig
	wait_for 180 kubectl get --raw /readyz
	"$dir/kube-controller-manager" --kubeconfig=kubeconfig --leader-elect=false \
		--cert-dir=certs >controllers.log 2>&1 &
	"$dir/kube-scheduler" --kubeconfig=kubeconfig --leader-elect=false --cert-dir=certs \
		>scheduler.log 2>&1 &
}

runtime() {
	mkdir containerd cni pause
	mount -t tmpfs -o size=4G tmpfs containerd
	cat >cni/n.conflist <<-END
		{"cniVersion": "0.4.0", "name": "n", "plugins": [{"type": "bridge", "bridge": "pods0",
		  "isGateway": true, "ipam": {"type": "host-local", "dataDir": "$PWD/ipam",
		  "ranges": [[{"subnet": "10.98.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
	END
	cat >containerd.toml <<-END
		version = 2
		root = "$PWD/containerd"
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "localhost/pause:1"
		  restrict_oom_score_adj = true
		  disable_hugetlb_controller = true
		  cni = { bin_dir = "/usr/lib/cni", conf_dir = "$PWD/cni" }
		  registry.mirrors."127.0.0.1:5000".endpoint = ["http://127.0.0.1:5000"]
	END
	containerd --config containerd.toml >containerd.log 2>&1 &
	wait_for 30 ctr version
	cp /usr/bin/catatonit pause
	tar -C pause -cf pause.tar catatonit
	umoci init --layout layout
	umoci new --image layout:1
	umoci raw add-layer --image layout:1 pause.tar
	umoci config --image layout:1 --config.entrypoint /catatonit --config.cmd -P
	skopeo copy -q oci:layout:1 docker-archive:pause-image.tar:localhost/pause:1
	ctr -n k8s.io images import pause-image.tar
	printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "127.0.0.1:5000"}\n' \
		"$PWD/registry" >registry.yml
	docker-registry serve registry.yml >registry.log 2>&1 &
}

node() {
	"$dir/kubelet" --kubeconfig=kubeconfig --root-dir="$PWD/kubelet" --cert-dir=certs \
		--hostname-override=node1 --node-ip=10.99.0.1 --anonymous-auth --authorization-mode=AlwaysAllow \
		--container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock \
		--cgroups-per-qos=false --enforce-node-allocatable= --cgroup-driver=cgroupfs \
		--make-iptables-util-chains=false --resolv-conf= --fail-swap-on=false --eviction-hard= \
		--volume-plugin-dir="$PWD/plugins" >kubelet.log 2>&1 &
	wait_for 180 kubectl wait --for=condition=Ready node/node1 --timeout=1s
}

# One volume, and the policy.
objects() {
	mkdir -m 1777 volume
	chmod 1777 volume
	kubectl apply -f - <<-END
		apiVersion: v1
		kind: PersistentVolume
		metadata: {name: volume}
		spec:
		  capacity: {storage: 1Gi}
		  accessModes: [ReadWriteOnce, ReadWriteMany]
		  hostPath: {path: "$PWD/volume"}
		---
		apiVersion: policy/v1beta1
		kind: PodSecurityPolicy
		metadata:
		  name: restricted
		  annotations:
		    seccomp.security.alpha.kubernetes.io/allowedProfileNames: runtime/default
		    seccomp.security.alpha.kubernetes.io/defaultProfileName: runtime/default
		spec:
		  privileged: false
		  allowPrivilegeEscalation: false
		  requiredDropCapabilities: [ALL]
		  volumes: [configMap, emptyDir, projected, secret, downwardAPI, persistentVolumeClaim]
		  runAsUser: {rule: MustRunAsNonRoot}
		  seLinux: {rule: RunAsAny}
		  supplementalGroups: {rule: MustRunAs, ranges: [{min: 1, max: 65535}]}
		  fsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 65535}]}
		  readOnlyRootFilesystem: true
	END
}

dir=$(realpath -m "$1")
shift
if [ "${BED_PRIVATE-}" != 1 ]; then
	[ "$(dpkg --print-architecture)" = amd64 ] || bed_die "made for amd64"
	bed_need containerd=containerd runc=runc containernetworking-plugins catatonit docker-registry=docker-registry \
		skopeo=skopeo umoci=umoci kubernetes-client=kubectl openssl=openssl iproute2=ip
	mkdir -p "$dir"
	build "$dir"
	rc=0
	bed_enter unshare --uts bash "$0" "$dir" "$@" || rc=$?
	exit $rc
fi
rm -rf "$dir/run"
mkdir "$dir/run"
cd "$dir/run"
network
control_plane
runtime
node
objects
bed_say "$(kubectl get node node1 --no-headers)"
export IMAGETRIM_TEST_REGISTRY=127.0.0.1:5000/imagetrim IMAGETRIM_TEST_INSECURE=1
rc=0
(cd / && "$@") || rc=$?
kubectl get events -A >events.log || :
# Containers end with their pods: the pid namespace goes with us.
exit $rc
