# SPDX-License-Identifier: Apache-2.0
# Two images on one base: common layers keep what either needs; what one hides stays hidden.
golden=$(dirname "$0")/../golden
base='layer
dir etc 0755 0:0
file etc/conf 0644 0:0 "base"
file etc/gone 0644 0:0 "for b"
file etc/spare 0644 0:0 "nobody"
layer
dir opt 0755 0:0
file opt/unused 0644 0:0 "x"'
image() { # NAME
	{ echo "$base"; cat; } >"$1.in"
	python3 "$golden/golden.py" --archive "$1.in" "$1.tar"
}
image a <<'END'
layer
dir etc 0755 0:0
file etc/conf 0644 0:0 "a's own, unused"
file etc/.wh.gone 0 0:0 ""
dir a 0755 0:0
file a/x 0644 0:0 "x"
END
image b <<'END'
layer
dir b 0755 0:0
file b/y 0644 0:0 "y"
END
log() { # IMAGE PATH: a log that says which image it was recorded from
	printf '# imagetrim log 1\nheader\n  image=sha256:%s\npath 1 read 0 %s\n' \
		"$(tar xOf "$1.tar" config.json | sha256sum | cut -d' ' -f1)" "$2"
}
log a /a/x >a.log
log b /etc/gone >b.log
log b /etc/conf >b2.log
echo /b/y >plain
trim() {
	imagetrim trim -q docker-archive:a.tar docker-archive:b.tar a.log b.log b2.log plain "$@"
}
trim --share -t docker-archive:sa.tar:a:1 -t docker-archive:sb.tar:b:1
for i in a b; do
	echo "$i:"
	tar xf "s$i.tar"
	for layer in $(tr '"' '\n' <manifest.json | grep blobs | tail -n +2); do
		printf '  layer %.12s:' "${layer#blobs/sha256/}"
		tar tf "$layer" | tr '\n' ' '
		echo
	done
	tr '{' '\n' <"$(tr '"' '\n' <manifest.json | grep -m1 blobs)" | grep -c empty_layer
done
trim -t a -t b
trim --share -t docker-archive:sa.tar --layers one -t docker-archive:sb.tar
trim --share -t docker-archive:x.tar -t docker-archive:y.tar --removed list
trim --share -t - -t -
imagetrim trim --share docker-archive:a.tar docker-archive:b.tar -t docker-archive:x.tar -t docker-archive:y.tar
ls ./*.tar
