#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""golden.py - text tree and paths in, text of the trimmed tree out

Each CASE.in holds an image as text and what to keep; `imagetrim trim` is run on it; the result,
read by Python's own tarfile (a reader independent of ours), must be CASE.out to the letter, and
the image ID with it. Cases named bad-* must be refused: exit status, words on stderr and no
output file. --update rewrites the .out files.

    config {JSON}            the image's config (once; a small default otherwise)
    layer [gzip|zstd|xz|bzip2]  begins a layer
      dir PATH MODE UID:GID
      file PATH MODE UID:GID "CONTENT"     Python string literal
      elf PATH MODE INTERP|- NEEDED,...|- [RUNPATH]
      symlink PATH TARGET
      hardlink PATH TARGET
      char|fifo PATH MODE [MAJOR MINOR]
      xattr NAME HEX                       of the entry before
    option WORD              an option of trim
    rule LINE                a line of .imagetrim in the directory that trim is run in
    paths                    the rest: the log, as text

golden.py --archive CASE.in OUT.tar writes only the image, for other tests.
"""
import ast
import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

MTIME = 1600000000


def elf(interp, needed, runpath):
    """A minimal x86-64 ELF with PT_LOAD, PT_INTERP and PT_DYNAMIC, made here."""
    strings, offsets = b"\0", []
    for name in needed + ([runpath] if runpath else []):
        offsets.append(len(strings))
        strings += name.encode() + b"\0"
    n_ph = 2 + bool(interp)
    at = 64 + 56 * n_ph
    text = (interp.encode() + b"\0") if interp else b""
    dyn_at = at + len(text) + len(strings)
    dyn = [(1, o) for o in offsets[:len(needed)]]
    if runpath:
        dyn.append((29, offsets[-1]))
    dyn += [(5, at + len(text)), (10, len(strings)), (0, 0)]
    dyn_bytes = b"".join(struct.pack("<QQ", *d) for d in dyn)
    size = dyn_at + len(dyn_bytes)
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    out = ident + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, n_ph, 0, 0, 0)
    out += struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, size, size, 4096)
    out += struct.pack("<IIQQQQQQ", 2, 6, dyn_at, dyn_at, dyn_at, len(dyn_bytes), len(dyn_bytes), 8)
    if interp:
        out += struct.pack("<IIQQQQQQ", 3, 4, at, at, at, len(text), len(text), 1)
    return out + text + strings + dyn_bytes


class Layer:
    TYPES = {"char": tarfile.CHRTYPE, "fifo": tarfile.FIFOTYPE, "dir": tarfile.DIRTYPE}

    def __init__(self, compression):
        self.compression = compression
        self.entries = []

    def add(self, words):
        kind, name = words[0], words[1]
        if kind == "xattr":
            value = bytes.fromhex(words[2]).decode("utf-8", "surrogateescape")
            self.entries[-1][0].pax_headers["SCHILY.xattr." + name] = value
            return
        info, data = tarfile.TarInfo(ast.literal_eval('"' + name + '"')), None
        info.mtime, info.mode = MTIME, 0o777
        if kind in ("symlink", "hardlink"):
            info.type = tarfile.SYMTYPE if kind == "symlink" else tarfile.LNKTYPE
            info.linkname = words[2]
            if kind == "hardlink":
                first = [i for i, _ in self.entries if i.name == words[2]]
                if first:
                    info.mode, info.uid, info.gid = first[0].mode, first[0].uid, first[0].gid
        elif kind == "elf":
            needed = [] if words[4] == "-" else words[4].split(",")
            interp = "" if words[3] == "-" else words[3]
            data = elf(interp, needed, words[5] if len(words) > 5 else "")
            info.mode = int(words[2], 8)
        else:
            info.mode = int(words[2], 8)
            info.type = self.TYPES.get(kind, tarfile.REGTYPE)
            if kind in ("dir", "file"):
                info.uid, info.gid = map(int, words[3].split(":"))
            if kind == "char":
                info.devmajor, info.devminor = int(words[3]), int(words[4])
            if kind == "file":
                data = ast.literal_eval(words[4]).encode("latin-1")
        info.size = len(data) if data is not None else 0
        self.entries.append((info, data))

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT,
                          encoding="utf-8", errors="surrogateescape") as tar:
            for info, data in self.entries:
                tar.addfile(info, io.BytesIO(data) if data is not None else None)
        return out.getvalue()


def compress(data, how):
    if how == "zstd":
        return subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return {"": lambda d: d, "gzip": lambda d: gzip.compress(d, mtime=0),
            "xz": lzma.compress, "bzip2": bz2.compress}[how](data)


def parse(path):
    case = {"config": {}, "layers": [], "options": [], "rules": None, "paths": ""}
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    for i, line in enumerate(lines):
        words = line.split(None, 4 if line.split()[:1] == ["file"] else -1)
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "paths":
            case["paths"] = "\n".join(lines[i + 1:])
            break
        if words[0] == "config":
            case["config"] = json.loads(line.split(None, 1)[1])
        elif words[0] == "layer":
            case["layers"].append(Layer(words[1] if len(words) > 1 else ""))
        elif words[0] == "option":
            case["options"].append(line.split(None, 1)[1])
        elif words[0] == "rule":
            case["rules"] = (case["rules"] or "") + line[len("rule "):] + "\n"
        else:
            case["layers"][-1].add(words)
    return case


def write_archive(case, path):
    blobs, diff_ids, names = [], [], []
    for n, layer in enumerate(case["layers"]):
        plain = layer.tar()
        diff_ids.append("sha256:" + hashlib.sha256(plain).hexdigest())
        names.append("layer%d.tar" % n)
        blobs.append((names[-1], compress(plain, layer.compression)))
    config = {"architecture": "amd64", "os": "linux", "config": case["config"],
              "rootfs": {"type": "layers", "diff_ids": diff_ids},
              "history": [{"created": "2020-01-01T00:00:00Z"} for _ in names],
              "created": "2020-01-01T00:00:00Z"}
    manifest = [{"Config": "config.json", "RepoTags": ["case:golden"], "Layers": names}]
    blobs.append(("config.json", json.dumps(config).encode()))
    blobs.append(("manifest.json", json.dumps(manifest).encode()))
    with tarfile.open(path, "w") as tar:
        for name, data in blobs:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def text(name):
    return "".join(c if c.isprintable() and c not in "\\ " else
                   "".join("\\x%02x" % b for b in c.encode("utf-8", "surrogateescape")) for c in name)


def describe(path):
    """The trimmed image as text, with its ID."""
    out = []
    with tarfile.open(path) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))[0]
        config_text = tar.extractfile(manifest["Config"]).read()
        assert len(manifest["Layers"]) == 1
        layer = tar.extractfile(manifest["Layers"][0]).read()
    config = json.loads(config_text)
    diff_id = "sha256:" + hashlib.sha256(layer).hexdigest()
    assert config["rootfs"]["diff_ids"] == [diff_id], "the diff ID is not that of the layer"
    out.append("id sha256:" + hashlib.sha256(config_text).hexdigest())
    out.append("config " + json.dumps(config["config"], sort_keys=True))
    with tarfile.open(fileobj=io.BytesIO(layer), encoding="utf-8", errors="surrogateescape") as tar:
        for m in tar:
            kind = {tarfile.DIRTYPE: "dir", tarfile.REGTYPE: "file", tarfile.SYMTYPE: "symlink",
                    tarfile.LNKTYPE: "hardlink", tarfile.CHRTYPE: "char",
                    tarfile.FIFOTYPE: "fifo"}[m.type]
            line = "%s %s %04o %d:%d" % (kind, text(m.name), m.mode, m.uid, m.gid)
            if m.mtime != MTIME:
                line += " mtime=%d" % m.mtime
            if m.linkname:
                line += " -> " + text(m.linkname)
            if m.ischr():
                line += " %d,%d" % (m.devmajor, m.devminor)
            if m.isreg():
                line += " %s" % hashlib.sha256(tar.extractfile(m).read()).hexdigest()[:12]
            for key, value in sorted(m.pax_headers.items()):
                if key.startswith("SCHILY.xattr."):
                    line += " %s=%s" % (key[13:], value.encode("utf-8", "surrogateescape").hex())
            out.append(line)
    return "\n".join(out) + "\n"


def run_case(imagetrim, path, work):
    source, log, target = (os.path.join(work, n) for n in ("in.tar", "paths", "out.tar"))
    case = parse(path)
    write_archive(case, source)
    with open(log, "w", encoding="utf-8", errors="surrogateescape") as f:
        f.write(case["paths"])
    if case["rules"] is not None:
        with open(os.path.join(work, ".imagetrim"), "w", encoding="utf-8", newline="") as f:
            f.write(case["rules"])
    run = subprocess.run([imagetrim, "trim", "docker-archive:" + source, log,
                          "-t", "docker-archive:%s:case:trimmed" % target] + case["options"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=work, check=False)
    err = run.stderr.decode("utf-8", "replace").replace(work + "/", "")
    if os.path.basename(path).startswith("bad-"):
        left = sorted(os.listdir(work))
        return "exit %d\n%sleft %s\n" % (run.returncode, err, " ".join(left))
    if run.returncode:
        return "exit %d\n%s" % (run.returncode, err)
    return err + describe(target)


def main():
    args = sys.argv[1:]
    if args[0] == "--archive":
        write_archive(parse(args[1]), args[2])
        return
    update = "--update" in args
    imagetrim, *cases = [a for a in args if a != "--update"]
    failed = 0
    for path in cases:
        work = tempfile.mkdtemp(prefix="imagetrim-golden.")
        try:
            got = run_case(os.path.abspath(imagetrim), path, work)
        finally:
            shutil.rmtree(work)
        want_path = path[:-3] + ".out"
        if update:
            with open(want_path, "w", encoding="utf-8") as f:
                f.write(got)
            continue
        with open(want_path, encoding="utf-8") as f:
            want = f.read()
        if got != want:
            failed += 1
            print("%s: differs\n--- wanted\n%s--- got\n%s" % (path, want, got))
    sys.exit(1 if failed else 0)


main()
