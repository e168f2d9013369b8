# SPDX-License-Identifier: Apache-2.0
# SOURCE_DATE_EPOCH: later times become it, earlier ones stay; nonsense is refused.
mkdir -p layer/d
echo old >layer/d/old
echo new >layer/d/new
touch -d @1000 layer/d/old
touch -d @1700000000 layer/d/new layer/d
tar -C layer --owner=0 --group=0 --sort=name -cf layer.tar d
id=$(sha256sum <layer.tar | cut -d' ' -f1)
printf '{"architecture":"amd64","os":"linux","config":{},"created":"2023-11-14T22:13:20Z","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$id" >config.json
echo '[{"Config":"config.json","RepoTags":null,"Layers":["layer.tar"]}]' >manifest.json
tar cf in.tar config.json manifest.json layer.tar
printf '/d/old\n/d/new\n' >list
SOURCE_DATE_EPOCH=soon imagetrim trim docker-archive:in.tar list -t docker-archive:bad.tar
SOURCE_DATE_EPOCH=5000 imagetrim trim -q docker-archive:in.tar list -t docker-archive:out.tar >/dev/null
tar xf out.tar
tar --full-time -tvf "$(sed 's/.*"Layers":\["\([^"]*\)".*/\1/' manifest.json)" | TZ=UTC awk '{ print $4, $5, $6 }'
ls
