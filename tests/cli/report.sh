# SPDX-License-Identifier: Apache-2.0
# The report after a trim, short, long, without, and the list of what was removed
golden=$(dirname "$0")/../golden
trim() {
	imagetrim trim docker-archive:image.tar paths -t docker-archive:small.tar "$@"
}
python3 "$golden/golden.py" --archive "$golden/cases/packages.in" image.tar
printf '/bin/tool\n/usr/lib/apkfile\n' >paths
trim
trim --report --removed removed
trim --quiet
trim --quiet --report >quiet
grep -c size quiet
cat removed
cut -f2 removed | LC_ALL=C sort -c
# Standard output belongs to the image where it goes there.
imagetrim trim docker-archive:image.tar paths -t - 2>&1 >small.tar | head -3
