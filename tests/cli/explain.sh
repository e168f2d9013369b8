# SPDX-License-Identifier: Apache-2.0
# Why files are kept and left out: logs, closure, rules, options; links, layers, packages
golden=$(dirname "$0")/../golden
python3 "$golden/golden.py" --archive "$golden/cases/packages.in" image.tar
run() { # POD START -> a log
	cat <<-LOG
		# imagetrim log 1
		header
		  arch=amd64
		  started=$2
		  pod=$1
		  container=app
		  mount=/usr/share/doc
		path 1 exec 0 /bin/tool
		path 2 read 1 /lib/apkfile
		path 3 create,write 1 /tmp/new
		path 4 read 1 /usr/share/doc/tool
	LOG
}
run web-1 1780000001000000000 >one
{ run web-2 1780000002000000000 && echo 'seen 2 stat 0'; } >two
printf 'drop /usr/share/less\nkeep-dir /etc\n' >rules
explain() { imagetrim explain docker-archive:image.tar "$@" || echo "status $?"; }
explain one two --rules rules --include '/usr/lib/apko*' /bin/tool /lib/libtool.so.1 \
	/lib/apkfile /usr/bin/app /usr /usr/share/less /etc/tool.conf /usr/bin/other \
	/usr/lib/apkother /usr/share/doc/tool
explain one two /tmp/new /nope
# The order of logs makes no difference but to the order in which they are told.
explain two one --json /lib/apkfile | python3 -c '
import json, sys
path = json.load(sys.stdin)["paths"][0]
print(path["leads_to"], path["kept"], path["package"], path["layer"]["number"])
for use in sorted(path["uses"], key=lambda u: u["access"]):
    print(use["access"], use["program"], sorted(run["pod"] for run in use["runs"]))'
# Which operands are logs
cp one name.tlog
imagetrim merge -q -o name.tlog one >/dev/null
explain "$PWD/name.tlog" /bin/tool | head -1
explain "$PWD/one" -- /bin/tool | head -1
explain "$PWD/one" /bin/tool
explain one
explain one -- bin/tool
