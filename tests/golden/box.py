# SPDX-License-Identifier: Apache-2.0
"""box.py - a directory of a test's own, and imagetrim in it (exact.py, produced.py)"""
import os
import shutil
import subprocess
import tempfile

SKIP = 77


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
        run = subprocess.run([self.imagetrim, "trim", "-q", "--no-rules", "--devices"] + words,
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
            name = "t" if form == "oci" else "case:t"
            self.trim(words + ["-t", "%s:%s:%s" % (form, out, name)])
        return out

    def expect(self, what, wrong):
        for line in wrong[:20]:
            print("%s: %s" % (what, line))
        self.failed += bool(wrong)

    def end(self):
        shutil.rmtree(self.dir, ignore_errors=True)
        return 1 if self.failed else 0


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
