#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One end-to-end test in a shell and a directory of its own.
#
# in:   one_test.sh CASE FUNCTION, environment as engine_run.sh sets it
# out:  status 0 ok, 77 skipped, else failed; why is on the standard output
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/bed.sh
. "$here/bed.sh"
# shellcheck source=tests/e2e/check.sh
. "$here/check.sh"
# shellcheck source=/dev/null
. "$here/$1.sh"

work=$(mktemp -d "$BED/test.XXXXXX")
cd "$work"
trap 'echo "stopped at line $LINENO of ${BASH_SOURCE[0]##*/}: $BASH_COMMAND"' ERR
set -E
finish() {
	stop_all
	cd /
	umount "$work"/* 2>/dev/null || :
	rm -rf "$work"
}
trap finish EXIT
"$2"
