#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lint.py - rules of docs/ARCHITECTURE.md that a program can check

lint.py CHECK SOURCE-ROOT: status 0, or a line "file:line: why" for each break and status 1; 77
when the tool a check needs is not installed. Checks: see CHECKS at the end. Reads files only.
"""
import os
import re
import shutil
import subprocess
import sys

FILE_HABIT, FILE_LIMIT = 400, 500
FUNCTION_HABIT, FUNCTION_LIMIT = 40, 60

# One door for each outside thing: what is behind it, who may open it (in common/, tracer/ and
# trimmer/), why. A call behind the door is looked for in the code without comments and strings.
DOORS = [
    (r"#\s*include\s*<archive", r"trimmer/tar\w*\.c", "libarchive belongs to tar"),
    (r"#\s*include\s*<lzma", r"trimmer/tar_decode\.c", "liblzma belongs to tar_decode"),
    (r"#\s*include\s*<seccomp\.h>", r"trimmer/profile\.c", "libseccomp belongs to profile"),
    (r"#\s*include\s*<yajl", r"trimmer/json\w*\.c", "yajl belongs to json"),
    (r"#\s*include\s*<yaml\.h>", r"trimmer/yamldoc\.c", "libyaml belongs to yamldoc"),
    (r"#\s*include\s*<(libelf|gelf)\.h>", r"common/elfinfo\.c", "libelf belongs to elfinfo"),
    (r"#\s*include\s*<(openssl|gcrypt|nettle|sha2)", r"trimmer/digest\.c",
     "the hash library belongs to digest"),
    (r"\b(ptrace|process_vm_readv)\s*\(", r"tracer/(event\w*|peek|regs|child|probe)\.c",
     "stopped processes belong to event, peek and regs (probe tries them)"),
    (r"\b(waitpid|wait4|waitid)\s*\(", r"(tracer/(event\w*|child|probe)|trimmer/process)\.c",
     "waiting belongs to event and process"),
    (r"\bSECCOMP_IOCTL_\w+", r"tracer/listener\.c", "the seccomp listener belongs to listener"),
    (r"\b(exec(v|l|ve|vp|vpe|lp|le|veat)|posix_spawnp?|system|popen)\s*\(",
     r"(tracer/child|trimmer/process)\.c", "starting programs belongs to child and process"),
    (r"\bfork\s*\(", r"(tracer/\w+|trimmer/process)\.c", "the trimmer forks in process only"),
    (r"\b(f|v|vf|d|vd)?printf\s*\(\s*stderr\b|\bperror\s*\(|\bfput[sc]\s*\([^;]*\bstderr\b|"
     r"\bdprintf\s*\(\s*(2|STDERR_FILENO)\b", r"common/diag\.c", "messages belong to diag"),
]

# Who may include whose headers.
MAY_INCLUDE = {"common": {"common"}, "tracer": {"tracer", "common"},
               "trimmer": {"trimmer", "common"}}

# Names that many directories have.
COMMON_NAMES = {"meson.build", "README.md", "__init__.py"}

# What only this machine or one network knows. (Split, so that this file is clean itself.)
PRIVATE = [r"/work" + r"/(main|shared)\b", r"deb\.debian" + r"\.org", r"artifact" + r"-registry"]


def walk(root):
    for base, dirs, files in os.walk(root):
        dirs[:] = sorted(d for d in dirs if d != ".git" and not d.startswith("build")
                         and d != "__pycache__")
        for name in sorted(set(files) - {".git"}):  # a file in a work tree of git-worktree(1)
            yield os.path.relpath(os.path.join(base, name), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def is_script(root, path):
    if path.endswith((".sh", ".py")):
        return True
    if "." in os.path.basename(path):
        return False
    with open(os.path.join(root, path), "rb") as f:
        return f.read(2) == b"#!"


def c_files(root):
    return [p for p in walk(root) if p.endswith((".c", ".h"))]


def source_files(root):
    return [p for p in walk(root) if p.endswith((".c", ".h", ".js", ".css", ".html", "meson.build",
                                                 "meson_options.txt"))
            or is_script(root, p)]


def code_only(text):
    """The text with comments and the contents of strings blanked; lines stay where they are."""
    def blank(match):
        s = match.group(0)
        if s[0] in "\"'":
            return s[0] + " " * (len(s) - 2) + s[-1]
        return re.sub(r"[^\n]", " ", s)
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', blank, text,
                  flags=re.S)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def one_door(root):
    for path in c_files(root):
        if not path.startswith(("common/", "tracer/", "trimmer/")):
            continue
        code = code_only(read(root, path))
        for pattern, owner, why in DOORS:
            if re.fullmatch(owner, path):
                continue
            for m in re.finditer(pattern, code):
                yield f"{path}:{line_of(code, m.start())}: {m.group(0).strip()}: {why}"


def includes(root):
    files = c_files(root)
    home = {}
    for path in files:
        if path.endswith(".h"):
            home[os.path.basename(path)] = path.split("/")[0]
    for path in files:
        allowed = MAY_INCLUDE.get(path.split("/")[0])
        if not allowed:
            continue
        text = read(root, path)
        for m in re.finditer(r'^#\s*include\s*"([^"]+)"', text, re.M):
            where = home.get(os.path.basename(m.group(1)))
            if where and where not in allowed:
                yield (f"{path}:{line_of(text, m.start())}: {path.split('/')[0]}/ includes "
                       f"{m.group(1)} of {where}/")


def file_sizes(root):
    for path in source_files(root):
        n = read(root, path).count("\n")
        if n > FILE_LIMIT:
            yield f"{path}:{n}: {n} lines, the limit is {FILE_LIMIT}"
        elif n > FILE_HABIT:
            print(f"note: {path}: {n} lines, the habit is {FILE_HABIT}")


def function_sizes(root):
    """In the kernel's layout a function's braces, and only those, stand in the first column."""
    for path in c_files(root):
        start, lines = None, read(root, path).split("\n")
        for i, line in enumerate(lines):
            if line == "{":
                start = i
            elif line.startswith("}") and start is not None:
                n, name = i - start - 1, function_name(lines, start)
                if n > FUNCTION_LIMIT:
                    yield f"{path}:{start + 1}: {name} has {n} lines, the limit is {FUNCTION_LIMIT}"
                elif n > FUNCTION_HABIT:
                    print(f"note: {path}:{start + 1}: {name} has {n} lines")
                start = None


def function_name(lines, start):
    for line in reversed(lines[max(0, start - 8):start]):
        m = re.match(r"(?=[A-Za-z]).*?(\w+)\(", line)
        if m:
            return m.group(1)
    return "?"


def unique_names(root):
    seen = {}
    for path in source_files(root):
        name = os.path.basename(path)
        if name in COMMON_NAMES:
            continue
        if name in seen:
            yield f"{path}:1: same name as {seen[name]}"
        seen[name] = path


def licence_lines(root):
    for path in source_files(root):
        if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(read(root, path).split("\n")[:3]):
            yield f"{path}:1: no SPDX-License-Identifier in the first lines"


def private_names(root):
    for path in walk(root):
        text = read(root, path)
        for pattern in PRIVATE:
            for m in re.finditer(pattern, text):
                yield f"{path}:{line_of(text, m.start())}: {m.group(0)}: known on one machine only"


def tool(root, name, args, files):
    if not shutil.which(name):
        print(f"{name} is not installed")
        sys.exit(77)
    if files:
        done = subprocess.run([name, *args, *files], cwd=root, stdin=subprocess.DEVNULL)
        if done.returncode:
            yield f"{name}: status {done.returncode}"


def clang_format(root):
    yield from tool(root, "clang-format", ["--dry-run", "-Werror"], c_files(root))


def shellcheck(root):
    scripts = []
    for path in walk(root):
        if is_script(root, path) and not path.endswith(".py"):
            first = read(root, path).split("\n", 1)[0]
            if "python" not in first and not first.endswith("make -f"):
                scripts.append(path)
    fragments = [p for p in scripts if not re.search(
        r"^#!|shellcheck shell=", "\n".join(read(root, p).split("\n")[:3]), re.M)]
    rest = [p for p in scripts if p not in fragments]
    yield from tool(root, "shellcheck", ["-x", "-P", root], rest)
    # Pieces that a test runner reads: sh, with commands of its own.
    yield from tool(root, "shellcheck", ["-s", "sh"], fragments)


def man_pages(root):
    pages = [p for p in walk(root) if re.search(r"\.[1-8]$", p) and p.startswith("docs/")]
    yield from tool(root, "mandoc", ["-Tlint", "-Wwarning"], pages)


def presets(root):
    """Each row of each preset stands in docs/rules.md below its heading, and none that is gone."""
    source = read(root, "trimmer/rules_presets.c")
    doc, page = read(root, "docs/rules.md"), read(root, "docs/imagetrim.1")
    for name in re.findall(r'\{ "([a-z-]+)", \w+, ARRAY_SIZE', source):
        table = re.search(r"preset_row %s\[\] = \{(.*?)\n\};" % name.replace("-", "_"), source,
                          re.S).group(1)
        rows = set(re.findall(r'RULE_\w+, "([^"]+)"', table))
        section = re.search(r"^### %s\n(.*?)(?=^#|\Z)" % name, doc, re.S | re.M)
        told = set()
        for line in re.findall(r"^    (.*)$", section.group(1) if section else "", re.M):
            told |= {w for w in line.split() if w.startswith("/")} or set(line.split())
        for row in sorted(rows ^ told):
            yield f"docs/rules.md: preset {name}: '{row}' is not in both table and text"
        if not re.search(r"^\.It Li %s$" % name, page, re.M):
            yield f"docs/imagetrim.1: preset {name} is not described"


CHECKS = {
    "one-door": one_door,
    "includes": includes,
    "file-sizes": file_sizes,
    "function-sizes": function_sizes,
    "unique-names": unique_names,
    "licence-lines": licence_lines,
    "private-names": private_names,
    "clang-format": clang_format,
    "shellcheck": shellcheck,
    "man-pages": man_pages,
    "presets": presets,
}


def main():
    check, root = sys.argv[1], os.path.abspath(sys.argv[2])
    broken = list(CHECKS[check](root))
    print("\n".join(broken))
    return 1 if broken else 0


sys.exit(main())
