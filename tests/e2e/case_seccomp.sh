# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # rc, out, err: set by try
# Profiles of system calls: a trimmed image runs under its own, and nothing else does.

# shellcheck source=tests/e2e/case_apps.sh
. "${here:?}/case_apps.sh"

# profile LOG: writes LOG.json and says how to use it.
profile() {
	need "$IMAGETRIM" seccomp "$1"
	printf '%s\n' "$out" >"$1.json"
	PROFILE=(--security-opt "seccomp=$PWD/$1.json")
}

# under NAME IMAGE: starts a service with the profile.
under() {
	eng run -d --name "$1" --pull never "${PROFILE[@]}" "$2" >/dev/null
	STARTED+=("$1")
}

test_seccomp_redis() {
	need it run redis:t -t redis:sys -o redis.tlog --syscalls \
		--exec "redis-cli PING" --exec "redis-cli SET a b" --exec "redis-cli GET a"
	profile redis.tlog
	under server redis:sys
	until_ok 10 eng exec server redis-cli PING
	same SET OK "$(eng exec server redis-cli SET key value)"
	same GET value "$(eng exec server redis-cli GET key)"
	eng stop -t 5 server >/dev/null
	same "end of the server" "exited 0" "$(container_status server)"
}

test_seccomp_nginx() {
	nginx_image
	cat >drive.sh <<-'DRIVE'
		for i in 1 2 3 4 5 6 7 8 9 10; do
			python3 -c 'import sys, urllib.request as u
		u.urlopen(sys.argv[1], timeout=5)' "http://$IMAGETRIM_ADDRESS/" 2>/dev/null && exit
			sleep 1
		done
		exit 1
	DRIVE
	need it run nginx:t -t nginx:sys -o nginx.tlog --syscalls --drive "sh $PWD/drive.sh"
	profile nginx.tlog
	under web nginx:sys
	until_ok 10 fetch "$(address web)" /
	same page "<h1>it works</h1>" "$(fetch "$(address web)" /)"
	eng stop -t 5 web >/dev/null
	same "end of nginx" "exited 0" "$(container_status web)"
}

# What no run did: sync(2), here of Python.
test_seccomp_python() {
	python_image
	need it run python:t -t python:sys -o python.tlog --syscalls -- main.py one
	profile python.tlog
	try erun python:sys main.py one
	same "status without a profile" 0 "$rc"
	local want=$out
	need eng run --rm --pull never "${PROFILE[@]}" python:sys main.py one
	same "what it prints under the profile" "$want" "$out"
	local program='import ctypes; print(ctypes.CDLL(None, use_errno=True).syscall(162), ctypes.get_errno())'
	need it run python:t -t python:sync -o sync.tlog --syscalls -- -c "${program/162/39}"
	profile sync.tlog
	need eng run --rm --pull never "${PROFILE[@]}" python:sync -c "$program"
	# ENOSYS, but EPERM where Docker does not read defaultErrnoRet.
	local errno=38
	[ "$ENGINE" != docker ] || case $(docker version -f '{{.Server.Version}}') in
	1?.* | 20.*) errno=1 ;;
	esac
	same "a call outside" "-1 $errno" "$out"
}

# By what a call is seen makes no difference.
test_seccomp_engines() {
	local by
	python_image
	for by in auto plain ptrace notify; do
		need it run python:t -t python:by -o "$by.tlog" --syscalls \
			--engine-arg "--env IMAGETRIM_ENGINE=$by" --engine-arg "--env IMAGETRIM_NO_NEW_PRIVS=yes" -- main.py one
		need "$IMAGETRIM" dump "$by.tlog"
		[ "$by" = auto ] && by=ptrace
		has "engine" "$out" "^  engine=$by\$"
	done
	for by in auto plain ptrace notify; do
		need "$IMAGETRIM" seccomp "$by.tlog"
		same "profile of $by" "$(cat auto.profile 2>/dev/null || echo "$out")" "$out"
		printf '%s\n' "$out" >"$by.profile"
	done
}
