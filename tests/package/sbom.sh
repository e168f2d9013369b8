#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sbom.sh IMAGETRIM FORMAT: documents by who publishes the format: CycloneDX's library, which has the
# schemas, and SPDX's validator.
# in:   IMAGETRIM_NODE_MODULES, IMAGETRIM_SPDX_TOOLS: directories with them. 77 if they are not there.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check_cyclonedx() {
	cat >"$work/check.mjs" <<-'JS'
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
	node "$work/check.mjs" "$@"
}

# (Of Debian's python, which has what it depends on.)
check_spdx() {
	PYTHONPATH=$spdx /usr/bin/python3 - "$@" <<-'PY'
		import sys
		from spdx_tools.spdx.parser.parse_anything import parse_file
		from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
		for file in sys.argv[1:]:
		    document = parse_file(file)
		    errors = validate_full_spdx_document(document, "SPDX-2.3")
		    for error in errors[:20]:
		        print(file, error.validation_message, error.context, sep=": ")
		    if errors or not document.packages or not document.files:
		        sys.exit(1)
	PY
}

spdx=${IMAGETRIM_SPDX_TOOLS-}/usr/lib/python3/dist-packages
case $2 in
cyclonedx) needed=${IMAGETRIM_NODE_MODULES-}/@cyclonedx/cyclonedx-library kind=cdx ;;
spdx) needed=$spdx/spdx_tools kind=spdx ;;
esac
[ -d "$needed" ] || {
	echo "$needed is not there"
	exit 77
}
"$(dirname "$0")/../golden/sbom.py" "$1" "$work"
"check_$2" "$work/in.$kind.json" "$work/out.$kind.json"
# It does refuse.
sed 's/SHA-\?256/SHA257/; s/"SPDXRef-DOCUMENT"/"DOCUMENT"/' "$work/in.$kind.json" >"$work/bad.$kind.json"
if "check_$2" "$work/bad.$kind.json" >/dev/null 2>&1; then
	echo "a document that is wrong is not refused"
	exit 1
fi
