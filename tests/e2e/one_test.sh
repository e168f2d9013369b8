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
# One test that fails is one that fails: the next finds no container of it.
sweep() {
	[ "$ENGINE" != podman ] || podman pod rm -af >/dev/null 2>&1 || :
	eng ps -aq 2>/dev/null | xargs -r "$ENGINE" rm -f >/dev/null 2>&1 || :
}
finish() {
	local rc=$?
	stop_all
	[ $rc = 0 ] || [ $rc = 77 ] || sweep
	cd /
	umount "$work"/* 2>/dev/null || :
	rm -rf "$work"
}
trap finish EXIT
"$2"
