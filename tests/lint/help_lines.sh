#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Help goes to the standard output and fits 80 columns; completion and the manual know each of its options.
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

manual() { # manual NAME: as text, without the bold and underlined
	mandoc -Tascii "$(dirname "$0")/../../docs/$1.1" | sed 's/.\x08//g'
}

# options NAME MANUAL PROGRAM [VERB]: of a help; the rest is asked.
options() {
	name=$1 page=$2
	shift 2
	told=$("$@" --help | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u)
	program=$1
	shift
	completed=$("$program" __complete "$@" -- | grep -oE '^--[a-z-]+' | sort -u)
	if [ -z "$told" ] || [ "$told" != "$completed" ]; then
		echo "$name: help and completion differ: $told" / "$completed"
		bad=1
	fi
	for option in $told; do
		printf '%s\n' "$page" | grep -qE -e "(^|[^-a-z])$option([^-a-z]|\$)" || {
			echo "$name: the manual does not tell of $option"
			bad=1
		}
	done
}

page=$(manual imagetrim)
check "imagetrim" "$1" --help
verbs=$("$1" --help | sed -n 's/^  \([a-z]*\( [a-z]*\)\{0,1\}\)   *[A-Z].*/\1/p')
[ "$(printf '%s\n' "$verbs" | wc -l)" -ge 15 ] || { echo "verbs are missing: $verbs" && bad=1; }
while read -r first second; do
	check "imagetrim $first $second" "$1" "$first" ${second:+"$second"} --help
	options "imagetrim $first $second" "$page" "$1" "$first" ${second:+"$second"}
done <<END
$verbs
END
check "imagetrim-tracer" "$2" --help
options "imagetrim-tracer" "$(manual imagetrim-tracer)" "$2"
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
