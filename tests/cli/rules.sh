# SPDX-License-Identifier: Apache-2.0
# Rules files: which are read, and what is wrong with a line of them
golden=$(dirname "$0")/../golden
python3 "$golden/golden.py" --archive "$golden/cases/options.in" image.tar
echo /etc/d/c.conf >paths
trim() {
	imagetrim trim docker-archive:image.tar paths -t docker-archive:small.tar -q "$@" >/dev/null
	status=$?
	[ "$status" -eq 0 ] || echo "status $status"
	[ -e small.tar ] && tar -xOf small.tar manifest.json >/dev/null && rm small.tar && echo made
}
wrong() {
	printf %b "$1" >rules
	trim --rules rules
}
wrong '\n# fine\n\nkeep /share\nkeeps /share\n'
wrong 'keep\n'
wrong 'drop   # nothing\n'
wrong 'keep-dir\t'
wrong 'keep-package a b\n'
wrong 'preset\n'
wrong 'preset ca-cert\n'
wrong 'keep-cmd sh -c "open\n'
wrong 'keep /a\0000b\n'
head -c 1100000 /dev/zero | tr '\0' '\n' >rules
trim --rules rules
trim --rules absent
trim --rules .
wrong 'keep /share'
wrong ''
wrong 'keep /share\r\n\r\n'
# .imagetrim is for when no file is named.
echo 'bad' >.imagetrim
trim
trim --no-rules
trim --rules rules
rm .imagetrim
mkdir .imagetrim
trim
# A run reads its rules before it looks for an engine.
printf 'keep' >rules
imagetrim run image --rules rules --engine none || echo "status $?"
