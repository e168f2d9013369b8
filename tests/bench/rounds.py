# SPDX-License-Identifier: Apache-2.0
"""rounds.py - commands timed side by side, round after round

What is compared runs in one round, in an order that changes from round to round, so that a
change of the machine's load meets all alike; ratios are taken within a round. Median first,
then the smallest and largest.
"""
import atexit
import ctypes
import os
import signal
import statistics
import subprocess
import threading
import time


class Failed(SystemExit):
    """A command did not do what it should."""


class Run:
    """One run of one command."""
    def __init__(self, wall, cpu, rss, read):
        self.wall, self.cpu, self.rss, self.read = wall, cpu, rss, read


def pinned(argv, cpu=None):
    """argv on one CPU: the last that we may use, since the first serves most interrupts."""
    cpu = max(os.sched_getaffinity(0)) if cpu is None else cpu
    return ["taskset", "-c", str(cpu), *argv]


def once(command, limit=1800):
    """command: argv, or a text for the shell. Times it; what it prints goes nowhere.
    limit: seconds after which it is killed, with all its children."""
    start = time.monotonic()
    child = subprocess.Popen(command, shell=isinstance(command, str), stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             start_new_session=True)
    timer = threading.Timer(limit, os.killpg, (child.pid, signal.SIGKILL))
    timer.start()
    words = child.stderr.read()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    wall = time.monotonic() - start
    with open(f"/proc/{child.pid}/io", encoding="ascii") as f:
        read = int(f.readline().split()[1])
    timer.cancel()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise Failed(f"{command}: status {child.returncode}: {words.decode(errors='replace')}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, read)


def cpu_groups():
    """Where control groups for cpu are made below ours: cgroups(7), of either version."""
    with open("/proc/self/mountinfo", encoding="utf-8") as f:
        mounts = [line.split() for line in f]
    with open("/proc/self/cgroup", encoding="utf-8") as f:
        own = dict(line.rstrip("\n").split(":", 2)[1:] for line in f)
    for m in mounts:
        kind = m[m.index("-") + 1]
        if kind == "cgroup" and "cpu" in m[-1].split(","):
            return m[4] + next(own[names] for names in own if "cpu" in names.split(","))
        with_cpu = os.path.join(m[4], "cgroup.controllers")
        if kind == "cgroup2" and "cpu" in open(with_cpu, encoding="ascii").read().split():
            with open(os.path.join(m[4], "cgroup.subtree_control"), "w", encoding="ascii") as f:
                f.write("+cpu")
            return m[4]
    raise Failed("no control groups for cpu")


def leave(group):
    settle()
    with open(os.path.join(os.path.dirname(group), "cgroup.procs"), "w", encoding="ascii") as f:
        f.write(str(os.getpid()))
    os.rmdir(group)


def contain():
    """Goes into a control group for cpu, as each container has one. Outside of these the kernel
    schedules each session as a group (sched(7), autogroup), and a tracer has a session of its own."""
    group = os.path.join(cpu_groups(), f"imagetrim-bench-{os.getpid()}")
    os.mkdir(group)
    with open(os.path.join(group, "cgroup.procs"), "w", encoding="ascii") as f:
        f.write(str(os.getpid()))
    atexit.register(leave, group)


def adopt():
    """What outlives its parent becomes ours to wait for: see settle()."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def settle(limit=10):
    """Waits for all children, those adopted too: a tracer ends after what it traced."""
    end = time.monotonic() + limit
    try:
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.005)
    except ChildProcessError:
        return
    raise Failed("a process of the last run does not end")


def rounds(commands, n, before=None, after=None, run=once, patience=None):
    """commands: name -> what run() takes. before(name), after(name, run): what is not timed.
    patience: seconds after which two rounds are enough. name -> list of Run."""
    runs = {name: [] for name in commands}
    names = list(commands)
    start = time.monotonic()
    for i in range(n):
        if patience and i >= 2 and time.monotonic() - start > patience:
            break
        for name in names[i % len(names):] + names[:i % len(names)]:
            if before:
                before(name)
            runs[name].append(run(commands[name]))
            if after:
                after(name, runs[name][-1])
    return runs


def spread(values, form):
    values = sorted(values)
    text = format(statistics.median(values), form)
    if len(values) == 1:
        return text
    return f"{text} ({format(values[0], form)} - {format(values[-1], form)})"


def ratio(runs, a, b, what="wall"):
    """How often b goes into a, in each round."""
    return [getattr(x, what) / getattr(y, what) for x, y in zip(runs[a], runs[b])]


def median(runs, name, what="wall"):
    return statistics.median(getattr(r, what) for r in runs[name])


class Table:
    def __init__(self, *head):
        self.lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]

    def row(self, *cells):
        self.lines.append("| " + " | ".join(cells) + " |")

    def text(self):
        return "\n".join(self.lines) + "\n"


def verdict(met, short, what):
    """A cell for a goal; what is not met goes into the list short, too."""
    if not met:
        short.append(what)
    return "met" if met else "**not met**"


def machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as f:
        model = next((line.split(":")[1].strip() for line in f if line.startswith("model name")),
                     os.uname().machine)
    return f"{len(os.sched_getaffinity(0))} CPUs ({model}), Linux {os.uname().release}"


def replace_section(path, name, text):
    """Puts text between the comments that begin and end the section, or appends it."""
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->\n"
    old = ""
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            old = f.read()
    if begin in old:
        head, rest = old.split(begin, 1)
        tail = rest.split(end, 1)[1]
    else:
        head, tail = (old or "# Performance\n") + "\n", ""
    with open(path + ".part", "w", encoding="utf-8") as f:
        f.write(head + begin + text + end + tail)
    os.rename(path + ".part", path)
