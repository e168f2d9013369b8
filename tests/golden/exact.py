#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""exact.py - the kept files of a trimmed image are those of the original, to the last attribute

In: imagetrim and the name of a test. Out: nothing when the effective file systems agree, else a
line for each difference. The images are made here: one that holds every kind of node and every
whiteout case, and random ones (a fixed seed each, told on failure). readback.py reads them.

    zoo      both layer modes, every output form and compression, by our reader
    umoci    the same, read by umoci as root
    random   many small images: keep and one agree, and keep what the log says
    share    random families: each image is exact, common layers stay common
"""
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile

import readback

SKIP = 77
OCI = "application/vnd.oci.image."


# ---- making images --------------------------------------------------------------------------------

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


# ---- trimming -------------------------------------------------------------------------------------

class Box:
    """A directory of the test's own, and imagetrim in it."""

    def __init__(self, imagetrim):
        self.imagetrim = imagetrim
        self.dir = tempfile.mkdtemp(prefix="imagetrim-exact.")
        self.failed = 0

    def path(self, name):
        return os.path.join(self.dir, name)

    def log(self, name, paths):
        with open(self.path(name), "w", encoding="utf-8", errors="surrogateescape") as f:
            f.write("\n".join(paths) + "\n")
        return self.path(name)

    def trim(self, words, stdout=None):
        run = subprocess.run([self.imagetrim, "trim", "-q", "--no-rules"] + words,
                             stdout=stdout or subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if run.returncode:
            raise SystemExit("trim %s: %s" % (words, run.stderr.decode("utf-8", "replace")))

    def one(self, source, log, form, options):
        """Trims to a form; the file or layout it made."""
        out = self.path("out")
        shutil.rmtree(out, ignore_errors=True)
        if os.path.exists(out):
            os.unlink(out)
        words = ["oci:%s:t" % source, log] + options
        if form == "-":
            with open(out, "wb") as f:
                self.trim(words + ["-t", "-"], f)
        else:
            name = "case:t" if form == "docker-archive" else "t"
            self.trim(words + ["-t", "%s:%s:%s" % (form, out, name)])
        return out

    def expect(self, what, wrong):
        for line in wrong[:20]:
            print("%s: %s" % (what, line))
        self.failed += bool(wrong)

    def end(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        return 1 if self.failed else 0


def hidden(image, after):
    """Bytes that no one can see have no place in a trimmed image."""
    n = readback.files_in(image.plain) - sum(node.kind != "dir" for node in after.values())
    return ["%d files of its layers are hidden" % n] if n else []


def missing(before, after, paths):
    """Paths that the log names, that were there (through no link) and are not any more."""
    wanted = [p.strip("/") for p in paths]
    return ["%r is lost" % p for p in wanted if p in before and p not in after]


VARIANTS = [(layers, form, how)
            for layers in ("one", "keep")
            for form, how in (("oci", "none"), ("oci-archive", "gzip:9"), ("docker-archive", "zstd"),
                              ("-", "none"), ("docker-archive", None), ("oci", "gzip"))]


def options_of(layers, how):
    return ["--layers", layers] + (["--compress", how] if how else [])


def test_zoo(box):
    source = box.path("zoo")
    write_layout(source, zoo())
    original = readback.Image(source)
    before = readback.effective(original.plain)
    log = box.log("log", ZOO_LOG)
    kept = {}
    for layers, form, how in VARIANTS:
        what = "%s %s %s" % (layers, form, how)
        out = box.one(source, log, form, options_of(layers, how))
        image = readback.Image(out)
        after = readback.effective(image.plain)
        wrong = readback.differences(before, after) + missing(before, after, ZOO_LOG)
        wrong += ["%r is not hidden" % p for p in ZOO_GONE if p in after]
        kept.setdefault("paths", sorted(after))
        if sorted(after) != kept["paths"]:
            wrong.append("other paths: %r" % (set(after) ^ set(kept["paths"])))
        if form in ("docker-archive", "-"):
            other = readback.Image(out, by="manifest")
            if (other.config_text, other.layers) != (image.config_text, image.layers):
                wrong.append("manifest.json and index.json differ")
        wrong += check_types(original, image, how) + hidden(image, after)
        if layers == "keep":
            wrong += check_kept_layers(original, image, how)
        box.expect(what, wrong)


def check_types(original, image, how):
    """Media types are OCI's, and true."""
    out = []
    for descriptor, blob in zip(image.manifest["layers"], image.layers):
        passed = blob in original.layers
        kind = {b"\x1f\x8b": "+gzip", b"\x28\xb5": "+zstd"}.get(blob[:2], "")
        if descriptor["mediaType"] != OCI + "layer.v1.tar" + kind:
            out.append("%s is called %s" % (kind, descriptor["mediaType"]))
        if how and kind[1:] != how.partition(":")[0].replace("none", ""):
            out.append("a layer is %s" % (kind or "plain"))
        if kind == "+gzip" and not passed and (blob[3:8] != bytes(5) or blob[9] != 255):
            out.append("the gzip header tells of time, name or system: %s" % blob[:10].hex())
    return out


def check_kept_layers(original, image, how):
    """base, upper, third filtered; unused and the empty one gone; whole as it was."""
    places, out = image.by_history(), []
    if [p is None for p in places] != [False, False, False, True, True, False, False]:
        out.append("layers left: %r" % places)
    if places[5] != original.diff_ids[5]:
        out.append("a layer that is kept whole has another diff ID")
    if not how and original.layers[5] not in image.layers:
        out.append("a layer that is kept whole is stored anew")
    if places[0] == original.diff_ids[0]:
        out.append("the base was not filtered")
    return out


def extract(path, layout):
    """An archive as a layout, its one image called t."""
    if os.path.isdir(path):
        shutil.copytree(path, layout)
    else:
        with tarfile.open(path) as tar:
            tar.extractall(layout)
    index = os.path.join(layout, "index.json")
    with open(index, encoding="ascii") as f:
        data = json.load(f)
    data["manifests"][0]["annotations"] = {"org.opencontainers.image.ref.name": "t"}
    with open(index, "w", encoding="ascii") as f:
        json.dump(data, f)


def test_umoci(box):
    if os.getuid() != 0 or not shutil.which("umoci"):
        print("needs root and umoci")
        return SKIP
    source = box.path("zoo")
    write_layout(source, zoo())
    implied = {p for p, n in readback.effective(readback.Image(source).plain).items() if n.implied}
    before = readback.umoci(source, "t", box.path("before"))
    log = box.log("log", ZOO_LOG)
    paths = None
    for layers, form, how in VARIANTS:
        if how == "zstd":
            how = "gzip"  # umoci 0.4 knows no other
        out = box.one(source, log, form, options_of(layers, how))
        extract(out, box.path("layout"))
        after = readback.umoci(box.path("layout"), "t", box.path("after"))
        wrong = readback.differences(before, after, implied) + missing(before, after, ZOO_LOG)
        paths = paths or sorted(after)
        if sorted(after) != paths:
            wrong.append("other paths: %r" % (set(after) ^ set(paths)))
        box.expect("umoci: %s %s %s" % (layers, form, how), wrong)
        shutil.rmtree(box.path("layout"))
        shutil.rmtree(box.path("after"))
    return 0


def seeds(n):
    """More of them, or one alone: exact.py IMAGETRIM random FIRST END."""
    return range(*map(int, sys.argv[3:5])) if len(sys.argv) > 4 else range(n)


# ---- random images ----------------------------------------------------------------------------------

def random_path(rng):
    return "/".join(rng.choice("abc") for _ in range(rng.randint(1, 3)))


def fits(names, path, is_dir):
    """Does a layer with these names (path -> is a directory) have room for path?"""
    parts = path.split("/")
    if path in names or any(names.get("/".join(parts[:i])) is False for i in range(1, len(parts))):
        return False
    return is_dir or not any(n.startswith(path + "/") for n in names)


def random_dir(rng, layer, path):
    layer.dir(path, rng.choice([0o755, 0o700, 0o1777]), mtime=rng.randint(1, 99), uid=rng.randint(0, 3))


def random_layer(rng, lower):
    layer, names, files = Layer(rng.choice(["", "", "gzip"])), {}, []
    for _ in range(rng.randint(0, 8)):
        path, kind = random_path(rng), rng.choice("ffffdslwwo")
        if kind in "wo":
            if path + kind not in names:
                (layer.whiteout if kind == "w" else layer.opaque)(path)
                names[path + kind] = True
            continue
        if not fits(names, path, kind == "d"):
            continue
        parts = path.split("/")
        for i in range(1, len(parts)):
            parent = "/".join(parts[:i])
            if parent not in names and rng.random() < 0.7:
                random_dir(rng, layer, parent)
                names[parent] = True
        names[path] = kind == "d"
        if kind == "d":
            random_dir(rng, layer, path)
        elif kind == "s":
            layer.add(path, tarfile.SYMTYPE, 0o777, link=random_path(rng))
        elif kind == "l" and files:
            layer.hardlink(path, rng.choice(files))
        else:
            layer.add(path, data=b"%d" % rng.randint(0, 999), mtime=rng.randint(1, 99),
                      mode=rng.choice([0o644, 0o4755]))
            files.append(path)
    old = [p for p, n in lower.items() if n.kind == "file"]
    if old and rng.random() < 0.3:
        target, path = rng.choice(sorted(old)), random_path(rng)
        hidden = [n[:-1] for n in names if n[-1] in "wo"]
        clear = not any(target == h or target.startswith(h + "/") for h in hidden)
        if clear and fits(names, path, False) and fits(names, target, False) and path != target and \
                not path.startswith(target + "/") and not target.startswith(path + "/"):
            layer.hardlink(path, target)
    return layer


def random_layers(rng, layers, n):
    for _ in range(n):
        layers.append(random_layer(rng, readback.effective([la.tar() for la in layers])))
    return layers


def random_log(rng, tree):
    return ["/" + p for p in sorted(tree) if rng.random() < 0.5] or ["/none"]


def random_case(box, seed):
    rng = random.Random(seed)
    layers = random_layers(rng, [], rng.randint(1, 5))
    source = box.path("image")
    shutil.rmtree(source, ignore_errors=True)
    write_layout(source, layers)
    before = readback.effective(readback.Image(source).plain)
    paths = random_log(rng, before)
    log = box.log("log", paths)
    after = {}
    for mode in ("one", "keep"):
        image = readback.Image(box.one(source, log, "oci", ["--layers", mode]))
        after[mode] = readback.effective(image.plain)
        wrong = readback.differences(before, after[mode]) + missing(before, after[mode], paths)
        wrong += hidden(image, after[mode])
        box.expect("random %d, %s" % (seed, mode), wrong)
    box.expect("random %d" % seed, ["keep and one differ in %r" % p for p in
                                    set(after["keep"]) ^ set(after["one"])])
    image = readback.Image(box.one(source, log, "oci", ["--layers", "keep", "--include", "/**"]))
    everything = readback.effective(image.plain)
    wrong = readback.differences(before, everything)
    wrong += ["%r is lost" % p for p in before if p not in everything]
    wrong += hidden(image, everything)
    box.expect("random %d, all kept" % seed, wrong)


def test_random(box):
    for seed in seeds(60):
        random_case(box, seed)


def share_case(box, seed):
    rng = random.Random(seed)
    base, members = random_layers(rng, [], rng.randint(1, 3)), []
    words, logs = [], []
    for n in range(3):
        layers = base if n < 2 else base[:max(1, len(base) - 1)]
        layers = random_layers(rng, list(layers), rng.randint(0, 3))
        source, out = box.path("in%d" % n), box.path("out%d" % n)
        for path in (source, out):
            shutil.rmtree(path, ignore_errors=True)
        write_layout(source, layers)
        members.append({"in": readback.Image(source), "source": source, "out": out})
        words += ["oci:%s:t" % source]
    paths = random_log(rng, readback.effective(members[0]["in"].plain))
    logs = [box.log("log", paths)]
    box.trim(["--share"] + words + logs + [w for m in members for w in ("-t", "oci:%s:t" % m["out"])])
    for n, m in enumerate(members):
        m["image"] = readback.Image(m["out"])
        before = readback.effective(m["in"].plain)
        after = readback.effective(m["image"].plain)
        alone = readback.Image(box.one(m["source"], logs[0], "oci", []))
        wrong = readback.differences(before, after)
        wrong += ["%r is lost" % p for p in readback.effective(alone.plain) if p not in after]
        box.expect("share %d, image %d" % (seed, n), wrong)
    check_common(box, seed, members)


def check_common(box, seed, members):
    for a in members:
        for b in members:
            x, y = a["in"].diff_ids, b["in"].diff_ids
            n = len(os.path.commonprefix([x, y]))
            # An image of which nothing is left keeps an empty layer, which another need not.
            left = [m["image"].by_history() for m in (a, b)]
            empty = hashlib.sha256(bytes(1024)).hexdigest()
            left = [[None if d == "sha256:" + empty else d for d in ids] for ids in left]
            box.expect("share %d" % seed, ["common layer %d differs" % i for i in range(n)
                                           if left[0][i] != left[1][i]])


def test_share(box):
    for seed in seeds(20):
        share_case(box, seed)


def main():
    imagetrim, name = sys.argv[1:3]
    os.environ.pop("SOURCE_DATE_EPOCH", None)
    box = Box(os.path.abspath(imagetrim))
    status = 0
    try:
        status = {"zoo": test_zoo, "umoci": test_umoci, "random": test_random,
                  "share": test_share}[name](box)
    finally:
        failed = box.end()
    sys.exit(status or failed)


main()
