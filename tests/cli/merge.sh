# SPDX-License-Identifier: Apache-2.0
# A union: commutative, idempotent, the same bytes.
mk() { printf '# imagetrim log 1\nheader\n  started=%s\n  host=%s\npath 1 exec 0 /bin/%s\npath 2 read 1 /lib/c\n' "$1" "$2" "$2" >"$2.txt"; imagetrim merge -o "$2.tlog" "$2.txt"; }
mk 2000 b
mk 1000 a
mk 30 c
imagetrim merge -o abc a.tlog b.tlog c.tlog
imagetrim merge -o cba c.tlog b.txt a.tlog
imagetrim merge -o twice abc cba a.tlog
cmp abc cba && cmp abc twice && echo same
mkdir d e d/sub
mv a.tlog d/
mv b.tlog d/sub
mv c.tlog d
imagetrim merge -o dir d
cmp abc dir && echo same
imagetrim merge -o none e
imagetrim merge --json -o json d
imagetrim dump abc
ls
# Notes of misses name their two paths, if the log has them; their text is the same.
cat >misses.txt <<LOG
# imagetrim log 1
header
  host=m
path 1 exec 0 /bin/looker
path 2 miss 1 /etc/looked-for
note misses 300 /bin/looker//etc/looked-for
note misses 2 //etc/looked-for
note misses 3 /bin/other//etc/looked-for
note misses 4 /bin/looker
note unreadable 1 /bin/looker//etc/looked-for
LOG
imagetrim merge -q -o misses misses.txt
imagetrim merge -q -o again misses
cmp misses again && imagetrim dump misses | grep '^note'
grep -ao '/bin/looker//etc' misses
