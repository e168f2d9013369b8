#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""trimmer.py - the trimmer beside what could do a part of its work

trimmer.py [GROUP...], called by trimmer.sh, which prepares an engine with redis:t, redis.tar and
redis.tlog in the working directory and IMAGETRIM, BENCH_NULL and BENCH_GEN in the environment.
Prints the section; without groups it goes into docs/performance.md too.
"""
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tarfile

from rounds import Failed, Table, machine, median, once, pinned, ratio, replace_section, rounds, spread

HERE = os.path.dirname(os.path.abspath(__file__))
IMAGETRIM, NULL, GEN = (os.environ[v] for v in ("IMAGETRIM", "BENCH_NULL", "BENCH_GEN"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
MIB = 1 << 20


def run(*argv, **kw):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, **kw).stdout


def trim(source, log, dest, *options):
    return [IMAGETRIM, "trim", "-q", source, log, "-t", dest, *options]


def layers(archive):
    """Names of the archive's layers."""
    with tarfile.open(archive) as t:
        return json.load(t.extractfile("manifest.json"))[0]["Layers"]


def extract(archive, name, path):
    with tarfile.open(archive) as t, open(path, "wb") as f:
        shutil.copyfileobj(t.extractfile(name), f)


def compare(runs, ours, goals, what):
    """A row for each of the others: its time, ours as a multiple of it, the goal."""
    table = Table(what, "seconds", f"{ours}: times that", "goal")
    for name in runs:
        seconds = spread([r.wall for r in runs[name]], ".3f")
        if name == ours:
            table.row(f"**{name}**", seconds, "", "")
        else:
            table.row(name, seconds, spread(ratio(runs, ours, name), ".3g"),
                      goals.get(name, ""))
    return table.text()


# ---- redis, archive to archive -----------------------------------------------------------------

def make_keep():
    """The list of what imagetrim keeps, and the one layer, for those that know no archive."""
    once(trim("docker-archive:redis.tar", "redis.tlog", "docker-archive:kept.tar:a:b"))
    extract("kept.tar", layers("kept.tar")[0], "kept-layer.tar")
    extract("redis.tar", layers("redis.tar")[0], "layer.tar")
    with tarfile.open("kept-layer.tar") as t, open("keep", "w", encoding="utf-8") as f:
        for m in t:
            f.write(m.name + ("/" if m.isdir() else "") + "\n")
    with open("keep", encoding="utf-8") as f, open("bsdtar.args", "w", encoding="utf-8") as out:
        for line in f:
            name = line.strip()
            if not name.endswith("/"):
                out.write(f"{name}\n")


def archive():
    make_keep()
    a, out = "docker-archive:redis.tar", "docker-archive:out.tar:a:b"
    with open("bsdtar.args", encoding="utf-8") as f:
        include = [x for line in f for x in ("--include", line.strip())]
    commands = {
        "imagetrim": pinned(trim(a, "redis.tlog", out)),
        "imagetrim --no-verify": pinned(trim(a, "redis.tlog", out, "--no-verify")),
        "null program, which verifies": pinned([NULL, "--verify", "redis.tar", "keep", "n.tar"]),
        "null program": pinned([NULL, "redis.tar", "keep", "n.tar"]),
        "bsdtar, layer to layer": pinned(["bsdtar", "-cf", "b.tar", *include, "@layer.tar"]),
        "Python tarfile, layer to layer": "taskset -c {} python3 {}/tar_filter.py keep "
                                          "< layer.tar > p.tar".format(
                                              max(os.sched_getaffinity(0)), HERE),
        "skopeo copy": "rm -f s.tar; skopeo copy -q docker-archive:redis.tar "
                       "docker-archive:s.tar:a:b",
    }
    outputs = {"imagetrim": "out.tar", "imagetrim --no-verify": "out.tar",
               "null program, which verifies": "n.tar", "null program": "n.tar",
               "bsdtar, layer to layer": "b.tar", "Python tarfile, layer to layer": "p.tar"}

    def before(name):  # a new file each time: to replace one costs a file system extra
        with contextlib.suppress(KeyError, FileNotFoundError):
            os.remove(outputs[name])

    runs = rounds(commands, ROUNDS, before)
    free = rounds({name: commands[name][3:] for name in list(commands)[:4]}, ROUNDS, before)
    sizes = {f: os.path.getsize(f) / 1e6 for f in ("redis.tar", "out.tar", "n.tar", "b.tar", "p.tar")}
    for f in "n.tar", "b.tar", "p.tar":  # with package databases that are not cut
        if not 1 <= sizes[f] / sizes["out.tar"] < 1.05:
            raise Failed(f"{f} has {sizes[f]:.1f} MB, out.tar {sizes['out.tar']:.1f} MB")
    python = median(runs, "Python tarfile, layer to layer") / 15
    floor = median(runs, "null program")
    below = (f"A fifteenth of what the Python filter takes is {python:.3f} s. The null program, which "
             f"judges nothing and verifies nothing, takes {floor:.3f} s for the bytes that are kept: "
             "that goal is below what the machine can do.\n\n" if python < floor else "")
    return (f"### redis, archive to archive\n\n{sizes['redis.tar']:.0f} MB in, "
            f"{sizes['out.tar']:.1f} MB out, one CPU, {ROUNDS} rounds. The null program "
            "(`tests/bench/null_trim.c`) reads all headers, and reads, hashes and writes the "
            "kept bytes; the verifying one hashes each layer too, as imagetrim does unless told "
            "`--no-verify`. What imagetrim does beside that is the judgement: a tree of all "
            "names, marks and what they need, the paths of each package, databases cut.\n\n" + below +
            compare(runs, "imagetrim", {
                "null program, which verifies": "<= 1.2",
                "Python tarfile, layer to layer": "<= 1/15 = 0.0667"}, "program") + "\n" +
            compare({name: runs[name] for name in ("imagetrim --no-verify", "null program")},
                    "imagetrim --no-verify", {"null program": "<= 1.2"}, "without verifying") +
            "\nOn all CPUs layers are hashed beside the other work; the null program does one thing "
            "after the other.\n\n" +
            compare(free, "imagetrim", {"null program, which verifies": "<= 1.2"},
                    "placement free"))


# ---- redis, through Docker -----------------------------------------------------------------------

def docker():
    once(trim("docker-archive:redis.tar", "redis.tlog", "docker-archive:small.tar:redis:small"))
    make_keep()
    commands = {
        "imagetrim": trim("redis:t", "redis.tlog", "redis:new", "--engine", "docker"),
        "docker save >/dev/null; docker load": "docker save redis:t >/dev/null; "
                                               "docker load -q < small.tar",
        "docker export, Python tarfile, docker import":
            "docker create --name bench-c redis:t true; docker export bench-c | "
            f"python3 {HERE}/tar_filter.py keep | docker import - redis:new; "
            "docker rm bench-c",
    }

    commands["docker image inspect"] = "docker image inspect redis:t"

    def before(_):
        subprocess.run("docker rmi -f redis:new redis:small", shell=True, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    n = 3 * ROUNDS  # dockerd scatters
    runs = rounds(commands, n, before)
    return (f"### redis, through Docker\n\nDocker {run('docker', 'version', '-f', '{{.Server.Version}}').strip()}, "
            f"{run('docker', 'info', '-f', '{{.Driver}}').strip()}, {n} rounds; the image that is "
            "loaded is removed before each. While docker saves, imagetrim hashes the layers, and asks how "
            "large the image is; afterwards it asks whether the image is what was loaded, which the "
            "last row measures.\n\n" +
            compare(runs, "imagetrim", {
                "docker save >/dev/null; docker load": "<= 1.15"}, "commands"))


# ---- scale -----------------------------------------------------------------------------------------

def files():
    with open("one", "w", encoding="utf-8") as f:
        f.write("/data/l3/d5/f7\n")
    out = "docker-archive:out.tar:a:b"
    n = {"100,000 files": 10000, "1,000,000 files": 100000}
    commands, layers_kept = {}, {}
    for name, each in n.items():
        path = f"files-{each}.tar"
        run(GEN, "image", path, "10", str(each), "100")
        commands[name] = pinned(trim(f"docker-archive:{path}", "one", out))
        kept = pinned(trim(f"docker-archive:{path}", "one", out, "--layers", "keep"))
        layers_kept[name + ", layers kept"] = kept
        layers_kept[name + ", layers kept, all files"] = [*kept, "--include", "/data"]
    runs = rounds(commands, max(3, ROUNDS // 2))
    growth = spread(ratio(runs, "1,000,000 files", "100,000 files"), ".3g")
    runs.update(rounds(layers_kept, 1))
    table = Table("10 layers of files of 100 bytes, the whole trim", "seconds", "peak memory", "goal")
    for name in runs:
        table.row(name, spread([r.wall for r in runs[name]], ".2f"),
                  f"{median(runs, name, 'rss') / MIB:.0f} MiB",
                  "2.5 s, 350 MB" if name == "1,000,000 files" else "")
    for each in n.values():
        os.remove(f"files-{each}.tar")
    return (f"### Many files\n\n{table.text()}\nTen times the files take {growth} times the "
            "time.\n")


def sparse():
    run(GEN, "sparse", "sparse.tar", "5", "4", str(1 << 30))
    run(GEN, "sparse", "small.tar", "5", "4", str(1 << 20))
    with open("none", "w", encoding="utf-8") as f:
        f.write("/data\n")
    out = "docker-archive:out.tar:a:b"
    small = pinned(trim("docker-archive:small.tar", "none", out))
    large = pinned(trim("docker-archive:sparse.tar", "none", out))
    runs = rounds({"20 MB": small, "20 GB, --no-verify": [*large, "--no-verify"]}, 3)
    runs.update(rounds({"20 GB": large}, 1))
    table = Table("20 large files, 5 layers, all dropped", "seconds", "bytes read", "peak memory")
    for name in runs:
        table.row(name, spread([r.wall for r in runs[name]], ".3f"),
                  f"{median(runs, name, 'read'):,.0f}",
                  f"{median(runs, name, 'rss') / MIB:.1f} MiB")
    os.remove("sparse.tar")
    return ("### Large files\n\nUnless told not to (`--no-verify`), imagetrim compares each layer "
            "with its diff ID, which takes every byte of it; "
            "what is a hole on the disk is hashed without being read.\n\n" + table.text())


def merge():
    table = Table("logs of 5,000 paths", "distinct paths", "seconds", "seconds a 1,000",
                  "peak memory", "a distinct path", "goal")
    for n, alike, times in (1000, 90, 3), (10000, 90, 1), (10000, 100, 1):
        run(GEN, "logs", "logs", str(n), "5000", str(alike))
        runs = rounds({"m": pinned([IMAGETRIM, "merge", "-o", "m.tlog", "logs"])}, times)
        walls = [r.wall for r in runs["m"]]
        distinct = 50 * alike + n * 50 * (100 - alike)
        rss = median(runs, "m", "rss")
        table.row(f"{n:,}, {alike} % alike", f"{distinct:,}", spread(walls, ".2f"),
                  spread([w * 1000 / n for w in walls], ".2f"), f"{rss / MIB:.0f} MiB",
                  f"{rss / distinct:.0f} bytes" if alike < 100 else "",
                  "2 s a 1,000" if alike == 90 else "")
        shutil.rmtree("logs")
    return ("### Merging logs\n\nMemory goes by distinct paths: logs that are all alike take "
            "next to none, however many they are.\n\n" + table.text())


def gzip():
    run("skopeo", "copy", "-q", "docker-archive:redis.tar", "oci:gz:r")
    blob = max((os.path.join("gz/blobs/sha256", b) for b in os.listdir("gz/blobs/sha256")),
               key=os.path.getsize)
    commands = {
        "imagetrim": pinned(trim("oci:gz:r", "redis.tlog", "docker-archive:out.tar:a:b")),
        "gzip -dc": pinned(["gzip", "-dc", blob]),
    }
    os.rename(blob, blob + ".gz")
    os.symlink(os.path.basename(blob) + ".gz", blob)
    commands["gzip -dc"][-1] += ".gz"
    runs = rounds(commands, ROUNDS)
    return ("### gzip layers\n\nThe redis image as an OCI layout; gzip writes to `/dev/null`, "
            "the trim is whole.\n\n" +
            compare(runs, "imagetrim", {"gzip -dc": "<= 1.1"}, "program"))


GROUPS = {"archive": archive, "docker": docker, "files": files, "sparse": sparse, "merge": merge,
          "gzip": gzip}


def main():
    wanted = sys.argv[1:] or list(GROUPS)
    load = os.getloadavg()[0]
    parts = [GROUPS[name]() for name in wanted]
    text = ("## Trimmer\n\n`meson compile bench-trimmer` writes this section. "
            f"{machine()}; load {load:.1f} before and {os.getloadavg()[0]:.1f} after. What is "
            "compared runs side by side in each round, in changing order; the median, then the "
            "smallest and largest.\n\n" + "\n".join(parts))
    print(text)
    if len(sys.argv) == 1:
        replace_section(os.path.join(HERE, "../../docs/performance.md"), "trimmer", text)


main()
