#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tracer.py - the tracer beside strace, proot and tracers that do nothing

tracer.py [WORD...], called by tracer.sh, which prepares lua/ (source of lua5.4) in the working
directory and IMAGETRIM_TRACER, BENCH_NULL, BENCH_CALLS and IMAGETRIM in the environment. WORD: a
workload (a1 a2 b1 b2 c d e f g h k), a placement (one, free), or memory, log, idle, syscalls, probe. Prints
the section; without words it goes into docs/performance.md too.
"""
import os
import shutil
import statistics
import subprocess
import sys
import time

from rounds import (Failed, Run, Table, adopt, contain, machine, median, once, pinned, ratio,
                    replace_section, rounds, settle, spread, verdict)
from tracer_more import idle, logsize, memory, probe, syscalls

HERE = os.path.dirname(os.path.abspath(__file__))
TRACER, NULL, CALLS = (os.environ[v] for v in ("IMAGETRIM_TRACER", "BENCH_NULL", "BENCH_CALLS"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
MORE = 5  # times that, of what is fast
LIMIT = 300  # seconds of one run
PATIENCE = 25  # seconds of one workload, a round more or less: twice that of short ones that scatter
START = time.monotonic()


def ours(engine):
    return [TRACER, "--engine", engine, "--log-dir", "log", "--on-log-error", "fail", "--"]


TRACERS = {
    "untraced": [],
    "again": [],
    "strace": ["strace", "-f", "--seccomp-bpf", "-e", "trace=%file", "-o", "strace.out"],
    "proot": ["proot"],
    "null ptrace": [NULL, "ptrace"],
    "null notify": [NULL, "notify"],
    "floor ptrace": [NULL, "--floor", "ptrace"],
    "floor notify": [NULL, "--floor", "notify"],
    "plain": ours("plain"),
    "ptrace": ours("ptrace"),
    "notify": ours("notify"),
}
HEADS = {"strace": "strace, seccomp-bpf", "again": "untraced, again", "plain": "plain (no filter)"}
FLOORS = ("floor notify", "floor ptrace")
NEW = [name for name in TRACERS if name != "again"]  # where more than the stop cannot be avoided
ALL = [name for name in NEW if name not in FLOORS]
NO_SLOW = [name for name in ALL if name not in ("proot", "plain")]
QUIET = ["untraced", "again", "strace", "proot", "ptrace", "notify"]


class Workload:
    def __init__(self, name, what, argv, who=None, patience=PATIENCE, before=None):
        self.name, self.what, self.argv = name, what, argv
        self.who, self.patience, self.before = who or ALL, patience, before
        self.run = None

    def commands(self, placement, who):
        argvs = {name: [*TRACERS[name], *self.argv] for name in who}
        return {name: pinned(a) if placement == "one" else a for name, a in argvs.items()}


def calls(kind, n):
    return [CALLS, kind, str(n), "tree", "calls.report"]


def clean_lua():
    subprocess.run("rm -f lua/src/*.[oa] lua/src/lua lua/src/luac", shell=True, check=True)


# ---- f: redis ----------------------------------------------------------------------------------

class Redis(Workload):
    """A run is a server under a tracer and a client beside it; what counts is the client's."""
    def __init__(self, name, what):
        super().__init__(name, what, ["redis-server", "--port", "0", "--unixsocket", "redis.sock",
                                      "--save", "", "--appendonly", "no"], QUIET)
        self.run = self.serve

    def serve(self, command):
        slow = "proot" in command
        pin = command[:3] if command[0] == "taskset" else []
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            return self.ask(pin, 1000 if slow else 20000)
        finally:
            subprocess.run(["redis-cli", "-s", "redis.sock", "shutdown", "nosave"], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            server.wait(60)

    @staticmethod
    def ask(pin, n):
        ready = ["redis-cli", "-s", "redis.sock", "ping"]
        for _ in range(300):
            if subprocess.run(ready, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout.startswith(b"PONG"):
                break
            time.sleep(0.05)
        out = subprocess.run([*pin, "redis-benchmark", "-s", "redis.sock", "-t", "get,set", "-c",
                              "20", "-n", str(n), "--csv"], check=True, stdout=subprocess.PIPE,
                             text=True, timeout=LIMIT).stdout
        rates = [float(line.split(",")[1].strip('"')) for line in out.splitlines()
                 if line.startswith(('"SET"', '"GET"'))]
        if len(rates) != 2:
            raise Failed(f"redis-benchmark: {out}")
        return Run(sum(20000 / rate for rate in rates), 0, 0, 0)


WORKLOADS = [
    Workload("k", "one path, again and again", calls("known", 10000)),
    Workload("a1", "open, stat, fstatat of few files", calls("repeated", 10000)),
    Workload("a2", "the same of 4,000 files", calls("unique", 4000), NEW),
    Workload("b1", "few missing paths", calls("missing", 10000), NEW),
    Workload("b2", "10,000 missing paths", calls("missing-unique", 10000), NEW),
    Workload("c", "sh, 300 times fork and exec",
             ["sh", "-c", "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done"], NEW, 2 * PATIENCE),
    Workload("d", "make -j2 of lua5.4",
             ["make", "-s", "-C", "lua/src", "-j2", "posix", "MYCFLAGS=-O0"], NO_SLOW, 2 * PATIENCE, clean_lua),
    Workload("e", "python3, 90 modules", ["python3", "-BW", "ignore", f"{HERE}/imports.py"],
             NEW, 2 * PATIENCE),
    Redis("f", "redis, 20,000 SET and 20,000 GET"),
    Workload("g", "CPU loop", calls("cpu", 300_000_000), QUIET),
    Workload("h", "4 threads, opens", calls("threads", 10000), NEW),
]


def tell(what):
    print(f"{time.monotonic() - START:4.0f} s, {what}", file=sys.stderr, flush=True)


def fresh():
    """No process of the run before, and an empty log."""
    settle()
    shutil.rmtree("log", ignore_errors=True)
    os.mkdir("log")


def careful(w, failed):
    """A run of a command that may fail: then it takes no time."""
    def run(command):
        try:
            return w.run(command) if w.run else once(command, LIMIT)
        except (Failed, OSError, subprocess.SubprocessError) as e:
            failed.append(f"{w.name}: {e}")
            return Run(0, 0, 0, 0)
    return run


def before(w):
    fresh()
    if w.before:
        w.before()


def measure(w, placement, failed):
    tell(f"{placement}: {w.name} {w.what}")
    who = [n for n in w.who if not (w.name == "d" and placement == "one" and "null" in n)]
    run = careful(w, failed)

    def after(_, run):
        run.call = None
        if w.argv[0] == CALLS and run.wall:
            with open("calls.report", encoding="ascii") as f:
                made, took = f.read().split()
            run.call = float(took) / max(int(made), 1) / 1000

    before(w)
    run(w.commands(placement, ["untraced"])["untraced"])  # warms up
    runs = rounds(w.commands(placement, who), MORE * ROUNDS, lambda _: before(w), after, run,
                  w.patience)
    return {name: all_ for name, all_ in runs.items() if all(r.wall for r in all_)}


# ---- what is told ------------------------------------------------------------------------------

PLACES = {"one": "One CPU", "free": "Placement free"}
SAME = {"a1": 2.4, "a2": 2.4, "b1": 2.5, "b2": 2.5, "c": 3, "e": 4, "h": 2.5}
FREE = {"a1": 10, "a2": 10, "b1": 10, "b2": 10, "c": 6, "d": 3, "e": 15, "h": 2}
PTRACE = dict.fromkeys(("a1", "a2", "b1", "b2", "c", "e", "h"), 1.7)
LESS = {"one": {"notify": SAME, "ptrace": PTRACE}, "free": {"notify": FREE, "ptrace": PTRACE}}
MOST = {("free", "notify", "c"): 1.15, ("free", "notify", "e"): 1.15}
NULLS = {"notify": 1.35, "ptrace": 1.4}
NOISE = ("f", "g")
# Overheads below this cannot be told from none; a factor against them would be a lottery.
FLOOR = 0.005


def ratios(results):
    heads = [n for n in TRACERS if n != "untraced" and n not in FLOORS and
             any(n in r for r in results.values())]
    table = Table("workload", "untraced, s", *(HEADS.get(h, h) for h in heads))
    for w in WORKLOADS:
        runs = results.get(w.name)
        if not runs or "untraced" not in runs:
            continue
        table.row(f"{w.name} {w.what}", f"{median(runs, 'untraced'):.3f}",
                  *(spread(ratio(runs, h, "untraced"), ".2f") if h in runs else ""
                    for h in heads))
    return table.text()


def factors(runs, engine):
    """By how much our overhead is less than strace's, in each round."""
    pairs = zip(ratio(runs, "strace", "untraced"), ratio(runs, engine, "untraced"))
    return [(s - 1) / max(o - 1, FLOOR) for s, o in pairs]


def noise(runs, engine, name, place, table, short):
    value = statistics.median(ratio(runs, engine, "untraced"))
    allowed = max(0.02, max(abs(r - 1) for r in ratio(runs, "again", "untraced")))
    table.row(f"{name}, {engine}", f"{value:.3f} times untraced", "", "",
              f"within noise ({allowed:.1%} here)",
              verdict(abs(value - 1) <= allowed, short, f"{place}: {name} under {engine}"))


def goals(place, results, short):
    table = Table("workload, engine", "overhead less than strace's by", "null tracer's", "floor's", "goal", "")
    for w in WORKLOADS:
        runs = results.get(w.name, {})
        for engine in "notify", "ptrace":
            name = f"{w.name}, {engine}"
            goal = LESS[place][engine].get(w.name)
            if w.name in NOISE and {"again", "untraced", engine} <= set(runs):
                noise(runs, engine, w.name, PLACES[place], table, short)
            if not goal or not {"strace", "untraced", engine} <= set(runs):
                continue
            values = factors(runs, engine)
            what = f"{PLACES[place]}: {name}: {statistics.median(values):.2f} times less than strace, goal {goal}"
            bounds = [n for n in (f"null {engine}", f"floor {engine}") if n in runs]
            best = [f"{statistics.median(factors(runs, n)):.2f}" for n in bounds]
            what += "".join(f", {n}: {b}" for n, b in zip(bounds, best))
            table.row(name, spread(values, ".2f"), *(best + ["", ""])[:2], f">= {goal}",
                      verdict(statistics.median(values) >= goal, short, what))
            most = MOST.get((place, engine, w.name))
            if most:
                value = statistics.median(ratio(runs, engine, "untraced"))
                least = [f"{statistics.median(ratio(runs, n, 'untraced')):.3f}" for n in bounds]
                table.row(name, f"{value:.3f} times untraced", *(least + ["", ""])[:2], f"<= {most}",
                          verdict(value <= most, short,
                                  f"{PLACES[place]}: {name}: {value:.3f} times untraced, goal {most}" +
                                  "".join(f", {n}: {b}" for n, b in zip(bounds, least))))
    return table.text()


def per_call(place, results, short):
    table = Table("calls", "untraced", "null notify", "notify", "notify / null, goal <= 1.35",
                  "null ptrace", "ptrace", "ptrace / null, goal <= 1.4")
    for w in WORKLOADS:
        runs = results.get(w.name)
        if not runs or "untraced" not in runs or w.name == "g" or w.argv[0] != CALLS:
            continue
        cells = [f"{w.name} {w.what}", f"{median(runs, 'untraced', 'call'):.2f}"]
        for engine in "notify", "ptrace":
            null = f"null {engine}"
            if not {engine, null} <= set(runs):
                cells += ["", "", ""]
                continue
            values = ratio(runs, engine, null, "call")
            what = f"{PLACES[place]}: a call of {w.name}: {statistics.median(values):.2f} times null {engine}"
            floor = f"floor {engine}"
            if floor in runs:
                what += f" (floor: {statistics.median(ratio(runs, floor, null, 'call')):.2f})"
            cells += [f"{median(runs, null, 'call'):.2f}", f"{median(runs, engine, 'call'):.2f}",
                      f"{spread(values, '.2f')} " +
                      verdict(statistics.median(values) <= NULLS[engine], short, what)]
        table.row(*cells)
    return table.text()


def floors(results):
    table = Table("calls", *(head for e in ("notify", "ptrace")
                             for head in (f"floor {e}", f"floor / null {e}", f"{e} / floor")))
    for w in WORKLOADS:
        runs = results.get(w.name, {}) if w.argv[0] == CALLS else {}
        cells = [f"{w.name} {w.what}"]
        for engine in "notify", "ptrace":
            floor, null = f"floor {engine}", f"null {engine}"
            if {engine, floor, null} <= set(runs):
                cells += [f"{median(runs, floor, 'call'):.2f}", spread(ratio(runs, floor, null, "call"), ".2f"),
                          spread(ratio(runs, engine, floor, "call"), ".2f")]
        if len(cells) == 7:
            table.row(*cells)
    return table.text() if len(table.lines) > 2 else ""


def placement(place, wanted, short, failed):
    if not wanted:
        return ""
    results = {w.name: measure(w, place, failed) for w in WORKLOADS if w.name in wanted}
    return (f"### {PLACES[place]}\n\nTime as a multiple of untraced:\n\n{ratios(results)}\n"
            f"Against strace:\n\n{goals(place, results, short)}\n"
            f"Microseconds a call, the call itself and its stop:\n\n"
            f"{per_call(place, results, short)}\n{floors(results)}")


INTRO = """\
How to read it: every workload runs once under each tracer in each round, in changing order; ratios
are taken within a round, so what the machine does meanwhile meets all alike. The number is the
median, then the smallest and largest. **One CPU**: everything is bound to the same CPU, which
is the most repeatable. **Placement free**: the scheduler decides; then what counts most is whether
waking the other side costs a trip to another CPU, which `PTRACE_CONT` does and a listener with
synchronous wake-up need not. Overhead is ratio - 1; "less than strace's by" is strace's overhead
over ours (at least {floor:.1%} is counted for ours). Null tracers (`tests/bench/null_tracer.c`)
stop at the same calls and do nothing; the distance to them is our own work. strace runs with
`-f --seccomp-bpf -e trace=%file -o FILE`. `plain` is what is left where no filter can be installed.
All is in a control group for cpu, as a container is. Outside of any, Linux schedules each session as
a group (sched(7), autogroup); imagetrim's tracer has one of its own, and four threads then cost 20 %
more under notify.

Where a goal is missed look at the null tracer first: what that costs can only be saved by fewer
stops. Beside it a call whose path the log has costs one read of the path; one whose path is new or
missing a look-up, too (a failure is not recorded, so it is looked for each time); a new path a
`write`, which must be done before the application runs on. These system calls alone are the **floor**:
the null tracer with them (`--floor`), without a thought. Of each goal against strace the table
tells what these two reach. A new process costs two or three calls more
than its paths, and a start of the tracer a millisecond or two (see "A probe"), which count in short
workloads.
"""
EXTRAS = {"memory": memory, "log": logsize, "idle": idle, "syscalls": syscalls,
          "probe": probe}


def main():
    words = set(sys.argv[1:])
    names = {w.name for w in WORKLOADS}
    unknown = words - names - set(PLACES) - set(EXTRAS)
    if unknown:
        raise SystemExit(f"no such word: {', '.join(sorted(unknown))}")
    wanted = words & names or (set() if words & set(EXTRAS) else names)
    load, short, failed = os.getloadavg()[0], [], []
    adopt()
    contain()
    os.mkdir("tree")
    once([CALLS, "make", "7000", "tree", "-"])
    parts = [placement(p, wanted, short, failed) for p in PLACES
             if p in words or not words & set(PLACES)]
    for name, extra in EXTRAS.items():
        if name in words or not words:
            tell(name)
            try:
                parts.append(extra(ROUNDS, short))
            except (Failed, OSError) as e:
                failed.append(f"{name}: {e}")
    took = (time.monotonic() - START) / 60
    text = ("## Tracer\n\n`meson compile bench-tracer` writes this section. "
            f"{machine()}; load {load:.1f} before and {os.getloadavg()[0]:.1f} after, "
            f"{took:.0f} minutes, up to {MORE * ROUNDS} rounds (of slow ones at least 2).\n\n" +
            INTRO.format(floor=FLOOR) + "\n" + "\n".join(p for p in parts if p) +
            "\n### What falls short\n\n" +
            ("".join(f"- {s}\n" for s in short + failed) or "Nothing.\n"))
    print(text)
    if not words:
        replace_section(os.path.join(HERE, "../../docs/performance.md"), "tracer", text)


main()
