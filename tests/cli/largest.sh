# SPDX-License-Identifier: Apache-2.0
# --report tells of the ten largest directories and packages, kept and removed, largest first, of
# more; without it of three; and --removed of every file that is gone.
golden=$(dirname "$0")/../golden
{
	echo 'config {"Cmd": ["/d1/kept"]}'
	echo layer
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		text=$(head -c $((i * 10)) /dev/zero | tr '\0' x)
		printf 'dir d%s 0755 0:0\n' $i
		printf 'file d%s/kept 0755 0:0 "%s"\n' $i "$text"
		printf 'file d%s/removed 0644 0:0 "%s"\n' $i "$text$text"
	done
	printf '%s\n' 'dir var 0755 0:0' 'dir var/lib 0755 0:0' 'dir var/lib/dpkg 0755 0:0' \
		'dir var/lib/dpkg/info 0755 0:0'
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		printf 'file var/lib/dpkg/info/p%s.list 0644 0:0 "/d%s/kept\\n/d%s/removed\\n"\n' $i $i $i
	done
	echo paths
} >image.in
python3 "$golden/golden.py" --archive image.in image.tar
seq 1 12 | sed 's|.*|/d&/kept|' >paths
for how in "" --report; do
	imagetrim trim docker-archive:image.tar paths -t docker-archive:small.tar $how --removed removed
done
wc -l <removed
grep -c '/removed$' removed
awk '{ n += $1 } END { print n " bytes removed" }' removed
