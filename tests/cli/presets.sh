# SPDX-License-Identifier: Apache-2.0
# Each preset alone: what it keeps of an image that has something for all (docs/rules.md)
golden=$(dirname "$0")/../golden
python3 "$golden/golden.py" --archive "$golden/cases/presets.in" image.tar
: >none
: >rules
for preset in none ca-certs timezones locales nss shell; do
	echo "$preset"
	[ "$preset" = none ] || echo "preset $preset" >rules
	imagetrim trim -q docker-archive:image.tar none -t docker-archive:small.tar \
		--rules rules >/dev/null
	tar -xOf small.tar "$(tar -tf small.tar | sed -n 3p)" | tar -t | grep -v '/$' >kept
	if [ "$preset" = none ]; then mv kept always; else grep -vxFf always kept | sed 's/^/  /'; fi
done
echo "preset nosuch" >rules
imagetrim trim -q docker-archive:image.tar none -t docker-archive:small.tar --rules rules
