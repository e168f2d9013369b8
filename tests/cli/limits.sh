# SPDX-License-Identifier: Apache-2.0
# --limit: what can be raised, what is said when a limit is reached, and that raising it helps
imagetrim limits
imagetrim limits --limit layers=5 --limit layer-size=65GiB | grep -E '^layer(s|-size) '
imagetrim limits --limit layer=5 || echo "status $?"
imagetrim limits --limit yaml-size=2GiB || echo "status $?"

golden=$(dirname "$0")/../golden
python3 "$golden/golden.py" --archive "$golden/cases/options.in" image.tar
echo /etc/d/c.conf >paths
trim() {
	imagetrim trim docker-archive:image.tar paths -t docker-archive:small.tar -q "$@" >/dev/null
	echo "status $?: $(echo *)"
	rm -f small.tar
}
trim --limit files=5
trim --limit layers=100 --limit archive-entries=2
trim --limit log-size=3
python3 "$golden/golden.py" --archive "$golden/cases/packages.in" image.tar
trim --limit program-size=64 --include /usr/bin/tool

pod='{"kind":"Pod","spec":{"containers":[{"name":"a","image":"web:1"}]}}'
echo "$pod" | imagetrim kube instrument --image web=rec --volume emptydir --limit yaml-size=20
echo "status $?"
