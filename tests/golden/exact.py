#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""exact.py - the kept files of a trimmed image are those of the original, to the last attribute

In: imagetrim and the name of a test. Out: nothing when the effective file systems agree, else a
line for each difference. The images are made here: one that holds every kind of node and every
whiteout case, and random ones (a fixed seed each, told on failure). readback.py reads them.

    zoo      both layer modes, every output form and compression, by our reader
    umoci    the same, read by umoci as root
    readers  COMPARE-READERS behind it: our reader of tars and libarchive agree about the zoo,
             in every dialect of Python's and GNU's writer, and cut anywhere
    random   many small images: keep and one agree, and keep what the log says
    share    random families: each image is exact, common layers stay common
    engine   ENGINE [graph|containerd] behind it: the zoo loaded there, in every form it takes,
             and exported again (tests/e2e/case_layers.sh, case_stores.sh)
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

sys.dont_write_bytecode = True  # the sources may be read-only, and stay clean
import readback  # noqa: E402
from box import SKIP, VARIANTS, Box, missing, options_of  # noqa: E402
from zoo import OCI, ZOO_GONE, ZOO_LOG, Layer, write_layout, zoo  # noqa: E402

def hidden(image, after):
    """Bytes that no one can see have no place in a trimmed image."""
    n = readback.files_in(image.plain) - sum(node.kind != "dir" for node in after.values())
    return ["%d files of its layers are hidden" % n] if n else []


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


DIALECTS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def in_dialects(box, layer):
    """The layer's entries, as far as the dialect can hold them."""
    for name, form in DIALECTS.items():
        out = io.BytesIO()
        with tarfile.open(fileobj=io.BytesIO(layer), errors="surrogateescape") as src, \
             tarfile.open(fileobj=out, mode="w", format=form, errors="surrogateescape") as dst:
            for member in src:
                try:
                    dst.addfile(member, src.extractfile(member) if member.isreg() else None)
                except ValueError:
                    pass  # a name or number too long for ustar
        yield name, out.getvalue()


def gnu_tars(box):
    """By GNU tar itself: sparse files, names and owners beyond the fields."""
    top = box.path("files")
    os.makedirs(os.path.join(top, "n" * 90, "m" * 90))
    for name in "plain", os.path.join("n" * 90, "m" * 90, "o" * 90):
        with open(os.path.join(top, name), "wb") as f:
            f.write(b"x" * 70000)
    os.symlink("t" * 200, os.path.join(top, "link"))
    os.link(os.path.join(top, "plain"), os.path.join(top, "zz"))
    with open(os.path.join(top, "sparse"), "wb") as f:
        f.truncate(1 << 20)
        f.seek(300000)
        f.write(b"in the middle")
    for form in "v7", "oldgnu", "gnu", "ustar", "posix":
        out = box.path("gnu-" + form)
        sparse = [] if form in ("v7", "ustar") else ["-S", "--owner=:3000000"]
        subprocess.run(["tar", "-C", top, "--format", form, "--mtime=@1700000000.5", *sparse,
                        "-cf", out, "."], stderr=subprocess.DEVNULL, check=False)
        with open(out, "rb") as f:
            yield form, f.read()


def test_readers(box):
    source = box.path("zoo")
    write_layout(source, zoo())
    tars = list(enumerate(readback.Image(source).plain))
    for layers in "one", "keep":
        out = box.one(source, box.log("log", ZOO_LOG), "docker-archive", options_of(layers, None))
        tars += [("%s %d" % (layers, i), t) for i, t in enumerate(readback.Image(out).plain)]
        with open(out, "rb") as f:
            tars.append((layers, f.read()))
    tars += [("%s %s" % (i, d), t) for i, layer in tars[:3] for d, t in in_dialects(box, layer)]
    tars += list(gnu_tars(box))
    files = []
    for what, data in tars:
        for cut in {len(data), *range(0, min(len(data), 40000), 4999), *range(0, 4096, 512)}:
            files.append(box.path("%s cut at %d" % (what, cut)))
            with open(files[-1], "wb") as f:
                f.write(data[:cut])
    run = subprocess.run([sys.argv[3], *files], stdout=subprocess.PIPE, check=False, text=True,
                         errors="replace")
    box.expect("readers", run.stdout.splitlines() or ["status %d" % run.returncode] *
               bool(run.returncode))


def seeds(n):
    """More of them, or one alone: exact.py IMAGETRIM random FIRST END."""
    return range(*map(int, sys.argv[3:5])) if len(sys.argv) > 4 else range(n)


# What engines make in each container, and what `export` leaves out.
ENGINE_PATHS = {".dockerenv", "dev", "proc", "sys", "etc/hosts", "etc/hostname", "etc/resolv.conf",
                "etc/mtab", "run", "run/.containerenv", "run/secrets"}


def exported(engine, archive, form, box):
    def run(*words):
        done = subprocess.run([engine, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
        if done.returncode:
            raise SystemExit("%s %s: %s" % (engine, words[0], done.stderr.decode("utf-8", "replace")))
        return done.stdout

    # An archive on a pipe has no name of its own.
    said = run("load", "-q", "-i", archive).decode()
    name = "case:t" if engine == "docker" else "docker.io/library/case:t"
    if form == "-":
        name = said.split()[-1]
    container = run("create", name, "/none").decode().split()[-1]
    with open(box.path("export"), "wb") as f:
        f.write(run("export", container))
    run("rm", container)
    run("rmi", name)
    with open(box.path("export"), "rb") as f:
        tree = readback.effective([f.read()])
    return {p: n for p, n in tree.items() if p not in ENGINE_PATHS and not p.startswith("dev/")}


def known_to_export(tree):
    """
    docker export tells of no attributes but capabilities; /etc is touched by the engine; a time
    far ahead is 0 to engines.
    """
    for path, node in tree.items():
        node.xattrs = tuple(x for x in node.xattrs if x[0] == "security.capability")
        if path == "etc" or node.mtime >= 1 << 33:
            node.mtime = 0
    return tree


# What each takes (formats.md 1.3): a graph driver no OCI archive, Docker 20.10 no zstd.
ENGINE_VARIANTS = [("one", "docker-archive", "none"), ("keep", "-", "none"),
                   ("keep", "docker-archive", "gzip")]
ZSTD_VARIANTS = [("keep", "docker-archive", "zstd")]
OCI_VARIANTS = [("one", "oci-archive", "none"), ("keep", "oci-archive", "gzip"),
                ("keep", "oci-archive", "zstd")]


def engine_variants(engine, store):
    out = list(ENGINE_VARIANTS)
    if engine == "podman" or store:
        out += ZSTD_VARIANTS
    if engine == "podman" or store == "containerd":
        out += OCI_VARIANTS
    return out


def test_engine(box):
    engine, store = (sys.argv[3:] + [None])[:2]
    source = box.path("zoo")
    write_layout(source, zoo())
    original = readback.Image(source)
    log = box.log("log", ZOO_LOG)
    for layers, form, how in engine_variants(engine, store):
        before = known_to_export(readback.effective(original.plain))
        implied = {p for p, n in before.items() if n.implied}
        out = box.one(source, log, form, options_of(layers, how))
        wanted = readback.effective(readback.Image(out).plain)
        after = known_to_export(exported(engine, out, form, box))
        wrong = readback.differences(before, after, implied)
        wrong += ["%r is lost" % p for p in wanted if p not in after]
        box.expect("%s: %s %s %s" % (engine, layers, form, how), wrong)


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
                  "share": test_share, "readers": test_readers, "engine": test_engine}[name](box)
    finally:
        failed = box.end()
    sys.exit(status or failed)


main()
