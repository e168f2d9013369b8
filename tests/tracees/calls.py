#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""calls.py - the tracer's table of calls against the kernel's own lists

usage: calls.py CALLROWS [paths]

Numbers are compared with the installed unistd*.h. With "paths" the headers are those below
$IMAGETRIM_KERNEL_HEADERS (linux-libc-dev and linux-headers-*-common, unpacked there), and the
prototypes of syscalls.h are read, too: each argument that is a "char __user *" must be a path of
the call's row, or stand in NOT_PATHS with its reason; a call newer than the table that has a
pointer fails, for somebody must look at it. 77: no headers.
"""
import glob
import os
import re
import subprocess
import sys

ABIS = {
    "x86-64": ["usr/lib/linux/uapi/x86/asm/unistd_64.h",
               "usr/include/x86_64-linux-gnu/asm/unistd_64.h"],
    "i386": ["usr/lib/linux/uapi/x86/asm/unistd_32.h",
             "usr/include/x86_64-linux-gnu/asm/unistd_32.h"],
    "arm64": ["usr/lib/linux/uapi/arm64/asm/unistd_64.h", "usr/include/asm-generic/unistd.h"],
}
PROTOTYPES = ["include/linux/syscalls.h", "include/linux/compat.h"]

# Names whose function is called otherwise (syscall_64.tbl, syscall_32.tbl).
FUNCTION = {
    "x86-64": {"stat": "newstat", "lstat": "newlstat", "umount2": "umount"},
    "arm64": {"umount2": "umount"},
    "i386": {"stat": "newstat", "lstat": "newlstat", "oldstat": "stat", "oldlstat": "lstat",
             "umount": "oldumount", "umount2": "umount", "chown": "chown16",
             "lchown": "lchown16", "utime": "utime32", "utimes": "utimes_time32",
             "futimesat": "futimesat_time32", "utimensat": "utimensat_time32",
             "readdir": "old_readdir", "_newselect": "select", "_llseek": "llseek",
             "ugetrlimit": "getrlimit"},
}

# call: {argument: why it is no path}. "*": all of them.
BYTES = "bytes that are read or written"
RESULT = "the kernel writes it"
XATTR = "the name of an attribute"
OTHER = "a name, but of no file"
NOT_PATHS = {
    BYTES: "read.buf write.buf pread64.buf pwrite64.buf getrandom.buf mincore.vec shmat.shmaddr "
           "shmdt.shmaddr getsockopt.optval setsockopt.optval mq_timedsend.* mq_timedreceive.* "
           "mq_timedsend_time32.* mq_timedreceive_time32.* kexec_file_load.cmdline_ptr "
           "init_module.uargs finit_module.uargs",
    RESULT: "getcwd.buf readlink.buf readlinkat.buf listxattr.list llistxattr.list "
            "flistxattr.list listxattrat.list syslog.buf gethostname.name",
    XATTR: "getxattr.name lgetxattr.name fgetxattr.name getxattrat.name setxattr.name "
           "lsetxattr.name fsetxattr.name setxattrat.name removexattr.name lremovexattr.name "
           "fremovexattr.name removexattrat.name",
    OTHER: "add_key.* request_key.* delete_module.name_user memfd_create.uname_ptr "
           "fsopen.fs_name sethostname.name setdomainname.name mount.type fsconfig.key",
    "names a queue, kept by a file system of the kernel's own": "mq_open.* mq_unlink.name",
    "the text of the new link; nobody looks it up": "symlink.old symlinkat.oldname",
}

# Calls that name or open files by other means than such an argument. What is not here:
# bpf (pins live in a file system of the kernel's own), perf_event_open (a probe's file, with
# rights that no container has), quotactl's quota file (Q_QUOTAON: root of the machine only),
# file systems' mount options (lowerdir=...), prctl, landlock and others that take descriptors,
# getdents and readdir (a directory is listed by what its opening told).
HIDDEN = {
    "openat2": "flags in memory", "fsconfig": "value is a path with two of the commands",
    "bind": "address", "connect": "address", "sendto": "address", "sendmsg": "address in memory",
    "sendmmsg": "addresses in memory", "socketcall": "arguments in memory",
    "fchdir": "enters",
    "open_by_handle_at": "opens by a handle", "io_uring_setup": "opens without calls",
}

# Without a prototype in these headers.
NO_PROTOTYPE = {
    "not in the kernel any more": "_sysctl create_module get_kernel_syms query_module nfsservctl "
        "getpmsg putpmsg afs_syscall tuxcall security vserver epoll_ctl_old epoll_wait_old break "
        "stty gtty ftime prof lock mpx ulimit profil idle bdflush lookup_dcookie",
    "the machine's own: segments, signals, ports, memory": "modify_ldt arch_prctl iopl "
        "set_thread_area get_thread_area vm86 vm86old sigreturn rt_sigreturn oldfstat "
        "oldolduname mmap mmap2",
}


def words(table):
    return {w: why for why, text in table.items() for w in text.split()}


def read_rows(callrows):
    rows = {abi: {} for abi in ABIS}
    newest = {}
    for line in subprocess.run([callrows], stdout=subprocess.PIPE, text=True,
                               check=True).stdout.splitlines():
        abi, name, nr, args = line.split()
        if name == "newest":
            newest[abi] = int(nr)
        else:
            paths = set() if args == "-" else {int(a) for a in args.split(",")}
            rows[abi].setdefault(name, (int(nr), paths))
    return rows, newest


def read_numbers(root, abi):
    for path in ABIS[abi]:
        path = os.path.join(root, path)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                return {name: int(nr) for name, nr in re.findall(
                    r"^#define __NR(?:3264)?_([a-z0-9_]+)\s+(\d+)", f.read(), re.M)}
    return {}


def read_prototypes(root):
    """{"sys_open": ["const char __user *filename", ...]}; empty without headers."""
    found = {}
    dirs = glob.glob(os.path.join(root, "usr/src/linux-headers-*-common"))
    if not dirs:
        return found
    for path in PROTOTYPES:
        with open(os.path.join(sorted(dirs)[-1], path), encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
        for name, args in re.findall(r"\b((?:compat_)?sys_\w+)\s*\(([^;{]*?)\)\s*;", text):
            found[name] = [" ".join(a.split()) for a in args.split(",")]
    return found


def prototype(protos, abi, name):
    name = FUNCTION[abi].get(name, name)
    tries = ["sys_" + name, "sys_" + re.sub(r"(_time64|64|32)$", "", name)]
    if abi == "i386":
        tries.insert(0, "compat_sys_" + name)
    for t in tries:
        if t in protos:
            return re.sub(r"^(compat_)?sys_", "", t), protos[t]
    return name, None


def check_numbers(abi, rows, numbers):
    both = sorted(set(rows) & set(numbers))
    bad = [f"{abi}: {n} is {numbers[n]}, the table says {rows[n][0]}"
           for n in both if rows[n][0] != numbers[n]]
    if len(both) < 50:
        bad.append(f"{abi}: only {len(both)} numbers compared")
    print(f"{abi}: {len(both)} numbers compared")
    return bad


def check_call(abi, name, nr, row, newest, protos):
    not_paths = words(NOT_PATHS)
    function, args = prototype(protos, abi, name)
    if args is None:
        if row or name in words(NO_PROTOTYPE):
            return []
        return [f"{abi}: {name} has no prototype: say in NO_PROTOTYPE what it is"]
    bad = []
    for i, arg in enumerate(args):
        arg_name = arg.split("*")[-1].strip()
        known = {f"{function}.{arg_name}", f"{function}.*"} & set(not_paths)
        if re.search(r"\bchar __user ?\*(?!.*\*)", arg) and not known and \
                not (row and i in row[1]):
            bad.append(f"{abi}: argument {i} of {name} ({arg}) is in no row of tracer/calls.c; "
                       "if it is no path, say why in NOT_PATHS")
    if row and any("*" not in (args + [""] * 6)[i] for i in row[1]):
        if name not in HIDDEN:
            bad.append(f"{abi}: a path of {name} is no pointer: {args}")
    if nr > newest and not row and any("*" in a for a in args):
        bad.append(f"{abi}: {name} ({nr}) is newer than tracer/calls.c: look whether its "
                   "structures hold a path, then raise NEWEST there")
    return bad


def check_paths(abi, rows, numbers, newest, protos):
    bad = [f"{abi}: {name} ({HIDDEN[name]}) is in no row of tracer/calls.c"
           for name in HIDDEN if name in numbers and name not in rows]
    for name, nr in numbers.items():
        bad += check_call(abi, name, nr, rows.get(name), newest, protos)
    print(f"{abi}: {len(numbers)} calls looked at, the newest {max(numbers.values())}")
    return bad


def main():
    callrows, *what = sys.argv[1:]
    root = os.environ.get("IMAGETRIM_KERNEL_HEADERS", "/") if what else "/"
    rows, newest = read_rows(callrows)
    protos = read_prototypes(root) if what else None
    if what and not protos:
        print("no linux-headers-*-common below", root)
        return 77
    bad = []
    for abi in ABIS:
        numbers = read_numbers(root, abi)
        if not numbers:
            continue
        bad += check_numbers(abi, rows[abi], numbers)
        if what:
            bad += check_paths(abi, rows[abi], numbers, newest[abi], protos)
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
