#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""strace.py - no path that strace shows as a success is missing in our log, nor what it led to

usage: strace.py TRACER TDUMP BENCH-CALLS IMPORTS WORKLOAD ENGINE...

The workload runs once under strace and once under each engine. What a run makes for itself under
names that change (temporary files, process numbers) is compared by pattern. Paths that only we
have are explained by what strace's class %file leaves out, or printed, and the test fails.
77: the workload's program is not here.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HIDDEN = re.compile(r"/(proc|sys|dev)(/|$)")
# Names that differ from run to run.
CHANGING = [(re.compile(r"(/tmp/cc|/tmp_obj_|/sort|/tmp)[A-Za-z0-9_]{6,8}\b"), r"\1?"),
            (re.compile(r"\d{3,}"), "#")]

# ---- workloads: setup (untraced, before each run) and the command --------------------------

SCRIPT = """#!/bin/sh
cd /etc && ls -l . >/dev/null && cat passwd hosts >/dev/null
for f in /usr/bin/env /bin/sh; do readlink -f "$f"; done
echo hello | sed s/h/j/ | sort
find /usr/share/doc/dpkg /etc/default -type f | xargs wc -c | tail -n 1
cd / && test -e usr/../etc/./passwd && test -d lib/..
"""
PYTHON = """import json, os, sqlite3, ssl, subprocess, email.mime.text, decimal, glob
subprocess.run(["true"]); print(len(glob.glob("/etc/*")), os.listdir("/usr/lib")[0] != "")"""
PERL = r'find(sub { -s $_ }, "/etc/default"); print `id -u`;'
GIT = """rm -rf repo && git init -q repo && cd repo && echo x >file && git add . &&
git -c user.name=a -c user.email=a@b commit -qm m"""
MAKE = """for i in 1 2 3 4; do echo "int f$i(void); int f$i(void) { return $i; }" >f$i.c; done
rm -f *.o; printf 'all: f1.o f2.o f3.o f4.o\\n%%.o: %%.c\\n\\t@gcc -c -o $@ $<\\n' >Makefile"""
NGINX = """rm -rf www logs nginx.sock && mkdir -p www logs && echo hello >www/index.html
cat >nginx.conf <<'END'
user nobody nogroup;
pid logs/pid;
error_log logs/error;
events { }
http { access_log logs/access; server { listen unix:nginx.sock; root www; } }
END"""
ASK = r"""import socket, sys, time
for i in range(600):
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect(sys.argv[1]); break
    except OSError: time.sleep(0.1)
s.sendall(b"GET / HTTP/1.0\r\n\r\n")
sys.exit(b"hello" not in s.makefile("rb").read())"""
SERVE = """nginx -p "$PWD/" -c nginx.conf -g 'daemon off;' & python3 -S -c "$ASK" nginx.sock
status=$?; kill -QUIT $!; wait $!; exit $status"""
REDIS = """redis-server --port 0 --unixsocket r.sock --dir . --daemonize no >/dev/null &
sleep 0.1; until redis-cli -s r.sock ping >/dev/null 2>&1; do sleep 0.1; done
redis-benchmark -s r.sock -n 200 -q -t set,get >/dev/null; redis-cli -s r.sock save
redis-cli -s r.sock shutdown nosave; wait $!"""
STORMS = """for k in unique repeated missing missing-unique threads cpu; do
"$CALLS" $k 300 files - || exit; done"""


def initdb():
    return max(glob.glob("/usr/lib/postgresql/*/bin/initdb"), default="")


def workloads(calls, imports):
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    return {
        "script": ("cat >run <<'END'\n" + SCRIPT + "END\nchmod +x run", ["./run"]),
        "forks": ("", ["sh", "-c", "i=0; while [ $i -lt 20 ]; do /bin/true; i=$((i + 1)); done"]),
        "storms": (f"rm -rf files; mkdir files; '{calls}' make 300 files -", ["sh", "-c", STORMS]),
        "imports": ("", ["/usr/bin/python3", imports]),
        "python": ("", ["/usr/bin/python3", "-c", PYTHON]),
        "perl": ("", ["perl", "-MFile::Find", "-MPOSIX", "-MSocket", "-e", PERL]),
        "git": (GIT, ["git", "-C", "repo", "log", "--stat"]),
        "make": (MAKE, ["make", "-s", "-j2"]),
        "nginx": (NGINX, ["sh", "-c", SERVE]),
        "redis": ("rm -f dump.rdb r.sock", ["sh", "-c", REDIS]),
        "initdb": ("rm -rf data", as_nobody + [initdb(), "-D", "data", "-A", "trust", "--no-sync"]),
    }


NEEDS = {"forks": "sh", "storms": "sh", "script": "sh", "python": "/usr/bin/python3",
         "imports": "/usr/bin/python3", "redis": "redis-server", "initdb": initdb()}

# ---- strace's log ---------------------------------------------------------------------------

# Which arguments are paths: (directory or None, path). Others: the first is one.
AT = [(0, 1)]
PATHS = {name: AT for name in (
    "openat openat2 newfstatat statx faccessat faccessat2 readlinkat mkdirat mknodat unlinkat "
    "fchmodat fchmodat2 fchownat futimesat utimensat name_to_handle_at execveat").split()}
PATHS |= {"renameat": [(0, 1), (2, 3)], "renameat2": [(0, 1), (2, 3)], "linkat": [(0, 1), (2, 3)],
          "symlinkat": [(1, 2)], "symlink": [(None, 1)], "inotify_add_watch": [(None, 1)],
          "rename": [(None, 0), (None, 1)], "link": [(None, 0), (None, 1)]}
NO_PATHS = {"getcwd", "clone", "clone3", "fork", "vfork", "fchdir"}
# Their object is there, and found again, when the run is over.
LOOKS = {"stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink",
         "readlinkat", "execve", "chdir", "statfs", "getxattr", "lgetxattr"}
NOFOLLOW = {"lstat", "readlink", "readlinkat", "lgetxattr"}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "f": "\f"}


def unescape(text):
    def one(m):
        c = m.group(1)
        return chr(int(c, 8)) if c[0].isdigit() else ESCAPES.get(c, c)
    return re.sub(r"\\([0-7]{1,3}|.)", one, text)


def split_args(text):
    args, depth, quoted, start, i = [], 0, False, 0, 0
    while i < len(text):
        c = text[i]
        if quoted:
            i += c == "\\"
            quoted = c != '"'
        elif c == '"':
            quoted = True
        elif c in "{[(<":
            depth += 1
        elif c in "}])" or (c == ">" and text[i - 1] != "="):
            depth -= 1
        elif c == "," and depth == 0:
            args.append(text[start:i].strip())
            start = i + 1
        i += 1
    return args + [text[start:].strip()]


def calls(path):
    """(pid, name, arguments, result) of each call, whole again where another came between."""
    begun = {}
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        for line in f:
            pid, _, rest = line.rstrip("\n").partition(" ")
            rest = rest.strip()
            if rest.endswith("<unfinished ...>"):
                begun[pid] = rest[:-len("<unfinished ...>")].rstrip()
                continue
            m = re.match(r"<\.\.\. \w+ resumed>(.*)", rest)
            if m:
                rest = begun.pop(pid, "") + m.group(1)
            m = re.match(r"(\w+)\((.*)\) += (.*)$", rest)
            if m:
                yield pid, m.group(1), split_args(m.group(2)), m.group(3)


def named(arg):
    m = re.match(r"[A-Z_0-9]+<(/.*)>$", arg)
    return unescape(m.group(1)) if m else None


def clean(path):
    path = re.sub(r"/(\./)+", "/", re.sub(r"//+", "/", path))
    path = re.sub(r"(/\.)?/?$", "", path)
    return path or "/"


class Walk:
    """What strace saw: paths asked for, each with the object it led to, if that can be told."""

    def __init__(self, log, cwd):
        lines = list(calls(log))
        self.parents = {}
        for pid, name, args, result in lines:
            m = re.match(r"(\d+)", result)
            if name in ("clone", "clone3", "fork", "vfork") and m:
                self.parents[m.group(1)] = (pid, any("CLONE_FS" in a for a in args))
        self.cwds, self.first, self.found = {}, cwd, {}
        for pid, name, args, result in lines:
            if re.match(r"\d", result):
                self.take(self.place(pid), name, args, result)

    def place(self, pid):
        """The working directory, in a list that threads share."""
        if pid not in self.cwds:
            parent, shared = self.parents.get(pid, (None, False))
            if parent:
                place = self.place(parent)
                self.cwds[pid] = place if shared else list(place)
            else:
                self.cwds[pid] = [self.first]
        return self.cwds[pid]

    def take(self, place, name, args, result):
        if name == "fchdir":
            place[0] = named(args[0]) or place[0]
        if name in NO_PATHS:
            return
        for dir_arg, path_arg in PATHS.get(name, [(None, 0)]):
            m = re.match(r'"(.*)"$', args[path_arg]) if path_arg < len(args) else None
            base = place[0] if dir_arg is None else named(args[dir_arg])
            if not m or not m.group(1) or base is None:
                continue
            path = clean(os.path.join(base, unescape(m.group(1))))
            if not HIDDEN.match(path):
                self.found.setdefault(path, set()).add(self.object(name, args, path, result))
            if name == "chdir":
                place[0] = os.path.realpath(path)

    @staticmethod
    def object(name, args, path, result):
        m = re.match(r"\d+<(/.*)>", result)
        if name in ("open", "openat", "openat2", "creat") and m:
            real = unescape(m.group(1))
            return None if real.endswith("(deleted)") else clean(real)
        if name not in LOOKS or not os.path.lexists(path):
            return None
        if name in NOFOLLOW or any("NOFOLLOW" in a for a in args):
            return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        return os.path.realpath(path)


# ---- ours -----------------------------------------------------------------------------------

# Why strace's %file does not have a path that we have: by its ops.
EXPLAINED = [("resolved", "what a name led to"), ("interp", "opened by the kernel"),
             ("connect", "addresses of sockets"), ("list", "listed by a descriptor"),
             ("enter", "entered by a descriptor")]


def ours(tdump, logs):
    out = subprocess.run([tdump] + logs, stdout=subprocess.PIPE, check=True).stdout
    paths = {}
    for line in out.decode("utf-8", "surrogateescape").splitlines():
        ops, path = line.split(" ", 1)
        path = re.sub(r"\\x(..)", lambda m: chr(int(m.group(1), 16)), path)
        paths.setdefault(path, set()).update(ops.split(","))
    return paths


def pattern(path):
    for regex, to in CHANGING:
        path = regex.sub(to, path)
    return path


def compare(engine, theirs, mine):
    objects = {o for found in theirs.values() for o in found if o and not HIDDEN.match(o)}
    asked = {pattern(p) for p in theirs}
    have = {pattern(p) for p in mine}
    missing = sorted(p for p in theirs if pattern(p) not in have)
    unresolved = sorted(o for o in objects if pattern(o) not in have)
    extra, why = [], {}
    for path, ops in mine.items():
        if pattern(path) in asked or HIDDEN.match(path):
            continue
        reason = next((r for op, r in EXPLAINED if op in ops), None)
        why[reason] = why.get(reason, 0) + 1
        if not reason:
            extra.append(f"{path} ({','.join(sorted(ops))})")
    told = ", ".join(f"{n} {r}" for r, n in sorted(why.items(), key=str) if r)
    print(f"{engine}: strace has {len(theirs)} paths and {len(objects)} objects, we {len(mine)}; "
          f"missing {len(missing)} and {len(unresolved)}; only ours: {told or 'none'}, "
          f"unexplained {len(extra)}")
    for what, paths in (("missing", missing), ("no object", unresolved), ("extra", extra)):
        for path in paths[:20]:
            print(f"  {what}: {path}".encode("utf-8", "backslashreplace").decode())
    return len(theirs) > 3 and not (missing or unresolved or extra)


def main():
    tracer, tdump, bench_calls, imports = (os.path.realpath(p) for p in sys.argv[1:5])
    name, engines = sys.argv[5], sys.argv[6:]
    setup, command = workloads(bench_calls, imports)[name]
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if not shutil.which("strace") or not shutil.which(NEEDS.get(name, name) or "none"):
        print("not here:", NEEDS.get(name, name))
        return 77
    with tempfile.TemporaryDirectory(prefix="compare.") as top:
        os.chmod(top, 0o755)
        work = os.path.join(top, "w")
        os.mkdir(work)
        os.chmod(work, 0o1777)
        env = os.environ | {"GIT_AUTHOR_DATE": "1000000000 +0000", "GIT_COMMITTER_DATE": "1000000000 +0000",
                            "HOME": work, "CALLS": bench_calls, "ASK": ASK, "LC_ALL": "C.UTF-8"}

        def run(prefix):
            subprocess.run(["sh", "-c", setup], cwd=work, env=env, check=True,
                           stdout=subprocess.DEVNULL)
            done = subprocess.run(prefix + command, cwd=work, env=env, check=False,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            if done.returncode:
                print(done.stdout.decode(errors="replace")[-2000:])
                sys.exit(f"FAILED: {prefix[:1]} ended with {done.returncode}")

        run([])  # caches are made now, not in one of the runs
        log = os.path.join(top, "strace")
        run(["strace", "-f", "-yy", "-qq", "-s", "4096", "-o", log,
             "-e", "trace=%file,clone,clone3,fork,vfork,fchdir"])
        theirs = Walk(log, work).found
        well = True
        for engine in engines:
            logs = os.path.join(top, engine)
            os.mkdir(logs)
            run([tracer, "--engine", engine, "--log-dir", logs, "--"])
            files = glob.glob(os.path.join(logs, "*.tlog"))
            well &= compare(engine, theirs, ours(tdump, files))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
