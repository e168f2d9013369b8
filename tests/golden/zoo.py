# SPDX-License-Identifier: Apache-2.0
"""zoo.py - images made entry by entry: layers, layouts, and one image of every kind of node

In: calls. Out: an OCI layout. ZOO_LOG is what a log of it says, ZOO_GONE what must not be there
after a trim. Never runs imagetrim.
"""
import hashlib
import io
import json
import os
import subprocess
import tarfile

OCI = "application/vnd.oci.image."


class Layer:
    def __init__(self, form=""):
        self.form, self.entries = form, []

    def add(self, name, kind=tarfile.REGTYPE, mode=0o644, data=b"", mtime=1600000000, uid=0, gid=0,
            link="", device=(0, 0), xattrs=()):
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.mtime, info.uid, info.gid = kind, mode, mtime, uid, gid
        info.linkname, info.size = link, len(data)
        info.devmajor, info.devminor = device
        for key, value in xattrs:
            info.pax_headers["SCHILY.xattr." + key] = value.decode("utf-8", "surrogateescape")
        self.entries.append((info, data))
        return self

    def dir(self, name, mode=0o755, **more):
        return self.add(name + "/", tarfile.DIRTYPE, mode, **more)

    def hardlink(self, name, target):
        """Repeats the target's attributes, as producers do."""
        for info, _ in self.entries:
            if info.name == target:
                self.add(name, tarfile.LNKTYPE, info.mode, mtime=info.mtime, uid=info.uid,
                         gid=info.gid, link=target)
                self.entries[-1][0].pax_headers.update(info.pax_headers)
                return self
        return self.add(name, tarfile.LNKTYPE, link=target)

    def whiteout(self, name):
        directory, _, base = name.rpartition("/")
        return self.add((directory + "/" if directory else "") + ".wh." + base, mode=0)

    def opaque(self, name):
        return self.add(name + "/.wh..wh..opq", mode=0)

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8",
                          errors="surrogateescape") as tar:
            for info, data in self.entries:
                tar.addfile(info, io.BytesIO(data))
        return out.getvalue()


def compress(data, form):
    if not form:
        return data
    return subprocess.run([form, "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def write_layout(path, layers):
    """An OCI layout with one image, ref "t"."""
    os.makedirs(os.path.join(path, "blobs/sha256"))

    def put(data, kind):
        digest = hashlib.sha256(data).hexdigest()
        with open(os.path.join(path, "blobs/sha256", digest), "wb") as f:
            f.write(data)
        return {"mediaType": OCI + kind, "digest": "sha256:" + digest, "size": len(data)}

    plain = [layer.tar() for layer in layers]
    config = {"architecture": "amd64", "os": "linux", "created": "2020-01-01T00:00:00Z",
              "config": {"Cmd": ["/none"]}, "rootfs": {"type": "layers", "diff_ids": [
                  "sha256:" + hashlib.sha256(p).hexdigest() for p in plain]},
              "history": [{"created_by": "layer %d" % n} for n in range(len(layers))]}
    blobs = [put(compress(p, layer.form), "layer.v1.tar" + ("+gzip" if layer.form else ""))
             for p, layer in zip(plain, layers)]
    manifest = {"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
                "config": put(json.dumps(config).encode(), "config.v1+json"), "layers": blobs}
    entry = put(json.dumps(manifest).encode(), "manifest.v1+json")
    entry["annotations"] = {"org.opencontainers.image.ref.name": "t"}
    with open(os.path.join(path, "index.json"), "w", encoding="ascii") as f:
        json.dump({"schemaVersion": 2, "manifests": [entry]}, f)
    with open(os.path.join(path, "oci-layout"), "w", encoding="ascii") as f:
        json.dump({"imageLayoutVersion": "1.0.0"}, f)


CAPABILITY = bytes.fromhex("0100000200200000000000000000000000000000")


def zoo():
    long = "x" * 120 + "/" + "y" * 200
    base = (Layer().dir("etc").dir("d", 0o2750, uid=5, gid=6, mtime=1500000001)
            .add("d/f", data=b"lower").add("d/x", data=b"whited out").add("d/kept", data=b"kept")
            .add("d/suid", mode=0o4755, uid=7, gid=8, data=b"set id")
            .add("d/caps", mode=0o755, data=b"caps", xattrs=[("security.capability", CAPABILITY)])
            .add("d/notes", data=b"", xattrs=[("user.a", b"1\n\0\xff"), ("user.b", b"")][:1])
            .dir("n").add("n/null", tarfile.CHRTYPE, 0o666, device=(1, 3))
            .add("n/disk", tarfile.BLKTYPE, 0o660, gid=6, device=(7, 0))
            .add("n/pipe", tarfile.FIFOTYPE, 0o600, uid=3000000, gid=2500000)
            .add("n/sym", tarfile.SYMTYPE, 0o777, link="../d/f")
            .add("n/dangling", tarfile.SYMTYPE, 0o777, link="/no/where", uid=9)
            .dir("h").add("h/a", mode=0o640, uid=1, data=b"linked").hardlink("h/b", "h/a")
            .hardlink("h/c", "h/a").hardlink("etc/h", "h/a")
            .add("h/low", data=b"linked from above").add("h/low2", data=b"a pair")
            .hardlink("h/low3", "h/low2")
            .dir("op", 0o700).add("op/a", data=b"1").add("op/b", data=b"2").dir("op/sub")
            .add("op/sub/z", data=b"z")
            .dir("gone").add("gone/old", data=b"old")
            .dir("todir-was-file-parent").add("filetodir", data=b"file")
            .dir("dirtofile").add("dirtofile/x", data=b"x")
            .dir("dirtolink").add("dirtolink/x", data=b"x")
            .add("linktodir", tarfile.SYMTYPE, 0o777, link="d")
            .dir("flip").add("flip/x", data=b"first life")
            .dir("u").add("u/unhide", data=b"must stay hidden").add("u/used", data=b"used")
            .dir("empty", 0o1777, mtime=5)
            .dir("x" * 120).add(long, data=b"long").add("etc/sp ace\nline", data=b"name")
            .add("etc/\udcff\udcfe", data=b"no UTF-8").add("etc/\u00fc", data=b"UTF-8")
            .add("etc/late", mtime=1 << 34, data=b"2514").add("etc/zero", mtime=0, data=b"0")
            .dir("imp").add("imp/x", data=b"x"))
    upper = (Layer("gzip").dir("d", 0o2755, uid=5, gid=6, mtime=1500000002)
             .whiteout("d/x").add("d/f", mode=0o600, data=b"upper")
             .dir("op", 0o711).add("op/c", data=b"3").opaque("op")
             .dir("filetodir").add("filetodir/y", data=b"y")
             .add("dirtofile", data=b"now a file")
             .add("dirtolink", tarfile.SYMTYPE, 0o777, link="d")
             .dir("linktodir").add("linktodir/own", data=b"own")
             .add("flip", data=b"a file for a while")
             .dir("u").add("u/unhide", data=b"upper, unused"))
    third = (Layer().whiteout("gone").add("gone/new", data=b"implied parent")
             .add("d/later", data=b"no entry of its parent").dir("flip", 0o750)
             .add("flip/y", data=b"third life").whiteout("imp").add("imp/y", data=b"y")
             .hardlink("h/high", "h/low").hardlink("h/high3", "h/low2"))
    unused = Layer().dir("un").add("un/used1", data=b"1").add("un/used2", data=b"2")
    whole = (Layer("gzip").dir("w", 0o700).add("w/a", data=b"a").hardlink("w/b", "w/a")
             .add("w/l", tarfile.SYMTYPE, 0o777, link="a"))
    rm = Layer().dir("op", 0o711, mtime=1600000009).whiteout("op/c").whiteout("op/nothing")
    return [base, upper, third, unused, Layer(), whole, rm]


# Half of each pair, so that the first name of a link group and the upper of two are left out.
ZOO_LOG = """/d/f /d/caps /d/suid /d/notes /n/null /n/pipe /n/sym /h/b /h/c /h/high /h/low3
/h/high3 /filetodir/y /dirtofile /dirtolink /linktodir/own /flip/y /u/used /empty /gone/new
/d/later /w/a /w/b /w/l /op /imp/y /etc/late /n/disk""".split()
ZOO_GONE = ["u/unhide", "d/x", "op/a", "op/c", "op/sub", "gone/old", "flip/x", "h/a", "un",
            "dirtofile/x", "imp/x", "d/kept"]
