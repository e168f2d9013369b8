#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""reads.py - what a trim reads of large files, and whether it believes what it does not read

In: imagetrim. Out: nothing, or a line for each thing that is wrong. The image: one plain layer with
a dropped file of 2 GiB (a hole on disk), a kept one of 16 MiB and a small one of each.
"""
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile

sys.dont_write_bytecode = True
IMAGETRIM = os.path.abspath(sys.argv[1])
GIB, KEPT = 1 << 30, 16 << 20
failed = 0


def expect(what, true):
    global failed
    if not true:
        print("FAILED:", what)
        failed = 1


def header(name, size):
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.USTAR_FORMAT)


class Zeros:
    """Hashes what is written, holes included."""
    def __init__(self, path):
        self.file, self.hash, self.len = open(path, "wb"), hashlib.sha256(), 0

    def put(self, data):
        data += b"\0" * (-len(data) % 512)
        self.file.write(data)
        self.hash.update(data)
        self.len += len(data)

    def hole(self, size, hashed):
        self.file.seek(size, os.SEEK_CUR)
        self.len += size
        for _ in range(size >> 20 if hashed else 0):
            self.hash.update(bytes(1 << 20))


def make(path, dropped, hashed=True):
    out = Zeros(path)
    out.file.seek(512)
    for name, size in ("drop/large", dropped), ("keep/large", KEPT):
        out.put(header(name, size))
        out.hole(size, hashed)
    for name in "drop/small", "keep/small":
        out.put(header(name, 5))
        out.put(b"bytes")
    out.put(bytes(1024))
    layer = out.len
    diff_id = "sha256:" + (out.hash.hexdigest() if hashed else "0" * 64)
    config = {"architecture": "amd64", "os": "linux", "config": {},
              "rootfs": {"type": "layers", "diff_ids": [diff_id]}}
    manifest = [{"Config": "c.json", "RepoTags": ["a:b"], "Layers": ["layer.tar"]}]
    for name, value in ("c.json", config), ("manifest.json", manifest):
        text = json.dumps(value).encode()
        out.put(header(name, len(text)))
        out.put(text)
    out.put(bytes(1024))
    out.file.seek(0)
    out.file.write(header("layer.tar", layer))
    out.file.close()


def has_holes(path):
    return os.stat(path).st_blocks * 512 < os.path.getsize(path) / 2


def trim(path, *options):
    """Status, messages, bytes read, peak memory."""
    child = subprocess.Popen([IMAGETRIM, "trim", "-q", "--no-rules", "docker-archive:" + path, "log",
                              "-t", "docker-archive:out.tar:a:b", *options],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    words = child.stderr.read().decode()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with open("/proc/%d/io" % child.pid, encoding="ascii") as f:
        read = int(f.readline().split()[1])
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, words, read, usage.ru_maxrss << 10


def main():
    os.chdir(os.environ["WORK"])
    with open("log", "w", encoding="ascii") as f:
        f.write("/keep/large\n/keep/small\n")
    # Nothing of it is read: its diff ID may be anything. The size decides nothing.
    make("large.tar", 2 * GIB, hashed=False)
    make("small.tar", 1 << 20)
    status, words, read, rss = trim("large.tar", "--no-verify")
    expect("--no-verify takes it: " + words, status == 0 and not words)
    expect("%d bytes read, the kept file once" % read, read < KEPT + (1 << 20))
    expect("%d bytes of memory" % rss, rss < 32 << 20 or "ASAN_OPTIONS" in os.environ)
    with tarfile.open("out.tar") as t:
        layer = max(t, key=lambda m: m.size)
        with tarfile.open(fileobj=t.extractfile(layer)) as inner:
            names = {m.name: m.size for m in inner}
    expect("kept: %s" % names, names.get("keep/large") == KEPT and names.get("keep/small") == 5
           and "drop/large" not in names)
    # Verified: what is a hole on the disk is hashed, but not read either.
    make("holes.tar", 256 << 20)
    status, words, read, rss = trim("holes.tar")
    expect("a layer with holes is right: " + words, status == 0 and not words)
    if has_holes("holes.tar"):
        expect("%d bytes read of it" % read, read < KEPT + (1 << 20))
    expect("%d bytes of memory for it" % rss, rss < 32 << 20 or "ASAN_OPTIONS" in os.environ)
    # A byte of a dropped file is changed: told, unless the user believes it.
    status, words, _, _ = trim("small.tar")
    expect("the good one is taken: " + words, status == 0)
    os.unlink("out.tar")
    with open("small.tar", "r+b") as f:
        f.seek(512 + 512 + 700000)
        f.write(b"!")
    status, words, _, _ = trim("small.tar")
    expect("a changed byte is told: " + words, status == 1 and "diff ID" in words
           and words.count("\n") == 1)
    expect("nothing is left", not os.path.exists("out.tar"))
    # From a pipe, where it was hashed while it came.
    with open("small.tar", "rb") as f:
        run = subprocess.run([IMAGETRIM, "trim", "-q", "--no-rules", "-", "log", "-t",
                              "docker-archive:out.tar:a:b"], input=f.read(), stderr=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, check=False)
    expect("from a pipe: %r" % run.stderr, run.returncode == 1 and b"diff ID" in run.stderr)
    status, words, _, _ = trim("small.tar", "--layers", "keep")
    expect("with layers kept: " + words, status == 1 and "diff ID" in words)
    status, words, _, _ = trim("small.tar", "--no-verify")
    expect("--no-verify believes: " + words, status == 0)


with tempfile.TemporaryDirectory(prefix="imagetrim-reads.") as work:
    os.environ["WORK"] = work
    main()
    os.chdir("/")
sys.exit(failed)
