#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""produced.py - images of other producers' making are read as they are meant

In: imagetrim and the name of a test. Out: nothing, or a line for each difference.

    umoci    init, new, unpack, repack, insert --opaque: its whiteouts and opaque directories;
             needs root
    forms    the zoo with layers by gzip, zstd, xz and bzip2 whatever their type says
"""
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True  # the sources may be read-only, and stay clean
import readback  # noqa: E402
from box import SKIP, VARIANTS, Box, missing, options_of  # noqa: E402
from zoo import CAPABILITY, ZOO_LOG, write_layout, zoo  # noqa: E402


def umoci(*words):
    done = subprocess.run(["umoci", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode:
        raise SystemExit("umoci %s: %s" % (words[0], done.stderr.decode("utf-8", "replace")))


def put_files(root, files):
    for path, text in files.items():
        os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        with open(os.path.join(root, path), "w", encoding="ascii") as f:
            f.write(text)


def produce(box, layout):
    """Three layers: files; what unpack, change and repack makes of them; an opaque directory."""
    image, bundle = layout + ":t", box.path("bundle")
    root = os.path.join(bundle, "rootfs")
    umoci("init", "--layout", layout)
    umoci("new", "--image", image)
    umoci("unpack", "--image", image, bundle)
    put_files(root, {"d/stays": "1", "d/changes": "1", "d/goes": "1", "gone/old": "1", "op/a": "1",
                     "op/b/c": "1", "todir": "1", "tofile/x": "1", "links/a": "1"})
    os.link(os.path.join(root, "links/a"), os.path.join(root, "links/b"))
    os.symlink("../d/stays", os.path.join(root, "links/s"))
    os.chown(os.path.join(root, "d/stays"), 7, 8)
    os.chmod(os.path.join(root, "d/stays"), 0o4755)
    os.setxattr(os.path.join(root, "d/stays"), "security.capability", CAPABILITY)
    umoci("repack", "--refresh-bundle", "--image", image, bundle)
    for path in "d/goes", "todir", "links/b":
        os.unlink(os.path.join(root, path))
    for path in "gone", "tofile":
        shutil.rmtree(os.path.join(root, path))
    put_files(root, {"d/changes": "two", "gone/new": "2", "todir/y": "2", "tofile": "2"})
    umoci("repack", "--refresh-bundle", "--image", image, bundle)
    put_files(box.path("new"), {"only": "3"})
    umoci("insert", "--opaque", "--image", image, box.path("new"), "/op")
    umoci("config", "--config.cmd", "/none", "--image", image)


def test_umoci(box):
    if os.getuid() != 0 or not shutil.which("umoci"):
        print("needs root and umoci")
        return SKIP
    source = box.path("layout")
    produce(box, source)
    original = readback.Image(source)
    names = [n for layer in original.plain for n in readback.names(layer)]
    box.expect("what umoci writes", [n + " is not in it" for n in (
        "d/.wh.goes", "links/.wh.b", "op/.wh..wh..opq") if n not in names])
    before = readback.effective(original.plain)
    wanted = ["/d/stays", "/d/changes", "/gone/new", "/todir/y", "/tofile", "/links/a", "/links/s",
              "/op/only"]
    there = {"/" + p for p, n in before.items() if n.kind != "dir"}
    box.expect("what umoci shows", ["%r" % p for p in there ^ set(wanted)])
    paths = wanted[1:]  # and through the link what was not named
    for layers, form, how in VARIANTS:
        out = box.one(source, box.log("log", paths), form, options_of(layers, how))
        after = readback.effective(readback.Image(out).plain)
        box.expect("produced: %s %s %s" % (layers, form, how),
                   readback.differences(before, after) + missing(before, after, wanted))
    return 0


FORMS = ["xz", "bzip2", "zstd", "gzip", "", "xz", "bzip2"]


def test_forms(box):
    """Their type says gzip or nothing: the first bytes decide, and the result is the same."""
    log, outs = box.log("log", ZOO_LOG), []
    for forms in FORMS, [""] * len(FORMS):
        layers, source = zoo(), box.path("zoo-%d" % len(outs))
        assert len(layers) == len(forms)
        for layer, form in zip(layers, forms):
            layer.form = form
        write_layout(source, layers)
        outs.append([])
        for how in "one", "keep":
            out = box.one(source, log, "docker-archive", options_of(how, "none"))
            with open(out, "rb") as f:
                outs[-1].append(f.read())
    box.expect("forms", ["--layers %s gives other bytes" % how for how, a, b in
                         zip(("one", "keep"), *outs) if a != b])


def main():
    imagetrim, name = sys.argv[1:3]
    box = Box(os.path.abspath(imagetrim))
    status = 0
    try:
        status = {"umoci": test_umoci, "forms": test_forms}[name](box)
    finally:
        failed = box.end()
    sys.exit(status or failed)


main()
