#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sbom.sh IMAGETRIM: CycloneDX documents by CycloneDX's own library, which has the published schemas.
# in:   IMAGETRIM_NODE_MODULES, the directory it is installed in. 77 if it is not there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -d "${IMAGETRIM_NODE_MODULES-}/@cyclonedx/cyclonedx-library" ] || {
	echo "@cyclonedx/cyclonedx-library is not installed"
	exit 77
}
"$(dirname "$0")/../golden/sbom.py" "$1" "$work"
cat >"$work/check.mjs" <<'JS'
import { readFileSync } from 'node:fs'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5)
for (const file of process.argv.slice(2)) {
  const error = await validator.validate(readFileSync(file, 'utf8'))
  if (error !== null) {
    console.log(file, JSON.stringify(error).slice(0, 2000))
    process.exit(1)
  }
}
JS
ln -s "$(realpath "$IMAGETRIM_NODE_MODULES")" "$work/node_modules"
node "$work/check.mjs" "$work/in.cdx.json" "$work/out.cdx.json"
