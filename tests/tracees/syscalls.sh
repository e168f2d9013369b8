#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# syscalls.sh IMAGETRIM-TRACER IMAGETRIM TRACEE...: with --syscalls each call that strace sees is in the
# log, once, and all engines tell the same calls, of the tracees and of a python with threads and
# children, too; seccomp makes one profile of them. 77 without strace.
set -eu

command -v strace >/dev/null || { echo "strace is not installed" && exit 77; }
tracer=$(realpath "$1") imagetrim=$(realpath "$2")
shift 2
for tracee; do
	set -- "$@" "$(realpath "$tracee")"
	shift
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
program='mkdir a; (cd a && ls / >/dev/null); rmdir a'
python='import asyncio, concurrent.futures, json, socket, sqlite3, ssl, subprocess, tempfile, threading
thread = threading.Thread(target=sum, args=([1],))
thread.start()
thread.join()
subprocess.run(["ls", "/"], stdout=subprocess.DEVNULL, check=True)
with tempfile.TemporaryDirectory() as d:
    sqlite3.connect(d + "/x").execute("create table t(a)").connection.commit()
asyncio.run(asyncio.sleep(0.01))'

# record ENGINE NAME COMMAND...: NAME.ENGINE gets the calls, a line each.
record() {
	engine=$1 name=$2
	shift 2
	mkdir "$name.$engine.log"
	"$tracer" --syscalls --engine "$engine" --log-dir "$name.$engine.log" -- "$@" >/dev/null
	"$imagetrim" dump "$name.$engine.log"/*.tlog >text
	grep -q "^  engine=$engine\$" text || { echo "the engine is not $engine" && exit 1; }
	sed -n 's/^note syscall 1 \([a-z0-9_]* [0-9]*\)$/\1/p' text | sort >"$name.$engine"
	[ -z "$(uniq -d "$name.$engine")" ] || { echo "$engine: more than once" && exit 1; }
}

strace -f -n -qq -e signal=none -o seen sh -c "$program" || { echo "strace does not work here" && exit 77; }
# What a signal's end is made of has no place in the log.
grep -Ev 'rt_sigreturn|restart_syscall' seen | sed -n 's/^[0-9]* *\[ *\([0-9]*\)\] .*/\1/p' | sort -u >wanted
[ -s wanted ]
for engine in plain ptrace notify; do
	record "$engine" shell sh -c "$program"
	record "$engine" python python3 -c "$python"
	# Nothing more than strace sees, either: what the tracer itself does before is not the program's.
	sed 's/.* //' "shell.$engine" | sort | diff wanted - || { echo "$engine: not what strace saw" && exit 1; }
	for tracee; do
		T=$work/w ENGINE=$engine
		export T ENGINE
		rm -rf w
		mkdir w
		(cd w && "$tracee" setup >/dev/null)
		record "$engine" "${tracee##*/}" env -C w "$tracee"
	done
done
for name in shell python "$@"; do
	for engine in ptrace notify; do
		diff "${name##*/}.plain" "${name##*/}.$engine" || { echo "$name: $engine differs" && exit 1; }
	done
	"$imagetrim" seccomp "${name##*/}".plain.log/*.tlog >profile
	"$imagetrim" seccomp "${name##*/}".notify.log/*.tlog | cmp profile -
done

"$imagetrim" merge ./*.log/*.tlog -o merged.tlog
"$imagetrim" seccomp ./*.log/*.tlog >profile
"$imagetrim" seccomp merged.tlog | cmp profile -
grep -q '"rmdir"' profile || { echo "rmdir is not in the profile" && exit 1; }
if grep -q '"reboot"' profile; then exit 1; fi
