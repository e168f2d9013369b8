# SPDX-License-Identifier: Apache-2.0
# --forbid and --fail-if-over: status 3, what is said, and nothing written
golden=$(dirname "$0")/../golden
python3 "$golden/golden.py" --archive "$golden/cases/options.in" image.tar
echo /etc/d/c.conf >paths
trim() {
	imagetrim trim docker-archive:image.tar paths -t docker-archive:small.tar -q \
		--removed removed "$@" >/dev/null
	echo "status $?: $(echo *)"
	rm -f small.tar removed
}
trim --forbid '/etc/d/*' --forbid '**/c.conf' --forbid '/share'
trim --forbid '/etc'
trim --forbid '/share/**'
for size in 1 1k 4KB 4095 4KiB 5120 5kb 5K 0.005M 1GB 2TiB; do
	echo "$size:"
	trim --fail-if-over "$size"
done
for size in 0 -1 '' M 5X 5MM 1e3 0x10 inf 1.2.3 99999999T 5iB 5Bi; do
	trim --fail-if-over "$size"
done
trim --removed no/such/directory
