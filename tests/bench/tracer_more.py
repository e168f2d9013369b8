# SPDX-License-Identifier: Apache-2.0
"""tracer_more.py - what the tracer needs beside time: memory, bytes of log; idle threads; --syscalls;
a probe: a program that does little, started again and again"""
import os
import random
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time

from rounds import Failed, Table, median, once, pinned, ratio, rounds, settle, spread, verdict

HERE = os.path.dirname(os.path.abspath(__file__))
TRACER, NULL, CALLS, IMAGETRIM = (os.environ[v] for v in (
    "IMAGETRIM_TRACER", "BENCH_NULL", "BENCH_CALLS", "IMAGETRIM"))
ENGINES = ("notify", "ptrace")
MB = 1000000


def traced(engine, log, *argv):
    return pinned([TRACER, "--engine", engine, "--log-dir", log, "--on-log-error", "fail", "--misses",
                   "--", *argv])


def empty(path):
    settle()
    shutil.rmtree(path, ignore_errors=True)
    os.mkdir(path)


# ---- memory ------------------------------------------------------------------------------------

def tracer_of(pid):
    """The tracer is a child of what it traces."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        for child in f.read().split():
            with open(f"/proc/{child}/comm", encoding="ascii") as comm:
                if comm.read().startswith("imagetrim-tr"):
                    return child
    raise Failed("no tracer below the command")


def resident(engine, n):
    """Bytes of the tracer when n paths are in the log: now, and at most so far."""
    empty("memory-log")
    script = f"{CALLS} missing-unique {n} tree memory-log/done && read x"
    child = subprocess.Popen(traced(engine, "memory-log", "sh", "-c", script),
                             stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    while not os.path.exists("memory-log/done") or not os.path.getsize("memory-log/done"):
        if child.poll() is not None:
            raise Failed(f"memory, {engine}: status {child.returncode}")
        time.sleep(0.05)
    with open(f"/proc/{tracer_of(child.pid)}/status", encoding="ascii") as f:
        lines = dict(line.split(":", 1) for line in f)
    child.communicate(b"\n")
    return [int(lines[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM")]


def memory(_, short):
    table = Table("paths, engine", "resident, MB", "at most, MB", "goal, MB", "")
    for n, goal in (5000, 2), (200000, 40):
        for engine in ENGINES:
            now, most = resident(engine, n)
            table.row(f"{n:,}, {engine}", f"{now / MB:.2f}", f"{most / MB:.2f}", f"< {goal}",
                      verdict(now < goal * MB, short,
                              f"memory for {n:,} paths under {engine}: {now / MB:.2f} MB"))
    return f"### Memory of the tracer\n\n{table.text()}"


# ---- bytes of log ------------------------------------------------------------------------------

STAT_ALL = "import os, sys\nfor line in open(sys.argv[1]):\n    os.lstat(line.rstrip('\\n'))\n"


def random_names():
    """20,000 names of the interpreter's tree and its neighbours, in an order that is always the same."""
    names = []
    for top, dirs, files in os.walk(os.path.dirname(sysconfig.get_path("stdlib"))):
        dirs.sort()
        names += [os.path.join(top, f) for f in sorted(files) if "\n" not in f]
    random.Random(1).shuffle(names)
    with open("names", "w", encoding="utf-8", errors="surrogateescape") as f:
        f.writelines(f"{name}\n" for name in names[:20000])


def logsize(_, short):
    random_names()
    loads = {
        "python3, 90 modules": ["python3", "-BW", "ignore", f"{HERE}/imports.py"],
        "find /usr/lib": ["find", "/usr/lib", "-xdev", "-size", "+9999999k"],
        "files of /usr/lib in random order": ["python3", "-c", STAT_ALL, "names"],
        "open, stat of 7,000 files": [CALLS, "unique", "7000", "tree", "calls.report"],
    }
    table = Table("traced", "paths", "bytes of log", "bytes a path", "goal", "")
    each = []
    for what, argv in loads.items():
        print(f"  {what}", file=sys.stderr, flush=True)
        empty("size-log")
        once(traced("ptrace", "size-log", *argv))
        log = os.path.join("size-log", os.listdir("size-log")[0])
        dump = subprocess.run([IMAGETRIM, "dump", log], check=True, stdout=subprocess.PIPE).stdout
        paths = sum(line.startswith(b"path ") for line in dump.splitlines())
        size = os.path.getsize(log)
        each.append(size / paths)
        table.row(what, f"{paths:,}", f"{size:,}", f"{size / paths:.1f}", "<= 24",
                  verdict(size <= 24 * paths, short,
                          f"log of {what}: {size / paths:.1f} bytes a path"))
    mean = statistics.mean(each)
    table.row("average of these", "", "", f"{mean:.1f}", "<= 24",
              verdict(mean <= 24, short, f"log on average: {mean:.1f} bytes a path"))
    return ("### Bytes of log\n\nWith `--misses`: what was looked for in vain is among the paths, and how often "
            f"among the bytes, as is all else that a log has.\n\n{table.text()}")


# ---- idle threads ------------------------------------------------------------------------------

def idle(n_rounds, short):
    argv = [CALLS, "known", "5000", "tree", "calls.report"]
    commands = {}
    for count in 0, 2000:
        for engine in ENGINES:
            commands[f"{engine} {count}"] = traced(engine, "idle-log", *argv, str(count))
            commands[f"null {engine} {count}"] = pinned([NULL, engine, *argv, str(count)])

    def before(_):
        empty("idle-log")

    def after(_, run):
        with open("calls.report", encoding="ascii") as f:
            made, took = f.read().split()
        run.call = float(took) / int(made) / 1000

    runs = rounds(commands, n_rounds, before, after, patience=30)
    table = Table("tracer", "without, µs a call", "with 2,000 idle threads", "ratio", "goal", "")
    for engine in (*ENGINES, "null notify", "null ptrace"):
        a, b = f"{engine} 2000", f"{engine} 0"
        values = ratio(runs, a, b, "call")
        middle = median(runs, a, "call") / median(runs, b, "call")
        met = verdict(middle <= 1.05, short, f"2,000 idle threads: {middle:.2f} times the cost "
                      "of a call under notify") if engine == "notify" else ""
        table.row(engine, f"{median(runs, b, 'call'):.2f}", f"{median(runs, a, 'call'):.2f}",
                  spread(values, ".2f"), "<= 1.05" if met else "", met)
    return (f"### Idle threads\n\nOne CPU; 5,000 calls of one path.\n\n{table.text()}")


# ---- a probe -----------------------------------------------------------------------------------

PROBE = ["/bin/cat", "/etc/hostname"]
STARTS = 20  # a round
EXTRA_MS = 4  # "no more than a few milliseconds"


def started(argv):
    """Milliseconds from the start of argv to its end; what traced it may still be at work then."""
    null = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1)]
    start = time.perf_counter()
    pid = os.posix_spawnp(argv[0], argv, {"PATH": os.environ["PATH"]}, file_actions=null)
    status = os.waitpid(pid, 0)[1]
    took = time.perf_counter() - start
    if status:
        raise Failed(f"{argv}: status {status}")
    settle()
    return took * 1000


def left(engine):
    names = os.listdir(f"probe-{engine}")
    logs = sum(name.endswith(".tlog") for name in names)
    return logs, len(names) - logs


def probe(n_rounds, short):
    commands = {"untraced": PROBE}
    for engine in ENGINES:
        empty(f"probe-{engine}")
        commands[f"null {engine}"] = [NULL, engine, *PROBE]
        commands[engine] = [TRACER, "--engine", engine, "--log-dir", f"probe-{engine}",
                            "--on-log-error", "fail", "--", *PROBE]
    table = Table("placement", "untraced, ms", *(f"{name}: more" for name in commands if name != "untraced"))
    for place, pin in ("one CPU", pinned), ("free", list):
        times = {name: [] for name in commands}
        for _ in range(n_rounds * STARTS):
            for name, argv in commands.items():
                times[name].append(started(pin(argv)))
        middle = {name: statistics.median(t) for name, t in times.items()}
        base = middle.pop("untraced")
        for engine in ENGINES:
            verdict(middle[engine] - base <= EXTRA_MS, short,
                    f"a probe under {engine}, {place}: {middle[engine] - base:.1f} ms more")
        table.row(place, f"{base:.2f}", *(f"{ms - base:.2f}" for ms in middle.values()))
    files = "; ".join(f"{engine}: {left(engine)[0]} log, {left(engine)[1]} mark" for engine in ENGINES)
    return (f"### A probe\n\n`{' '.join(PROBE)}`, {2 * n_rounds * STARTS} times under each, in turn; the "
            f"median, goal <= {EXTRA_MS} ms more.\nThe null tracers write no log, but install the same filter, "
            f"fork and take the stops.\n\n{table.text()}\nFiles that all these runs have left: {files}.\n")


# ---- which calls are made ----------------------------------------------------------------------

def syscalls(n_rounds, _):
    loads = {
        "a1 open, stat, fstatat of few files": [CALLS, "repeated", "10000", "tree", "calls.report"],
        "c sh, 300 times fork and exec":
            ["sh", "-c", "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done"],
        "e python3, 90 modules": ["python3", "-BW", "ignore", f"{HERE}/imports.py"],
    }
    heads = ("notify", "ptrace", "notify --syscalls", "ptrace --syscalls", "plain --syscalls")
    table = Table("workload", "untraced, s", *heads)
    for what, argv in loads.items():
        print(f"  {what}", file=sys.stderr, flush=True)
        commands = {"untraced": pinned(argv)}
        for head in heads:
            engine, *more = head.split()
            commands[head] = pinned([TRACER, "--engine", engine, *more, "--log-dir", "calls-log",
                                     "--on-log-error", "fail", "--", *argv])
        runs = rounds(commands, n_rounds, lambda _: empty("calls-log"), patience=25)
        table.row(what, f"{median(runs, 'untraced'):.3f}",
                  *(spread(ratio(runs, head, "untraced"), ".2f") for head in heads))
    return ("### Each system call (`--syscalls`)\n\nOne CPU; time as a multiple of untraced.\n\n" +
            table.text())
