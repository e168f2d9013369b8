# SPDX-License-Identifier: Apache-2.0
# The good part of a damaged log is used, and the person is told.
{
	printf '# imagetrim log 1\nheader\n  host=h\n'
	i=1
	while [ "$i" -le 3000 ]; do
		echo "path $i read 0 /some/longer/path/to/fill/frames/$i"
		i=$((i + 1))
	done
} >log.txt
imagetrim merge -o log.tlog log.txt
size=$(stat -c %s log.tlog)
printf 'X' | dd of=log.tlog bs=1 seek=$((size - 3000)) conv=notrunc 2>/dev/null
imagetrim merge -o out.tlog log.tlog
imagetrim dump out.tlog | grep note
printf 'not a log' >junk
imagetrim dump junk
