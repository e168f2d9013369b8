#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# replay.sh SEEDS REPLAY NAME FOUND: the target over its seed corpus, and over what fuzzing found.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" "$work"
if [ -d "$4/$3" ]; then
	"$2" "$work/$3"/* "$4/$3"/*
else
	"$2" "$work/$3"/*
fi
