#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""installed.py - package databases of trimmed images, as dpkg and apk read them

installed.py IMAGETRIM: cases/packages-cut.in is trimmed in several ways; dpkg's own programs read
the databases. apk is not in Debian: a reader here is as strict as its database.c, which refuses
fields that it does not know.
"""
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
WHOLE = {"three": ("3", ""), "upper": ("8", "")}
PARTS = {"one": ("1:1.0-1", "partial (1 of 3 files)"), "libtwo": ("1.2", "partial (2 of 9 files)"),
         "bash": ("5", ""), "listless": ("9", "")}
APK_FIELDS = set("CPVATUSIDptcoLimkrqsf")


def trim(imagetrim, work, name, *options):
    out = os.path.join(work, name)
    subprocess.run([imagetrim, "trim", "docker-archive:" + os.path.join(work, "in.tar"),
                    os.path.join(work, "paths"), "-t", "docker-archive:" + out, "-q", *options],
                   check=True, stdout=subprocess.DEVNULL)
    with open(out, "rb") as f:
        return f.read()


def unpack(data, root):
    """The files of all layers, the upper ones last, with links made; no whiteouts are expected."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))[0]
        for layer in manifest["Layers"]:
            with tarfile.open(fileobj=tar.extractfile(layer)) as inner:
                assert not any("/.wh." in m.name for m in inner), "a whiteout"
                inner.extractall(root)
    return root


def dpkg(root, *args):
    return subprocess.run(["dpkg-query", "--admindir=" + root + "/var/lib/dpkg", *args],
                          stdout=subprocess.PIPE, check=True, text=True).stdout


def dpkg_packages(root):
    lines = dpkg(root, "-W", "-f", "${Package}\t${Version}\t${Imagetrim}\n").splitlines()
    return {name: (version, mark) for name, version, mark in (x.split("\t") for x in lines)}


def apk_packages(path):
    """name -> (version, flags, description, files)"""
    found, name, where, files = {}, None, None, []
    with open(path, encoding="utf-8") as f:
        for line in f.read().split("\n"):
            if not line:
                name, where = None, None
                continue
            key, value = line[0], line[2:]
            assert line[1] == ":", line
            if key == "P":
                name, files = value, []
                found[name] = {"files": files}
            elif key == "F":
                where = value
            elif key in "RMaZ":
                assert where is not None, line
                if key == "R":
                    files.append(where + "/" + value)
            else:
                assert key in APK_FIELDS, "apk is too old to handle " + line
            if name and key in "VTf":
                found[name][key] = value
    return found


def same(what, want, got):
    if want != got:
        sys.exit("%s: wanted %s, got %s" % (what, want, got))


def check_cut(root):
    same("dpkg", {**WHOLE, **PARTS}, dpkg_packages(root))
    same("dpkg -L one", "/.\n/bin\n/bin/one\n/etc\n/usr\n/usr/share\n", dpkg(root, "-L", "one"))
    same("dpkg -S", "libtwo:amd64: /lib/libtwo.so.1\n", dpkg(root, "-S", "/lib/libtwo.so.1"))
    listed = subprocess.run(["dpkg", "--admindir=" + root + "/var/lib/dpkg", "-l"], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    same("dpkg -l", 6, sum(x.startswith("ii ") for x in listed.splitlines()))
    verify = subprocess.run(["dpkg", "--root=" + root, "-V", "one"], stdout=subprocess.PIPE,
                            check=False, text=True).stdout
    same("dpkg -V", "", verify)
    apk = apk_packages(root + "/usr/lib/apk/db/installed")
    same("apk", ["apkpart", "apkwhole"], sorted(apk))
    same("apkpart", {"V": "1.0-r0", "T": "a library (imagetrim: partial, 1 of 2 files)", "f": "f",
                     "files": ["lib/kept.so"]}, apk["apkpart"])
    same("apkwhole", {"V": "2.0-r1", "T": "a program", "files": ["bin/whole"]}, apk["apkwhole"])
    same("status.d", ["less", "less.md5sums", "plain"],
         sorted(os.listdir(root + "/var/lib/dpkg/status.d")))
    with open(root + "/var/lib/dpkg/status.d/less", encoding="utf-8") as f:
        same("less", "Package: less\nVersion: 1\nImagetrim: partial (1 of 2 files)\n", f.read())


def check_share(imagetrim, case, work):
    """A sibling with the same base: the base's databases tell what either needs."""
    with open(case, encoding="utf-8") as f, open(work + "/b.in", "w", encoding="utf-8") as to:
        to.write("\nlayer\n".join(f.read().split("\nlayer\n")[:2]) +
                 '\nlayer\nfile usr/bin/b 0755 0:0 "b"\nfile usr/bin/sh 0755 0:0 "b"\n')
    subprocess.run([HERE + "/golden.py", "--archive", work + "/b.in", work + "/b.tar"], check=True)
    subprocess.run([imagetrim, "trim", "-q", "--share", "docker-archive:" + work + "/in.tar",
                    "docker-archive:" + work + "/b.tar", work + "/paths",
                    "-t", "docker-archive:" + work + "/a2.tar",
                    "-t", "docker-archive:" + work + "/b2.tar"], check=True,
                   stdout=subprocess.DEVNULL)
    layers = []
    for name in ("a2", "b2"):
        with tarfile.open(work + "/" + name + ".tar") as tar:
            manifest = json.load(tar.extractfile("manifest.json"))[0]
            layers.append(tar.extractfile(manifest["Layers"][0]).read())
        with open(work + "/" + name + ".tar", "rb") as f:
            unpack(f.read(), work + "/" + name)
    same("common layer", True, layers[0] == layers[1])
    check_cut(work + "/a2")
    same("the sibling's", {"old": ("0", "")}, dpkg_packages(work + "/b2"))
    same("its list", "/.\n/bin\n/bin/one\n/etc\n/usr\n/usr/share\n", open(
        work + "/b2/var/lib/dpkg/info/one.list", encoding="utf-8").read())


def main():
    imagetrim = os.path.abspath(sys.argv[1])
    case = HERE + "/cases/packages-cut.in"
    with tempfile.TemporaryDirectory(prefix="imagetrim-installed.") as work:
        subprocess.run([HERE + "/golden.py", "--archive", case, work + "/in.tar"], check=True)
        with open(case, encoding="utf-8") as f, open(work + "/paths", "w", encoding="utf-8") as to:
            to.write(f.read().split("\npaths\n")[1])
        for how in ("one", "keep"):
            data = trim(imagetrim, work, how + ".tar", "--layers", how)
            check_cut(unpack(data, work + "/" + how))
            same("bytes again", data, trim(imagetrim, work, "again.tar", "--layers", how))
        check_share(imagetrim, case, work)
        os.rename(work + "/one.tar", work + "/in.tar")
        twice = trim(imagetrim, work, "twice.tar")
        check_cut(unpack(twice, work + "/twice"))
        drop = unpack(trim(imagetrim, work, "drop.tar", "--packages", "drop"), work + "/drop")
        same("dropped", False, os.path.exists(drop + "/var/lib/dpkg/status"))
        same("dropped", False, os.path.exists(drop + "/var/lib/rpm"))
        same("os-release", True, os.path.exists(drop + "/etc/os-release"))


main()
