# SPDX-License-Identifier: Apache-2.0
# Logs that tell of losses are refused; what each means is said; a log that just ends is fine
golden=$(dirname "$0")/../golden
python3 "$golden/golden.py" --archive "$golden/cases/options.in" image.tar
log() { # NOTES -> a log
	printf '# imagetrim log 1\nheader\n  arch=amd64\npath 1 read 0 /etc/d/c.conf\n'
	printf 'note %s\n' "$@"
}
trim() {
	imagetrim trim docker-archive:image.tar run.tlog -t docker-archive:small.tar -q "$@" >/dev/null
	echo "status $?: $(echo small*)"
	rm -f small.tar
}
try() {
	log "$@" >run.tlog
	trim
	trim --accept-incomplete
}
try 'unreadable 3 memory'
try 'lost 2 ' 'unreadable 1 why'
try 'io_uring 1 allowed'
try 'damaged 1 at byte 7'
# No losses: refused, not allowed; how a command ended; and what only needs a word
try 'io_uring 4 io_uring_setup'
try 'exit 1 killed 9' 'setid 1 /usr/bin/su'
# Cut, then damaged
log 'exit 1 exited 0' >text
i=2
while [ "$i" -le 300 ]; do
	echo "path $i read 0 /some/longer/path/to/fill/frames/$i"
	i=$((i + 1))
done >>text
imagetrim merge -q -o run.tlog text >/dev/null
size=$(stat -c %s run.tlog)
truncate -s $((size - 3)) run.tlog
trim
imagetrim merge -q -o run.tlog text >/dev/null
printf 'X' | dd of=run.tlog bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
{ trim && trim --accept-incomplete; } 2>&1 | sed 's/at byte [0-9]*/at byte N/'
