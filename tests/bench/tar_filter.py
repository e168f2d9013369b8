#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tar_filter.py - the simple way: a tar on standard input, the members that LIST names out

tar_filter.py LIST < IN > OUT. What imagetrim is compared with; written with nothing but tarfile.
"""
import sys
import tarfile

with open(sys.argv[1], encoding="utf-8", errors="surrogateescape") as f:
    keep = {line.rstrip("\n").strip("/") for line in f}
with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as src, \
     tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=tarfile.PAX_FORMAT) as dst:
    for member in src:
        if member.name.strip("/").removeprefix("./") in keep:
            dst.addfile(member, src.extractfile(member) if member.isreg() else None)
