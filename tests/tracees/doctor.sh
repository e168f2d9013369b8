#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What imagetrim-tracer doctor says, in places that lack something.
# usage: doctor.sh TRACER REFUSE CASE
set -u
tracer=$(realpath "$1") refuse=$(realpath "$2") case=$3
dir=$(mktemp -d "${TMPDIR:-/tmp}/doctor.XXXXXX") || exit 1
trap 'umount "$dir/log" 2>/dev/null; rm -rf "$dir"' EXIT
mkdir "$dir/log" && chmod 1777 "$dir/log" && chmod 755 "$dir" && cp "$tracer" "$dir/tracer" || exit 1
tracer=$dir/tracer

fail() {
	echo "FAILED: $*" >&2
	cat "$dir/out" >&2
	exit 1
}
# doctor STATUS [PREFIX...]: it ends so; its text is in out.
doctor() {
	want=$1 status=0
	shift
	"$@" "$tracer" doctor --log-dir "$dir/log" >"$dir/out" 2>&1 || status=$?
	[ "$status" = "$want" ] || fail "$* doctor ended with $status, not $want"
}
# row STATE NAME TEXT: there is such a row, TEXT a regular expression.
row() {
	grep -Eq "^$1 +$2 +$3" "$dir/out" || fail "no row '$1 $2 $3'"
}
need_root() {
	[ "$(id -u)" = 0 ] || exit 77
}

case $case in
everything)
	# Each row once, whatever it says; nothing stays behind.
	"$tracer" doctor --log-dir "$dir/log" >"$dir/out" 2>&1
	sed -En 's/^(ok|less|NO) +([a-z_-]+) .*/\2/p' "$dir/out" | tr '\n' ' ' >"$dir/rows"
	[ "$(cat "$dir/rows")" = "kernel user capabilities no_new_privs seccomp yama proc tracer ptrace \
filter listener sync-wake-up engine keeper memory io_uring log " ] || fail "other rows: $(cat "$dir/rows")"
	[ -z "$(ls -A "$dir/log")" ] || fail "something was left in the log directory"
	# Where it says that recording works it does.
	if tail -n 1 "$dir/out" | grep -q '^recording works here'; then
		"$tracer" --log-dir "$dir/log" -- /bin/true || fail "the command failed"
		[ -n "$(ls "$dir/log")" ] || fail "no log"
	fi
	;;
capabilities)
	need_root
	doctor 0
	row ok capabilities 'CAP_SYS_PTRACE yes, CAP_SYS_ADMIN yes'
	doctor 0 setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace
	row less capabilities 'CAP_SYS_PTRACE no, CAP_SYS_ADMIN yes'
	doctor 0 setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all
	row ok user 'uid 1000, gid 1000'
	row less capabilities 'CAP_SYS_PTRACE no, CAP_SYS_ADMIN no'
	row ok no_new_privs 'not set'
	row ok filter 'with no_new_privs only'
	doctor 0 setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all --no-new-privs
	row ok no_new_privs 'set:'
	;;
profile)
	doctor 0 "$refuse" io_uring_setup,process_vm_readv
	row ok seccomp 'a profile, filters: [0-9]+'
	row ok io_uring 'not to be had here \(Operation not permitted\)'
	row ok memory 'by /proc/PID/mem$'
	row ok ptrace ''
	;;
refused)
	doctor 1 "$refuse" ptrace,seccomp
	row NO ptrace 'Operation not permitted'
	grep -q '(--cap-add SYS_PTRACE, or a seccomp profile' "$dir/out" || fail "no advice"
	grep -q '^recording will not work here: ptrace$' "$dir/out" || fail "no verdict"
	# A listener does without.
	doctor 0
	if grep -Eq '^ok +sync-wake-up' "$dir/out"; then
		doctor 0 "$refuse" ptrace
		row less ptrace 'Operation not permitted'
		row ok engine 'notify: .*'
	fi
	doctor 0 "$refuse" seccomp
	row less filter 'Operation not permitted'
	row less listener 'Operation not permitted'
	row less sync-wake-up ''
	;;
traced)
	command -v strace >/dev/null || exit 77
	doctor 1 env IMAGETRIM_ENGINE=ptrace strace -o /dev/null
	row NO tracer 'this process is traced by process [0-9]+'
	;;
log)
	rmdir "$dir/log"
	doctor 1
	row NO log "$dir/log: No such file or directory"
	grep -q '(mount a volume there' "$dir/out" || fail "no advice"
	need_root
	mkdir -m 755 "$dir/log"
	doctor 1 setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all
	row NO log "$dir/log: Permission denied"
	mount -t tmpfs -o size=64k,mode=1777 none "$dir/log" || exit 77
	doctor 0
	row less log "$dir/log can be written, 0 MB free"
	dd if=/dev/zero of="$dir/log/full" 2>/dev/null
	doctor 1
	row NO log "$dir/log: No space left on device"
	;;
words)
	for words in 'doctor /bin/true' 'doctor --no-such'; do
		# shellcheck disable=SC2086  # several words
		"$tracer" $words >"$dir/out" 2>&1
		[ $? = 125 ] || fail "'$words' did not end with 125"
	done
	# Anything else is a command, also one of that name.
	ln -s /bin/echo "$dir/doctor"
	[ "$(PATH=$dir "$tracer" --log-dir "$dir/log" -- doctor a b)" = 'a b' ] ||
		fail "a command named doctor was not run"
	"$tracer" doctor --help | grep -q '^usage: ' || fail "no help"
	;;
esac
