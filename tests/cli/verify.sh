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
note misses 3 /bin/tool//lib/libtool.so.1
note misses 2 /opt/other//lib/libtool.so.1
note misses 1 //usr/share/doc/tool
note misses 9 /bin/tool
note misses 9 /bin/tool//never/missed
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
# A listing tells nothing new if the recorded runs made it, and used nothing of what is missing.
recorded() {
	printf '# imagetrim log 1\nheader\n  arch=amd64\npath 1 exec 0 /bin/tool\npath 2 list 1 %s\n' "$1" >rec
	[ $# = 1 ] || printf 'path 3 read 1 %s\n' "$2" >>rec
	verify docker-archive:small.tar --log log --recorded rec --json | sed 's/.*,"listings":/"listings":/; s/,"searches.*//'
}
recorded /etc
recorded /etc /etc/tool.conf
recorded /usr
verify docker-archive:small.tar --log log --recorded rec | grep listed
printf '# imagetrim log 1\nheader\n  arch=amd64\npath 1 list 0 /etc\n' >rec
verify docker-archive:small.tar --log log --recorded rec | grep -A1 listed
verify docker-archive:small.tar --log log --recorded rec --heal -t docker-archive:rec.tar -q | grep -c etc/tool.conf
tar -xOf rec.tar "$(tar -xOf rec.tar manifest.json | sed 's/.*"Layers":\["\([^"]*\).*/\1/')" | tar -t | grep -c etc/tool.conf
# What is refused
verify docker-archive:small.tar --log log --heal
verify docker-archive:small.tar --log log -t new
verify docker-archive:small.tar --log log --rounds 2
verify docker-archive:small.tar --log log --heal -t docker-archive:x.tar --rounds 0
verify docker-archive:small.tar --log log --exec true
verify docker-archive:small.tar --log log -- arg
verify - --log log
verify docker-archive:none.tar --log log
