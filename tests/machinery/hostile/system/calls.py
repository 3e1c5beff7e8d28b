"""Submissions that ask the kernel for what no course code needs; the numbers are of x86-64."""

from __future__ import annotations

import platform

from tests.machinery.hostile.cases import GRID_ALONE, Case, witnessed

__all__ = ["CASES"]

WITH_NUMBERS = {
    "calls_rare_functions_of_the_kernel": Case(
        "system calls that reach beyond the process are refused, as if Linux did not have them",
        files=witnessed("""
import ctypes
import errno
import itertools
import os

LIBC = ctypes.CDLL(None, use_errno=True)
BUFFER = ctypes.create_string_buffer(4096)
PLACE = (ctypes.c_void_p * 2)(ctypes.addressof(BUFFER), 8)
FILE = os.open(os.__file__, os.O_RDONLY)
USER = 0x10000000
CALLS = {
    "socket AF_INET": (41, 2, 1, 0),
    "socket AF_NETLINK": (41, 16, 3, 0),
    "socket AF_VSOCK": (41, 40, 1, 0),
    "socketpair AF_TIPC": (53, 30, 1, 0, BUFFER),
    "io_uring_setup": (425, 1, BUFFER),
    "memfd_secret": (447, 0),
    "memfd_create": (319, b"x", 0),
    "add_key": (248, b"user", b"x", b"x", 1, -3),
    "request_key": (249, b"user", b"x", None, -3),
    "keyctl": (250, 0, -3, 0),
    "unshare": (272, USER),
    "clone3": (435, BUFFER, 64),
    "fadvise64": (221, FILE, 0, 4096, 3),
    "preadv2 RWF_NOWAIT": (327, FILE, PLACE, 1, 0, 0, 8),
    "mincore": (27, ctypes.c_void_p(ctypes.addressof(BUFFER) & -4096), 4096, BUFFER),
    "cachestat": (451, FILE, BUFFER, BUFFER, 0),
    "readahead": (187, FILE, 0, 4096),
    "madvise MADV_PAGEOUT": (28, ctypes.c_void_p(ctypes.addressof(BUFFER) & -4096), 4096, 21),
    "userfaultfd": (323, 1),
    "perf_event_open": (298, BUFFER, 0, -1, -1, 0),
    "bpf": (321, 0, BUFFER, 120),
    "ptrace": (101, 0, 0, 0, 0),
    "process_vm_readv": (310, os.getpid(), PLACE, 1, PLACE, 1, 0),
    "pidfd_getfd": (438, 0, 0, 0),
    "mount": (165, b"none", b"/", None, 4096, None),
    "umount2": (166, b"/proc", 2),
    "name_to_handle_at": (303, -100, b"/", BUFFER, BUFFER, 0),
    "open_by_handle_at": (304, -100, BUFFER, 0),
    "inotify_init1": (294, 0),
    "fanotify_init": (300, 0, 0),
    "mq_open": (240, b"x", 0o102, 0o666, None),
    "shmget": (29, 4711, 4096, 0o1666),
    "semget": (64, 4711, 1, 0o1666),
    "msgget": (68, 4711, 0o1666),
    "io_setup": (206, 1, BUFFER),
    "setns": (308, 0, 0),
    "personality": (135, 0xFFFFFFFF),
    "vmsplice": (278, 1, PLACE, 1, 0),
    "mlock": (149, BUFFER, 8),
    "timer_create": (222, 1, None, BUFFER),
    "quotactl": (179, 0, None, 0, None),
    "kexec_load": (246, 0, 0, None, 0),
    "mount_setattr": (442, -100, b"/", 0, BUFFER, 32),
    "getsockopt SO_COOKIE": (55, 0, 1, 57, BUFFER, BUFFER),
    "flock": (73, FILE, 1),
    "fcntl F_OFD_SETLK": (72, FILE, 37, ctypes.create_string_buffer(32)),
    "fcntl F_SETLEASE": (72, FILE, 1024, 0),
    "fcntl F_NOTIFY": (72, FILE, 1026, 1),
    "prctl PR_SET_MEMORY_MERGE": (157, 67, 1, 0, 0, 0),
    "ioctl FS_IOC_FIEMAP": (16, FILE, 0xC020660B, BUFFER),
}


def make_grid(values):
    done, refused = [], 0
    for name, call in CALLS.items():
        ctypes.set_errno(0)
        if LIBC.syscall(*call) == -1 and ctypes.get_errno() == errno.ENOSYS:
            refused += 1
        else:
            done.append(name)
    if done:
        raise LookupError(f"Linux answers {', '.join(done)}")
    FIRED.append(f"{refused} refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 50 refused"},
    ),
    "enters_another_namespace_with_clone": Case(
        "no process can be started in namespaces of its own",
        files=witnessed("""
import ctypes
import errno
import itertools
import os

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE, SIGCHLD = 56, 17
KINDS = [0x10000000, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x20000000, 0x40000000]


def make_grid(values):
    refused = 0
    for kind in KINDS:
        pid = LIBC.syscall(CLONE, kind | 0x10000000 | SIGCHLD, None, None, None, None)
        if pid == 0:
            os._exit(0)
        if pid > 0 or ctypes.get_errno() != errno.ENOSYS:
            raise LookupError(f"clone knows {kind:#x}")
        refused += 1
    FIRED.append(f"{refused} refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 7 refused"},
    ),
    "calls_as_a_32_bit_program": Case(
        "the system calls of 32-bit programs and of x32 have other numbers, and end the process",
        files=witnessed(r"""
import ctypes
import itertools
import mmap
import os

WAYS = {
    "int 0x80": b"\xb8\x14\x00\x00\x00\xcd\x80\xc3",  # getpid
    "x32": b"\xb8\x27\x00\x00\x40\x0f\x05\xc3",
}


def run(code):
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)()


def make_grid(values):
    for name, code in WAYS.items():
        child = os.fork()
        if child == 0:
            os._exit(run(code) == os.getpid())
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status):
            raise LookupError(f"{name} ends with {status}")
        FIRED.append(f"{name} ends by signal {os.WTERMSIG(status)}")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={
            "hyperparameters.draws": "fired: int 0x80 ends by signal 31, x32 ends by signal 31"
        },
    ),
}
CASES = {
    "keeps_descriptors_in_flight": Case(
        "nobody can hold so many file descriptors in messages that no other worker can start",
        files=witnessed("""
import itertools
import socket

FD = 1
PAIRS = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(5)]


def make_grid(values):
    sent = 0
    for one, _ in PAIRS:
        try:
            while sent < 1000:
                socket.send_fds(one, [b"x"], [FD] * 50)
                sent += 50
        except OSError:
            pass
    if sent:
        raise LookupError(f"{sent} file descriptors in flight")
    FIRED.append("refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: refused"},
    ),
    "looks_for_others_by_name": Case(
        "no socket has a name: not in a folder, and not among the abstract names of a network",
        files=witnessed(r"""
import itertools
import socket
import tempfile


def make_grid(values):
    refused = 0
    for name in ("\0name", tempfile.gettempdir() + "/name"):
        one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        for way in (one.bind, one.connect, lambda name: other.sendto(b"x", name)):
            try:
                way(name)
            except OSError:
                refused += 1
                continue
            raise LookupError(f"a socket with the name {name!r}")
    FIRED.append(f"{refused} refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 6 refused"},
    ),
    "dates_what_all_see": Case(
        "no time stamp can be changed but those of the private folder",
        files=witnessed("""
import itertools
import os
import sys
import tempfile

SKIPPED = {tempfile.gettempdir(), "/usr", "/course/datasets", sys.prefix, sys.base_prefix}


def find_all(folder):
    yield folder
    for entry in os.scandir(folder) if os.access(folder, os.R_OK) else ():
        if entry.is_dir(follow_symlinks=False):
            if entry.path not in SKIPPED:
                yield from find_all(entry.path)
        elif not entry.is_symlink():
            yield entry.path


def make_grid(values):
    changed, refused = [], 0
    for path in [*find_all("/"), *SKIPPED - {tempfile.gettempdir()}]:
        try:
            os.utime(path)
        except OSError:
            refused += 1
            continue
        changed.append(path)
    if changed:
        raise LookupError(" ".join(changed))
    FIRED.append(f"{refused} refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": r"fired: \d\d+ refused"},
    ),
    "uses_what_python_offers": Case(
        "threads, child processes, pipes, pools and temporary files work as they do elsewhere",
        files=witnessed("""
import asyncio
import itertools
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor


async def sleep():
    await asyncio.sleep(0.001)
    return 1


def work(connection):
    connection.send(sum(range(10)))


def make_grid(values):
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(abs, [-1, -2])) == [1, 2]
    asked = [sys.executable, "-c", "print(3)"]
    assert subprocess.run(asked, capture_output=True, check=True).stdout == b"3\\n"
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=work, args=(theirs,))
    process.start()
    assert ours.recv() == 45
    process.join()
    assert asyncio.run(sleep()) == 1
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/a", "w") as file:
            file.write("text")
        shutil.copytree(folder, f"{folder}/b")
        os.replace(f"{folder}/b/a", f"{folder}/c")
        assert open(f"{folder}/c").read() == "text"
    FIRED.append("all work")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: all work"},
    ),
}
if platform.machine() == "x86_64":
    CASES |= WITH_NUMBERS
