# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2002  # rc, out, err: set by try; cat makes the pipe
# The same job through archives and layouts, in and out.

# load FILE-OR-DIR-TRANSPORT NAME: any transport into the engine, through a
# copy by skopeo where the engine has no word for it.
load() {
	case $ENGINE:$1 in
	docker:docker-archive:*)
		need docker load -q -i "${1#docker-archive:}"
		;;
	docker:*)
		rm -f load.tar
		need skopeo copy -q "$1" "docker-archive:load.tar:$2"
		need docker load -q -i load.tar
		;;
	podman:docker-archive:*)
		need podman load -q -i "${1#docker-archive:}"
		;;
	podman:*)
		need skopeo copy -q "$1" "docker-archive:load.tar:$2"
		need podman load -q -i load.tar
		;;
	esac
	eng image inspect "$2" >/dev/null || fail "$1 was not loaded as $2: $out"
}

saved_make() { eng save -o redis.tar redis:t >/dev/null; }

# The original as a docker-archive, saved once.
saved() {
	once saved saved_make
	SAVED=$BED_FIX/saved/redis.tar
}

test_archive() {
	redis_log
	saved
	need "$IMAGETRIM" trim "docker-archive:$SAVED" "$REDIS_LOG" \
		-t docker-archive:out.tar:redis:da
	[ "$(stat -c %s out.tar)" -lt 20000000 ] || fail "out.tar is not small"
	load docker-archive:out.tar redis:da
	same_config redis:t redis:da
	redis_serves redis:da
	# The same image as by the engine's own name.
	need it trim redis:t "$REDIS_LOG" -t redis:da2
	same "image ID" "$(image_id redis:da2)" "$(image_id redis:da)"
}

test_oci_layout() {
	redis_log
	saved
	need skopeo copy -q "docker-archive:$SAVED" oci:in:redis
	need "$IMAGETRIM" trim oci:in:redis "$REDIS_LOG" -t oci:out:small
	jq -e '.manifests | length == 1' out/index.json >/dev/null || fail "index: $(cat out/index.json)"
	blobs_match out
	load oci:out:small redis:oci
	redis_serves redis:oci
	# A second image beside the first, into the same layout.
	need "$IMAGETRIM" trim oci:in:redis "$REDIS_LOG" -t oci:out:other
	need skopeo inspect --raw oci:out:small
	need skopeo inspect --raw oci:out:other
	# Without a name the only image is meant.
	need "$IMAGETRIM" trim oci:in "$REDIS_LOG" -t docker-archive:alone.tar:redis:alone
}

# Every blob's name is its digest.
blobs_match() {
	local f
	for f in "$1"/blobs/sha256/*; do
		same "digest of a blob" "${f##*/}" "$(sha256sum <"$f" | cut -d' ' -f1)"
	done
}

test_oci_archive() {
	redis_log
	saved
	need skopeo copy -q "docker-archive:$SAVED" oci-archive:in.tar:redis
	need "$IMAGETRIM" trim oci-archive:in.tar:redis "$REDIS_LOG" -t oci-archive:out.tar:small
	load oci-archive:out.tar:small redis:ocia
	redis_serves redis:ocia
	need "$IMAGETRIM" trim oci-archive:in.tar "$REDIS_LOG" -t docker-archive:mixed.tar:redis:mixed
	load docker-archive:mixed.tar redis:mixed
	redis_serves redis:mixed
}

# Compressed archives, and layers that are: by their first bytes, not names.
test_compressed() {
	busybox_log
	busybox_archive
	gzip -1 <"$BUSYBOX_TAR" >in.tar.gz
	need "$IMAGETRIM" trim docker-archive:in.tar.gz "$BUSYBOX_LOG" -t docker-archive:gz.tar:busybox:gz
	need "$IMAGETRIM" trim "docker-archive:$BUSYBOX_TAR" "$BUSYBOX_LOG" -t docker-archive:plain.tar:busybox:gz
	cmp gz.tar plain.tar || fail "a compressed archive gives another result"
	need skopeo copy -q --dest-compress-format zstd "docker-archive:$BUSYBOX_TAR" dir:zst
	need skopeo copy -q --dest-compress-format zstd --dest-compress \
		"docker-archive:$BUSYBOX_TAR" oci:zlayout:b
	need "$IMAGETRIM" trim oci:zlayout:b "$BUSYBOX_LOG" -t docker-archive:z.tar:busybox:z
	load docker-archive:z.tar busybox:z
	says "output of the image" '^hello$' busybox:z write
}

test_pipe() {
	redis_log
	saved
	"$IMAGETRIM" trim - "$REDIS_LOG" -t - <"$SAVED" >out.tar || fail "status $? from a pipe"
	cat "$SAVED" | "$IMAGETRIM" trim - "$REDIS_LOG" -t - | cat >out2.tar
	cmp out.tar out2.tar || fail "file and pipe differ"
	cat out.tar | eng load >load.txt || fail "load: $(cat load.txt)"
	name=$(sed -n 's/.*Loaded image[^:]*: *//p' load.txt | tail -n 1)
	redis_serves "$(eng image inspect -f '{{.Id}}' "$name")"
}

# The engine's own pipe: save | trim | load.
test_pipeline() {
	busybox_log
	eng save busybox:t | "$IMAGETRIM" trim - "$BUSYBOX_LOG" -t - | eng load >load.txt
	name=$(sed -n 's/.*Loaded image[^:]*: *//p' load.txt | tail -n 1)
	says "output" '^hello$' "$name" write
}

# What podman itself writes.
test_podman_formats() {
	busybox_log
	need podman save -q --format oci-archive -o a.tar busybox:t
	need podman save -q --format oci-dir -o dir busybox:t
	need "$IMAGETRIM" trim oci-archive:a.tar "$BUSYBOX_LOG" -t docker-archive:a2.tar:busybox:x
	need "$IMAGETRIM" trim oci:dir "$BUSYBOX_LOG" -t docker-archive:b2.tar:busybox:x
	cmp a2.tar b2.tar || fail "oci-archive and oci-dir give different images"
	need "$IMAGETRIM" trim oci:dir "$BUSYBOX_LOG" -t oci:out:x
	need podman pull -q oci:out:x
	says "output" '^hello$' "$out" write
}

# instrument through files as well: no engine is needed to prepare an image.
test_instrument_archive() {
	busybox_archive
	need "$IMAGETRIM" instrument "docker-archive:$BUSYBOX_TAR" \
		-t docker-archive:traced.tar:busybox:traced-file
	load docker-archive:traced.tar busybox:traced-file
	says "output" '^hello$' busybox:traced-file write
}
