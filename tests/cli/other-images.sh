# SPDX-License-Identifier: Apache-2.0
# Many images and architectures record into one directory: a trim takes its own image's runs.
golden=$(dirname "$0")/../golden
printf 'layer\ndir a 0755 0:0\n' >image.in
printf 'file a/%s 0644 0:0 "1"\n' own old arm list >>image.in
python3 "$golden/golden.py" --archive image.in image.tar
own=sha256:$(tar xOf image.tar config.json | sha256sum | cut -d' ' -f1)
old=sha256:$(printf %064d 1)
log() { # NAME ARCH IMAGE PATH
	printf '# imagetrim log 1\nheader\n  arch=%s\n  image=%s\npath 1 read 0 %s\n' \
		"$2" "$3" "$4" >text
	mkdir -p logs
	imagetrim merge -q -o "logs/$1.tlog" text >/dev/null
}
trim() { # OUT ARG...
	out=$1
	shift
	imagetrim trim docker-archive:image.tar -t "docker-archive:$out.tar:a:1" "$@" >"$out" &&
		tail -n +2 "$out" | head -n 1 &&
		tar xOf "$out.tar" "$(tar xOf "$out.tar" manifest.json | jq -r '.[0].Layers[0]')" | tar t
}
log own amd64 "$own" /a/own
log old amd64 "$old" /a/old
log arm arm64 "$own" /a/arm
echo /a/list >list
trim mixed logs
imagetrim merge -q -o merged.tlog logs >/dev/null
trim merged merged.tlog list
trim any logs --any-image
rm logs/own.tlog
trim none logs
trim none logs/old.tlog
trim none-list logs list
imagetrim trim -q --json docker-archive:image.tar list logs -t docker-archive:j.tar:a:1 |
	grep -o '"left[^,]*'
