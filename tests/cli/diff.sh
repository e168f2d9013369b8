# SPDX-License-Identifier: Apache-2.0
# Two images and two logs: added, removed, changed, and the exit status of diff(1)
golden=$(dirname "$0")/../golden
cat >a.in <<IN
config {"Cmd": ["/bin/a"], "Env": ["A=1"]}
layer
dir bin 0755 0:0
file bin/a 0755 0:0 "aaaa"
file bin/b 0755 0:0 "bbbb"
file bin/c 0755 0:0 "cccc"
file bin/caps 0755 0:0 "x"
xattr security.capability 0100000202
symlink bin/l a
file bin/type 0644 0:0 ""
dir gone 0755 0:0
file gone/x 0644 0:0 "12345"
file z\u00e9\\\\ 0644 0:0 "odd"
char null 0666 1 3
paths
IN
sed -e 's/"A=1"/"A=2"/; s/"bbbb"/"bXbb"/; s/bin\/c 0755 0:0 "cccc"/bin\/c 4755 1:2 "ccc"/' \
	-e 's/0100000202/0100000203/; s/symlink bin\/l a/symlink bin\/l b/; s/null 0666 1 3/null 0666 1 5/' \
	-e 's/file bin\/type.*/dir bin\/type 0755 0:0/; s/^dir gone.*/dir new 0755 0:0/' \
	-e 's/gone\/x 0644 0:0 "12345"/new\/y 0644 0:0 "1234567"/' a.in >b.in
python3 "$golden/golden.py" --archive a.in a.tar
python3 "$golden/golden.py" --archive b.in b.tar
diff() {
	imagetrim diff "$@"
	echo "status $?"
}
diff docker-archive:a.tar docker-archive:b.tar
diff docker-archive:a.tar docker-archive:a.tar
diff docker-archive:a.tar docker-archive:b.tar --json
# A trim: other layers, the same files; only labels of ours in the config.
printf '/bin/a\n' >paths
imagetrim trim --devices docker-archive:a.tar paths -t docker-archive:t.tar -q --include '/**' >/dev/null
diff docker-archive:a.tar docker-archive:t.tar
imagetrim trim --devices docker-archive:a.tar paths -t docker-archive:t.tar -q >/dev/null
diff docker-archive:a.tar docker-archive:t.tar
# Logs
log() { printf '# imagetrim log 1\nheader\n'; cat; }
log >one <<L
path 1 read 0 /a
path 2 read 0 /b
path 3 stat 0 /c
L
log >two <<L
path 1 read,stat 0 /a
path 2 stat 0 /c
path 3 exec 0 /d
L
diff --logs one two
diff --logs one two --json
imagetrim merge -q -o one.tlog one >/dev/null
imagetrim merge -q -o two.tlog two >/dev/null
diff one.tlog two.tlog
diff one.tlog one.tlog
# Trouble
diff one.tlog two
diff docker-archive:a.tar docker-archive:none.tar
diff - -
diff one.tlog
diff --logs one none
