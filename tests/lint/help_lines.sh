#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Help goes to the standard output and fits 80 columns.
#
# in: help_lines.sh IMAGETRIM IMAGETRIM-TRACER
set -eu

bad=0
check() { # check NAME COMMAND...: the command's help
	name=$1
	shift
	text=$("$@" 2>/dev/null </dev/null) || {
		echo "$name: status $?"
		bad=1
		return
	}
	[ -n "$text" ] || {
		echo "$name: nothing on the standard output"
		bad=1
	}
	wide=$(printf '%s\n' "$text" | expand | awk 'length($0) > 80')
	[ -z "$wide" ] || {
		echo "$name: wider than 80 columns: $wide"
		bad=1
	}
	printf '%s\n' "$text" | grep -q '	' && {
		echo "$name: a tab in the help"
		bad=1
	}
	return 0
}

check "imagetrim" "$1" --help
for verb in run instrument trim merge dump; do
	check "imagetrim $verb" "$1" $verb --help
done
check "imagetrim-tracer" "$2" --help
check "imagetrim limits" "$1" limits

# The manual names every limit with its value.
limits=$("$1" limits)
while read -r name value _; do
	grep -qx "\.It $name Ta $value Ta .*" "$(dirname "$0")/../../docs/imagetrim.1" || {
		echo "imagetrim.1: no limit $name of $value"
		bad=1
	}
done <<END
$limits
END
exit $bad
