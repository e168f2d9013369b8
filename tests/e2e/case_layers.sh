# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # IMAGETRIM, ENGINE: set by engine_run.sh
# Layers kept apart, whiteouts and compressed ones among them, as an engine sees
# them: an image of every kind of node is loaded, exported and compared.

test_every_node() {
	python3 "$here/../golden/exact.py" "$IMAGETRIM" engine "$ENGINE"
}
