# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Test bed: packages, images made from Debian packages, a Docker Engine and a
# podman of our own.
#
# in:   the machine's apt configuration; root
# out:  image tars in a directory; an engine that knows nothing of the
#       machine's own engine
# never: asks a registry, touches the machine's engines, its bridge, its
#       firewall rules or its container configuration
#
# To be sourced.  Set by these functions: BED (this engine's directory, a tmpfs
# where memory allows), DOCKER_HOST or CONTAINERS_CONF.  Everything that could
# outlive a test lives in namespaces of its own (bed_enter), so the end of the
# run is the end of all of it.

bed_say() { printf '%s\n' "$*" >&2; }

bed_die() {
	bed_say "bed: $*"
	exit 1
}

# --- packages ----------------------------------------------------------------

# bed_need PACKAGE[=COMMAND]...: installs what is missing; silent when all are
# there. With a command named, that is enough: a Docker from elsewhere must not
# be replaced by Debian's.
bed_need() {
	local missing=() p log
	for p; do
		if [[ $p == *=* ]]; then
			PATH=$PATH:/usr/sbin:/sbin command -v "${p#*=}" >/dev/null ||
				missing+=("${p%%=*}")
		else
			dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null |
				grep -qx installed || missing+=("$p")
		fi
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	[ "$(id -u)" = 0 ] || bed_die "run as root, or install: ${missing[*]}"
	bed_say "installing: ${missing[*]}"
	log=$(mktemp)
	bed_apt "$log" update
	# --no-remove: rather fail than take away what the user has.
	bed_apt "$log" install -y --no-remove --no-install-recommends "${missing[@]}"
	rm -f "$log"
}

# The daemons that come with some packages (docker.io, redis) must not start.
bed_apt() {
	local log=$1 policy=/usr/sbin/policy-rc.d made=0 rc=0
	shift
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && made=1
	fi
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
		-o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1 </dev/null || rc=$?
	[ $made = 0 ] || rm -f $policy
	[ $rc = 0 ] || {
		tail -n 20 "$log" >&2
		bed_die "apt-get $1 failed; is the Debian mirror reachable?"
	}
}

# --- images ------------------------------------------------------------------

# The Debian sources this machine's apt uses, as one-line sources: mmdebstrap
# then goes the same way as apt does (mirror, proxy, snapshot).
bed_sources() {
	# shellcheck disable=SC2016  # the $(...) are apt's, not the shell's
	apt-get indextargets 'Created-By: Packages' \
		--format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)|$(ORIGIN)' |
		sed -n 's/|Debian$//p' | sort -u
}

# The machine's own apt settings that decide how archives are reached.
bed_apt_options() {
	apt-config dump | sed -n 's/^Acquire::\(Check-\|http\|https\|ftp\)/--aptopt=&/p'
}

# bed_debian OUT.tar PACKAGES: a Debian root with the packages.  The same
# packages give the same bytes (SOURCE_DATE_EPOCH), so images can be compared.
bed_debian() {
	local out=$1 include=$2 options
	# shellcheck disable=SC1091
	. /etc/os-release
	mapfile -t options < <(bed_apt_options)
	# shellcheck disable=SC2016  # $1 is the hook's
	bed_sources | SOURCE_DATE_EPOCH=1700000000 bed_in_memory mmdebstrap \
		--quiet --mode=root --variant=minbase --include="$include" \
		"${options[@]}" \
		--customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"' \
		--format=tar "$VERSION_CODENAME" "$out.part" - &&
		mv "$out.part" "$out"
}

bed_memory_is_ample() {
	[ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt 10000000 ]
}

# bed_in_memory COMMAND...: with its temporary files in a tmpfs of its own, if
# there is memory for it: a third quicker (40 s -> 26 s for one image).
bed_in_memory() {
	if ! bed_memory_is_ample; then
		"$@"
		return
	fi
	local dir rc=0
	dir=$(mktemp -d)
	# shellcheck disable=SC2016  # the inner shell's
	TMPDIR=$dir unshare --mount bash -c \
		'mount -t tmpfs -o size=3G tmpfs "$TMPDIR" && "$@"' bash "$@" || rc=$?
	rmdir "$dir"
	return $rc
}

# busybox from Debian's static package, its applets as links, a script as the
# program and a good deal that nobody reads.
bed_busybox() (
	local out=$1 work a
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	mkdir -p "$work"/deb "$work"/root/{bin,etc,app,tmp,usr/share/doc,srv/data}
	cd "$work/deb" || exit
	chmod 755 "$work" . # apt's own user writes here
	apt-get -qq download busybox-static >/dev/null 2>&1 ||
		bed_die "cannot download busybox-static"
	dpkg-deb -x busybox-static_*.deb .
	cp -p bin/busybox ../root/bin/busybox
	cd ../root || exit
	for a in sh true cat ls grep sed sleep wc id env touch mkdir rm wget nc; do
		ln -s busybox bin/$a
	done
	ln bin/busybox bin/hard
	printf 'root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n' >etc/passwd
	printf 'root:x:0:\nuser:x:1000:\n' >etc/group
	printf 'one\ntwo\nthree\n' >srv/data/lines
	ln -s ../srv/data app/data
	bed_script >app/run.sh
	chmod 755 app/run.sh
	chmod 1777 tmp
	head -c 3000000 /dev/zero >usr/share/doc/unread
	tar -C . --sort=name --numeric-owner --owner=0 --group=0 --mtime=@1700000000 \
		-cf "$out.part" . && mv "$out.part" "$out"
)

bed_script() {
	cat <<'SCRIPT'
#!/bin/sh
# Prints the same each time; with an argument does one thing more.
echo "args: $*"
grep -c . /app/data/lines
sed -n 2p /app/data/../lines 2>/dev/null || sed -n 2p /srv/data/lines
cd /srv/data && cat lines | wc -l
case $1 in
exit) exit "$2" ;;
loop) trap 'echo term; exit 7' TERM; echo ready; while :; do sleep 0.1; done ;;
write) echo hello >/tmp/new && cat /tmp/new ;;
esac
exit 0
SCRIPT
}

# All tars, in the directory named; two at a time, once.
bed_images_make() {
	local dir=$1 jobs=() job
	mkdir -p "$dir"
	if [ ! -e "$dir/redis.tar" ]; then
		bed_debian "$dir/redis.tar" redis-server &
		jobs+=($!)
	fi
	if [ ! -e "$dir/services.tar" ]; then
		bed_debian "$dir/services.tar" python3,nginx-light &
		jobs+=($!)
	fi
	[ -e "$dir/busybox.tar" ] || bed_busybox "$dir/busybox.tar"
	for job in "${jobs[@]}"; do
		wait "$job" || bed_die "mmdebstrap failed (output above)"
	done
}

# --- namespaces --------------------------------------------------------------

# bed_enter COMMAND...: runs it with a network, mounts and processes of its
# own.  A second dockerd on a machine would otherwise take docker0 from the
# first, and nothing started inside can outlive the command.
bed_enter() {
	BED_PRIVATE=1 unshare --net --mount --pid --fork --kill-child --mount-proc "$@"
}

# First thing inside: a network of our own needs its loopback, and what
# engines leave in /run belongs to nobody else.
bed_private() {
	[ "${BED_PRIVATE-}" = 1 ] || bed_die "call bed_private inside bed_enter"
	ip link set lo up
	mount -t tmpfs tmpfs /run
	BED=$1
	mkdir -p "$BED"
	# Unpacking layers is three times as fast in memory.
	if bed_memory_is_ample; then
		mount -t tmpfs -o size=5G tmpfs "$BED"
	fi
	mkdir -p "$BED/tmp"
	export BED
}

# --- Docker ------------------------------------------------------------------

# bed_docker_start [CONFIG]: the dockerd that PATH has, on a private socket.
bed_docker_start() {
	local try
	[ "${BED_PRIVATE-}" = 1 ] || bed_die "bed_docker_start outside bed_enter"
	echo "${1-{\}}" >"$BED/daemon.json"
	mkdir -p "$BED/docker-config"
	export DOCKER_HOST=unix://$BED/docker.sock DOCKER_CONFIG=$BED/docker-config
	unset DOCKER_CONTEXT
	dockerd --config-file "$BED/daemon.json" --host "$DOCKER_HOST" \
		--data-root "$BED/docker" --exec-root "$BED/docker-exec" \
		--pidfile "$BED/docker.pid" --cgroup-parent "/imagetrim-e2e-$$" \
		>"$BED/dockerd.log" 2>&1 </dev/null &
	BED_DOCKER_PID=$!
	for try in $(seq 150); do
		docker info >/dev/null 2>&1 && return 0
		kill -0 "$BED_DOCKER_PID" 2>/dev/null || break
		sleep 0.2
	done
	tail -n 15 "$BED/dockerd.log" >&2
	bed_die "dockerd did not answer (try $try)"
}

bed_docker_stop() {
	[ -n "${BED_DOCKER_PID-}" ] || return 0
	kill "$BED_DOCKER_PID" 2>/dev/null || :
	wait "$BED_DOCKER_PID" 2>/dev/null || :
	BED_DOCKER_PID=
	bed_cgroups_remove "imagetrim-e2e-$$"
}

# Empty control groups would stay until the next boot.
bed_cgroups_remove() {
	find /sys/fs/cgroup -depth -type d -path "*/$1*" -exec rmdir {} + 2>/dev/null || :
}

# --- podman ------------------------------------------------------------------

# bed_podman_config DIR CONTAINERS ENGINE: static_dir and volume_path must stay
# where podman puts them itself (below graphroot): the clean-up process that
# conmon starts does not see our configuration, looks there, and podman waits
# 20 s for it at the end of every container otherwise.
bed_podman_config() {
	local dir=$1
	cat >"$dir/storage.conf" <<E
[storage]
driver = "${BED_PODMAN_DRIVER:-overlay}"
graphroot = "$dir/graph"
runroot = "$dir/run"
E
	cat >"$dir/containers.conf" <<E
[containers]
$2
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "$dir/tmp"
$3
[network]
network_config_dir = "$dir/net"
E
	export CONTAINERS_CONF=$dir/containers.conf
	export CONTAINERS_STORAGE_CONF=$dir/storage.conf
}

# Podman's own idea of the limits, where it may not raise them: nofile not
# above the hard limit, nproc not above pid_max, to which podman lowers its own.
bed_podman_limits() {
	local files procs
	files=$(ulimit -Hn)
	[ "$files" = unlimited ] && files=20000
	procs=$(ulimit -Hu)
	if [ "$procs" = unlimited ] || [ "$procs" -gt 32768 ]; then
		procs=32768
	fi
	printf 'default_ulimits = ["nofile=%s:%s","nproc=%s:%s"]' \
		"$files" "$files" "$procs" "$procs"
}

# bed_podman_setup DIR TAR COMMAND...: podman with configuration and storage
# below DIR.  What it needs is found by trying the command in an image of TAR:
# nothing, runc, limits, both; each on overlay, then vfs (overlay on overlay).
bed_podman_setup() {
	local dir=$1 tar=$2 log=$1/probe.log limits driver set
	shift 2
	mkdir -p "$dir/tmp"
	limits=$(bed_podman_limits)
	: >"$log"
	for driver in overlay vfs; do
		BED_PODMAN_DRIVER=$driver
		bed_podman_config "$dir" "" ""
		podman import -q "$tar" imagetrim-probe >>"$log" 2>&1 || {
			rm -rf "$dir/graph"
			continue
		}
		for set in '|' '|runtime = "runc"' "$limits|" "$limits|runtime = \"runc\""; do
			bed_podman_config "$dir" "${set%%|*}" "${set#*|}"
			if podman run --rm --pull never --network none \
				imagetrim-probe "$@" >>"$log" 2>&1; then
				# shellcheck disable=SC2034  # for the caller to print
				BED_PODMAN_SETTINGS="$driver${set:+ ${set/|/ }}"
				podman rmi imagetrim-probe >/dev/null 2>&1 || :
				return 0
			fi
		done
		podman rmi -f imagetrim-probe >/dev/null 2>&1 || :
		rm -rf "$dir/graph"
	done
	tail -n 15 "$log" >&2
	bed_die "podman can run no container here (output above)"
}

bed_podman_stop() {
	local ids
	ids=$(podman ps -aq 2>/dev/null) || :
	# shellcheck disable=SC2086
	[ -z "$ids" ] || podman rm -f -t 0 $ids >/dev/null 2>&1 || :
	bed_cgroups_remove libpod_parent
}

# --- images in an engine -----------------------------------------------------

# bed_import TAR NAME CHANGE...: image from a tar, with Dockerfile lines.
bed_import() {
	local tar=$1 name=$2 change=() line
	shift 2
	for line; do
		change+=(--change "$line")
	done
	"$ENGINE" import "${change[@]}" "$tar" "$name" >"$BED/import.log" 2>&1 ||
		bed_die "$ENGINE import of $name: $(tail -n 3 "$BED/import.log")"
}
