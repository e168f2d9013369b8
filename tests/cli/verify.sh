# SPDX-License-Identifier: Apache-2.0
# What a trimmed image was asked for in vain, by a log of its use: holes, listings, searches; healing
golden=$(dirname "$0")/../golden
python3 "$golden/golden.py" --archive "$golden/cases/packages.in" image.tar
printf '/bin/tool\n/usr/lib/apkfile\n' >paths
imagetrim trim docker-archive:image.tar paths -t docker-archive:small.tar -q \
	--exclude /usr/lib/libtool.so.1.2 >/dev/null
cat >log <<LOG
# imagetrim log 1
header
  arch=amd64
  mount=/mnt
path 1 exec 0 /bin/tool
path 2 miss 1 /lib/libtool.so.1
path 3 miss 1 /nowhere/tool
path 4 miss 1 /usr/bin/other
path 5 exec 1 /opt/other
path 6 list 1 /etc
path 7 miss 1 /usr/share/doc/tool
path 8 read 1 /etc/doc/tool.conf
path 9 miss 1 /mnt/x
path 10 miss 1 /proc/self/x
path 11 miss 1 /usr/lib/apkfile
header
  arch=amd64
seen 7 miss 1
seen 4 miss 1
path 12 exec 4 /srv/other
LOG
verify() {
	imagetrim verify docker-archive:image.tar "$@"
	echo "status $?"
}
verify docker-archive:small.tar --log log
verify docker-archive:small.tar --log log --json
verify docker-archive:image.tar --log log
# Healed: by the same log nothing is missing, and the rest is as it was.
verify docker-archive:small.tar --log log --heal -t docker-archive:new.tar -q
verify docker-archive:new.tar --log log
layer() { tar -xOf "$1" "$(tar -xOf "$1" manifest.json | sed 's/.*"Layers":\["\([^"]*\).*/\1/')" | tar -t; }
layer small.tar | sort >small.list
layer new.tar | sort >new.list
diff small.list new.list
verify docker-archive:small.tar --log log --heal -t docker-archive:less.tar -q --ignore-listings |
	grep -v docker-archive:less
verify docker-archive:less.tar --log log --ignore-listings
verify docker-archive:image.tar --log log --heal -t docker-archive:none.tar
ls none.tar
# What is refused
verify docker-archive:small.tar --log log --heal
verify docker-archive:small.tar --log log -t new
verify docker-archive:small.tar --log log --rounds 2
verify docker-archive:small.tar --log log --heal -t docker-archive:x.tar --rounds 0
verify docker-archive:small.tar --log log --exec true
verify docker-archive:small.tar --log log -- arg
verify - --log log
verify docker-archive:none.tar --log log
