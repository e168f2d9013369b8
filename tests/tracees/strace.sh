#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No path that strace shows as a success is missing in our log.
# shellcheck disable=SC2016 # perl's variables are not the shell's
# usage: strace.sh TRACER TDUMP WORKLOAD
# The workload runs once under each; a path that the one run made for itself (temporary names)
# is left out by a name that tells it: the directory of the run.
set -u
tracer=$(realpath "$1") tdump=$(realpath "$2") workload=$3
command -v strace >/dev/null || exit 77
dir=$(mktemp -d "${TMPDIR:-/tmp}/compare.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/log" "$dir/w"
cd "$dir/w" || exit 1
HOME=$dir/w
export HOME

case $workload in
script)
	cat >run <<'END'
#!/bin/sh
cd /etc && ls -l . >/dev/null && cat passwd hosts >/dev/null
for f in /usr/bin/env /bin/sh; do readlink -f "$f"; done
echo hello | sed s/h/j/ | sort
find /usr/share/doc/dpkg /etc/default -type f | xargs wc -c | tail -n 1
cd / && test -e usr/../etc/./passwd && test -d lib/..
END
	chmod +x run
	set -- ./run ;;
python)
	[ -x /usr/bin/python3 ] || exit 77
	set -- /usr/bin/python3 -c 'import json, os, sqlite3, ssl, subprocess, email.mime.text, decimal, glob
subprocess.run(["true"]); print(len(glob.glob("/etc/*")), os.listdir("/usr/lib")[0] != "")' ;;
perl)
	[ -x /usr/bin/perl ] || exit 77
	set -- perl -MFile::Find -MPOSIX -MSocket -e 'find(sub { -s $_ }, "/etc/default"); print `id -u`;' ;;
git)
	[ -x /usr/bin/git ] || exit 77
	git init -q repo && cd repo || exit 1
	echo x >file
	git -c user.name=a -c user.email=a@b add . &&
		git -c user.name=a -c user.email=a@b commit -qm m || exit 77
	set -- git log --stat ;;
make)
	command -v gcc >/dev/null && command -v make >/dev/null || exit 77
	for i in 1 2 3 4; do echo "int f$i(void); int f$i(void) { return $i; }" >f$i.c; done
	printf 'all: f1.o f2.o f3.o f4.o\n%%.o: %%.c\n\t@gcc -c -o $@ $<\n' >Makefile
	set -- sh -c 'make -s -j2 && rm -f *.o' ;;
esac

"$@" >/dev/null 2>&1 </dev/null # caches are made now, not in one of the runs
strace -f -y -qq -s 4096 -e trace=%file -o "$dir/strace" "$@" >/dev/null 2>&1 </dev/null
"$tracer" --log-dir "$dir/log" -- "$@" >/dev/null 2>&1 </dev/null
"$tdump" "$dir"/log/*.tlog | sed 's/^[^ ]* //' | LC_ALL=C sort -u >"$dir/ours"

# Successes of strace: the first path of a call, made absolute where a directory stands by it.
sed -n -E '
	/ = -1 E/d; / = \?/d; /<unfinished/d; /resumed>/d; /getcwd\(/d
	s/^[0-9]+ +[a-z0-9_]+\(([A-Z_0-9]+<[^>]*>, )?"(\/[^"\\]*)".*/\2/p; t
	s/^[0-9]+ +[a-z0-9_]+\([A-Z_0-9]+<(\/[^>]*)>, "([^"\\]+)".*/\1\/\2/p
' "$dir/strace" | sed -E 's|/(\./)+|/|g; s|//+|/|g; s|(.)/\.?$|\1|' |
	grep -Ev '^/(proc|sys|dev)(/|$)|^/tmp/cc' | LC_ALL=C sort -u >"$dir/theirs"

n=$(wc -l <"$dir/theirs")
[ "$n" -gt 10 ] || { echo "strace shows only $n paths" >&2; exit 1; }
LC_ALL=C comm -23 "$dir/theirs" "$dir/ours" >"$dir/missing"
echo "$workload: strace $n paths, ours $(wc -l <"$dir/ours"), missing $(wc -l <"$dir/missing")"
[ ! -s "$dir/missing" ] || { head -n 20 "$dir/missing" >&2; exit 1; }
