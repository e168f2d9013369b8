# SPDX-License-Identifier: Apache-2.0
# A log cut at any byte is used up to its last whole frame, without a warning.
printf '/a\n/b/c\n/d\n' >list
imagetrim merge -o full.tlog list
size=$(stat -c %s full.tlog)
n=0
while [ "$n" -lt "$size" ]; do
	head -c "$n" full.tlog >cut.tlog
	imagetrim merge -q -o out.tlog cut.tlog >/dev/null || echo "cut at $n: $?"
	n=$((n + 1))
done
# A merged log is written in small frames: a cut costs what stands at its end only.
seq 200 | sed 's|^|/some/path/of/a/longer/log/|' >list
imagetrim merge -o long.tlog list
size=$(stat -c %s long.tlog)
head -c $((size - 3)) long.tlog >cut.tlog
[ "$(imagetrim dump --paths cut.tlog | wc -l)" -gt 100 ] && echo "most paths are there"
