# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # IMAGETRIM, BED_STORE...: set by engine_run.sh; rc, out, err by try
# Docker 26 and 28 with a graph driver and with the containerd store (newer.sh):
# what they save is trimmed, what is trimmed loads, in every form they know.

# test_containerd_...: what a graph driver knows nothing of.

says_hello() { # says_hello IMAGE
	says "output of $1" '^hello$' "$1" write
}

test_stores_every_node() {
	python3 "$here/../golden/exact.py" "$IMAGETRIM" engine docker "$BED_STORE"
}

test_stores_run() {
	busybox_log
	says_hello busybox:run
	same_config busybox:t busybox:run
	need it trim busybox:t "$BUSYBOX_LOG" -t busybox:keep --layers keep
	says_hello busybox:keep
	# A pipe out, trim, and in again.
	docker save busybox:t | "$IMAGETRIM" trim - "$BUSYBOX_LOG" -t - | docker load >load.txt
	has "load" "$(cat load.txt)" 'Loaded image'
}

# A profile of system calls, by today's runc: the image runs under it, a call outside is no call at all.
test_stores_seccomp() {
	need it run busybox:t -t busybox:sys -o sys.tlog --syscalls -- write
	need "$IMAGETRIM" seccomp sys.tlog
	printf '%s\n' "$out" >sys.json
	says "output" '^hello$' --security-opt "seccomp=$PWD/sys.json" busybox:sys write
	complains "a call outside" 'Function not implemented' --security-opt "seccomp=$PWD/sys.json" \
		--entrypoint /bin/busybox busybox:t chroot / true
}

# BuildKit's image: an index in the index, an attestation beside the image.
test_containerd_nested() {
	mkdir ctx
	cp "$BED_IMAGES/busybox.tar" ctx/
	printf '%s\n' 'FROM scratch' 'ADD busybox.tar /' 'RUN ["/bin/touch", "/srv/made"]' \
		'ENTRYPOINT ["/app/run.sh"]' >ctx/Dockerfile
	need docker buildx build -q --provenance=true -t nested:t ctx
	docker save -o nested.tar nested:t
	tar -xOf nested.tar index.json | jq -e '.manifests[0].mediaType | test("index")' >/dev/null ||
		fail "no nested index: $(tar -xOf nested.tar index.json)"
	busybox_log
	need "$IMAGETRIM" trim docker-archive:nested.tar "$BUSYBOX_LOG" --any-image \
		-t docker-archive:out.tar:nested:file
	need docker load -q -i out.tar
	says_hello nested:file
	need it trim nested:t "$BUSYBOX_LOG" --any-image --layers keep -t nested:engine
	says_hello nested:engine
	need "$IMAGETRIM" trim docker-archive:nested.tar "$BUSYBOX_LOG" --any-image \
		--platform linux/amd64 -t docker-archive:out2.tar:nested:platform
	need docker load -q -i out2.tar
	says_hello nested:platform
}

# crane's way: the config under its digest, gzip layers, no index.
crane_archive() { # crane_archive IN.tar OUT.tar NAME
	local config layer
	mkdir crane
	tar -xf "$1" -C crane
	config=$(jq -r '.[0].Config' crane/manifest.json)
	layer=$(jq -r '.[0].Layers[0]' crane/manifest.json)
	config=sha256:$(sha256sum <"crane/$config" | cut -d' ' -f1)
	cp "crane/$(jq -r '.[0].Config' crane/manifest.json)" "crane/$config"
	gzip -n -d <"crane/$layer" 2>/dev/null >crane/plain || cp "crane/$layer" crane/plain
	gzip -n <crane/plain >crane/layer.tar.gz
	jq -n --arg c "$config" --arg n "$3" \
		'[{Config: $c, RepoTags: [$n], Layers: ["layer.tar.gz"]}]' >crane/manifest.json
	tar -C crane --force-local -cf "$2" "$config" layer.tar.gz manifest.json
}

test_stores_crane() {
	busybox_log
	docker save -o busybox.tar busybox:t
	crane_archive busybox.tar base.tar crane:base
	need "$IMAGETRIM" trim docker-archive:base.tar "$BUSYBOX_LOG" \
		-t docker-archive:out.tar:crane:t
	need docker load -q -i out.tar
	says_hello crane:t
}

# A plain layer of OCI's type below, a gzip one of Docker's above: the classic builder.
test_containerd_mixed() {
	busybox_log
	mkdir ctx
	echo four >ctx/more
	printf '%s\n' 'FROM busybox:run' 'COPY more /srv/more' >ctx/Dockerfile
	need env DOCKER_BUILDKIT=0 docker build -q -t mixed:t ctx
	docker save -o mixed.tar mixed:t
	same "types of its layers" '["application/vnd.oci.image.layer.v1.tar",
"application/vnd.docker.image.rootfs.diff.tar.gzip"]' "$(layer_types mixed.tar)"
	need "$IMAGETRIM" trim docker-archive:mixed.tar "$BUSYBOX_LOG" --any-image \
		--include /srv/more -t docker-archive:out.tar:mixed:file
	need docker load -q -i out.tar
	says_hello mixed:file
	need it trim mixed:t "$BUSYBOX_LOG" --any-image --include /srv/more --layers keep \
		-t mixed:keep
	says_hello mixed:keep
	same "layers kept" 2 "$(docker image inspect mixed:keep | jq '.[0].RootFS.Layers | length')"
}

layer_types() {
	local digest
	digest=$(tar -xOf "$1" index.json | jq -r '.manifests[0].digest | sub(":"; "/")')
	tar -xOf "$1" "blobs/$digest" | jq -c '.layers | map(.mediaType)' | sed 's/,/,\n/'
}

# ctr of the daemon's own containerd.
own_ctr() { ctr -a "$BED/docker-exec/containerd/containerd.sock" -n moby "$@"; }

# ctr of containerd 2 may say it is done before the file is whole, and tar(1) takes any beginning of
# it: names are sorted, so oci-layout is the last.
ctr_export() { # ctr_export FILE OPTIONS...
	rm -f "$1"
	own_ctr images export "${@:2}" "$1" docker.io/library/busybox:t &&
		tar -tf "$1" | grep -x oci-layout
}

# containerd's own client, in and out, in every form that it takes.
test_containerd_ctr() {
	local how name=docker.io/library/busybox:ctr
	busybox_log
	until_ok 60 ctr_export in.tar
	until_ok 60 ctr_export bare.tar --skip-manifest-json
	need "$IMAGETRIM" trim oci-archive:bare.tar "$BUSYBOX_LOG" -t oci-archive:bare-out.tar:busybox:ctr
	for how in docker-archive:none oci-archive:gzip oci-archive:zstd; do
		need "$IMAGETRIM" trim docker-archive:in.tar "$BUSYBOX_LOG" \
			--compress "${how#*:}" -t "${how%:*}:out.tar:busybox:ctr"
		need own_ctr images import out.tar
		says_hello busybox:ctr
		need docker rmi busybox:ctr
	done
	need own_ctr images import bare-out.tar
	says_hello busybox:ctr
	has "names" "$(own_ctr images ls -q)" "^$name$"
}
