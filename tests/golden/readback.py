# SPDX-License-Identifier: Apache-2.0
"""readback.py - the file system that an image stands for, by two readers that are not ours

In: an image archive or layout. Out: path -> Node. The first reader is Python's tarfile with the
rules of OCI layer.md written anew here; the second is `umoci unpack`, read by lstat(2). Never
imports or runs imagetrim.
"""
import hashlib
import io
import json
import os
import stat
import subprocess
import tarfile

KINDS = {tarfile.DIRTYPE: "dir", tarfile.REGTYPE: "file", tarfile.AREGTYPE: "file",
         tarfile.SYMTYPE: "symlink", tarfile.CHRTYPE: "char", tarfile.BLKTYPE: "block",
         tarfile.FIFOTYPE: "fifo"}


class Node:
    """A name's file; names of one file share the object."""

    def __init__(self, kind):
        self.kind = kind
        self.mode = self.uid = self.gid = self.mtime = 0
        self.size, self.content, self.link, self.device, self.xattrs = 0, "", "", None, ()
        self.implied = False  # a directory without an entry: engines choose its time

    def facts(self):
        return {k: v for k, v in vars(self).items() if k != "implied"}


# ---- bytes of an image -----------------------------------------------------------------------

def plain(blob):
    """By magic."""
    if blob[:2] == b"\x1f\x8b":
        return subprocess.run(["gzip", "-dc"], input=blob, stdout=subprocess.PIPE, check=True).stdout
    if blob[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dc"], input=blob, stdout=subprocess.PIPE, check=True).stdout
    return blob


class Image:
    """config and stored layers of an image, found by index.json or by manifest.json."""

    def __init__(self, path, by="index"):
        self.path = path
        self.files = {}
        if not os.path.isdir(path):
            with tarfile.open(path) as tar:
                self.files = {m.name: tar.extractfile(m).read() for m in tar if m.isreg()}
        if by == "index":
            entry = json.loads(self.read("index.json"))["manifests"][0]
            self.manifest = json.loads(self.blob(entry["digest"]))
            config = self.blob(self.manifest["config"]["digest"])
            self.layers = [self.blob(d["digest"]) for d in self.manifest["layers"]]
            assert [len(b) for b in self.layers] == [d["size"] for d in self.manifest["layers"]]
        else:
            entry = json.loads(self.read("manifest.json"))[0]
            config = self.read(entry["Config"])
            self.layers = [self.read(name) for name in entry["Layers"]]
        self.config_text = config
        self.config = json.loads(config)
        self.diff_ids = self.config["rootfs"]["diff_ids"]
        self.plain = [plain(b) for b in self.layers]
        assert self.diff_ids == ["sha256:" + hashlib.sha256(b).hexdigest() for b in self.plain]

    def read(self, name):
        if self.files:
            return self.files[name]
        with open(os.path.join(self.path, name), "rb") as f:
            return f.read()

    def blob(self, digest):
        data = self.read("blobs/sha256/" + digest[7:])
        assert "sha256:" + hashlib.sha256(data).hexdigest() == digest
        return data

    def by_history(self):
        """Diff IDs at the places of the original's layers, None where one is gone."""
        ids, out = list(self.diff_ids), []
        for entry in self.config["history"]:
            out.append(None if entry.get("empty_layer") else ids.pop(0))
        assert not ids, "more layers than history"
        return out


# ---- the first reader ----------------------------------------------------------------------------

def clean(name):
    return "/".join(c for c in name.split("/") if c not in ("", "."))


def below(path, directory):
    return not directory or path.startswith(directory + "/")


def remove(tree, path, itself=True):
    for p in [p for p in tree if below(p, path) or (itself and p == path)]:
        del tree[p]


def node_of(tar, m):
    node = Node(KINDS[m.type])
    node.mode, node.uid, node.gid, node.mtime = m.mode & 0o7777, m.uid, m.gid, int(m.mtime)
    if m.isreg():
        data = tar.extractfile(m).read()
        node.size, node.content = len(data), hashlib.sha256(data).hexdigest()
    if m.issym():
        node.link = m.linkname
    if m.ischr() or m.isblk():
        node.device = (m.devmajor, m.devminor)
    node.xattrs = tuple(sorted((k[13:], v.encode("utf-8", "surrogateescape").hex())
                               for k, v in m.pax_headers.items() if k.startswith("SCHILY.xattr.")))
    return node


def parents(tree, path):
    parts = path.split("/")[:-1]
    for i in range(len(parts)):
        p = "/".join(parts[:i + 1])
        if p not in tree or tree[p].kind != "dir":
            remove(tree, p)
            tree[p] = Node("dir")
            tree[p].mode, tree[p].implied = 0o755, True


def open_tar(data):
    """The last file's padding may be missing (`umoci insert`); Go's reader takes that, this not."""
    return tarfile.open(fileobj=io.BytesIO(data + bytes(-len(data) % 512)), encoding="utf-8",
                        errors="surrogateescape")


def apply_layer(tree, data):
    with open_tar(data) as tar:
        members = [(clean(m.name), m) for m in tar]
        for path, _ in members:
            directory, _, base = path.rpartition("/")
            if base == ".wh..wh..opq":
                remove(tree, directory, itself=False)
            elif base.startswith(".wh."):
                remove(tree, (directory + "/" if directory else "") + base[4:])
        for path, m in members:
            if not path or path.rpartition("/")[2].startswith(".wh."):
                continue
            parents(tree, path)
            if m.islnk():
                target = tree[clean(m.linkname)]
                if path in tree and tree[path].kind == "dir":
                    remove(tree, path)
                tree[path] = target
                continue
            if not m.isdir() or tree.get(path, Node("")).kind != "dir":
                remove(tree, path)
            tree[path] = node_of(tar, m)


def names(layer):
    with open_tar(layer) as tar:
        return [clean(m.name) for m in tar]


def files_in(layers):
    """How many files the layers bring, hidden ones too."""
    n = 0
    for data in layers:
        with open_tar(data) as tar:
            n += sum(not m.isdir() and not os.path.basename(m.name).startswith(".wh.") for m in tar)
    return n


def effective(layers):
    tree = {}
    for data in layers:
        apply_layer(tree, data)
    return tree


# ---- the second reader -----------------------------------------------------------------------------

def umoci(layout, ref, bundle):
    subprocess.run(["umoci", "unpack", "--image", layout + ":" + ref, bundle],
                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    root, tree, inodes = os.path.join(bundle, "rootfs"), {}, {}
    for directory, dirs, files in os.walk(os.fsencode(root)):
        for name in dirs + files:
            full = os.path.join(directory, name)
            path = os.fsdecode(full)[len(root) + 1:]
            st = os.lstat(full)
            if not stat.S_ISDIR(st.st_mode) and (st.st_dev, st.st_ino) in inodes:
                tree[path] = inodes[st.st_dev, st.st_ino]
                continue
            tree[path] = inodes[st.st_dev, st.st_ino] = on_disk(full, st)
    return tree


def on_disk(full, st):
    kinds = {stat.S_IFDIR: "dir", stat.S_IFREG: "file", stat.S_IFLNK: "symlink",
             stat.S_IFCHR: "char", stat.S_IFBLK: "block", stat.S_IFIFO: "fifo"}
    node = Node(kinds[stat.S_IFMT(st.st_mode)])
    node.mode, node.uid, node.gid = stat.S_IMODE(st.st_mode), st.st_uid, st.st_gid
    node.mtime = int(st.st_mtime // 1)
    if node.kind == "file":
        with open(full, "rb") as f:
            data = f.read()
        node.size, node.content = len(data), hashlib.sha256(data).hexdigest()
    if node.kind == "symlink":
        node.link = os.fsdecode(os.readlink(full))
    if node.kind in ("char", "block"):
        node.device = (os.major(st.st_rdev), os.minor(st.st_rdev))
    node.xattrs = tuple(sorted((k, os.getxattr(full, k, follow_symlinks=False).hex())
                               for k in os.listxattr(full, follow_symlinks=False)))
    return node


# ---- comparing ---------------------------------------------------------------------------------------

def groups(tree, paths):
    by_node = {}
    for path in paths:
        if tree[path].kind == "file":
            by_node.setdefault(id(tree[path]), set()).add(path)
    return sorted(sorted(g) for g in by_node.values())


def differences(before, after, implied=()):
    """What is not in `before` as it is in `after`. implied: directories without a time."""
    out = []
    for path, node in sorted(after.items()):
        if path not in before:
            out.append("%r was not there" % path)
            continue
        old, new = before[path].facts(), node.facts()
        if before[path].implied or path in implied:
            old["mtime"] = new["mtime"] = None
        out += ["%r: %s was %r, is %r" % (path, k, old[k], new[k]) for k in old if old[k] != new[k]]
    shared = [p for p in after if p in before]
    if groups(before, shared) != groups(after, shared):
        out.append("link groups were %r, are %r" % (groups(before, shared), groups(after, shared)))
    return out
