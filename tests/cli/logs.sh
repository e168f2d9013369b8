# SPDX-License-Identifier: Apache-2.0
# A line a run, in order of start; NEW is by image and does not count mounts and misses.
run() { # START IMAGE-DIGIT EXTRA... -> text log; PATHS on stdin
	printf '# imagetrim log 1\nheader\n  arch=amd64\n  image=sha256:%d%063d\n  started=%s\n' "$2" 0 "$1"
	shift 2
	printf '  %s\n' mount=/proc mount=/ "$@"
	n=0
	while read -r ops path; do
		n=$((n + 1))
		printf 'path %s %s 0 %s\n' "$n" "$ops" "$path"
	done
}
mkdir d
run 1780000002000000000 1 pod=web-7d4-x2 host=web-7d4-x2 container=web >two <<P
read /etc/a
read /etc/c
read /proc/1/status
miss /nowhere
P
run 1780000001000000000 1 host=h >one <<P
read /etc/a
read /etc/b
P
printf 'note unreadable 3 some\nend\n' >>one
run 1780000003000000000 1 host=h 'container=a b' >three <<P
read /etc/b
P
run 1780000004000000000 2 host=other >four <<P
read /etc/b
P
for f in one two three four; do imagetrim merge -q -o "d/$f.tlog" "$f" >/dev/null; done
imagetrim logs d
imagetrim merge -o all d
imagetrim logs all
printf '/etc/z\n' >list
imagetrim logs list
imagetrim logs --json d/two.tlog d/one.tlog
imagetrim logs nothing
