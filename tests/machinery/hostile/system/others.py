"""Submissions that use privileges, the network and other processes."""

from __future__ import annotations

from tests.machinery.hostile.cases import GRID_ALONE, Case, witnessed

__all__ = ["CASES"]

CASES = {
    "becomes_root": Case(
        "a worker has no capabilities, cannot change its user, and cannot regain either",
        files=witnessed("""
import ctypes
import itertools
import os


def make_grid(values):
    before, refused = os.getresuid(), 0
    for step in (lambda: os.setresuid(0, 0, 0), lambda: os.setgroups([0]), lambda: os.chroot("/")):
        try:
            step()
        except OSError:
            refused += 1
            continue
        raise LookupError("more rights than before")
    assert os.getresuid() == before and 0 not in before
    assert ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 1  # no new privileges
    FIRED.append(f"{refused} refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 3 refused"},
    ),
    "calls_home": Case(
        "there is no network",
        files=witnessed("""
import itertools
import socket


def make_grid(values):
    refused = 0
    for family, address in [
        (socket.AF_INET, ("1.1.1.1", 53)),
        (socket.AF_INET, ("127.0.0.1", 22)),
        (socket.AF_INET6, ("2606:4700:4700::1111", 53)),
    ]:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            try:
                with socket.socket(family, kind) as other:
                    other.settimeout(0.2)
                    other.connect(address)
                    other.send(b"values")
                    other.recv(1)
            except OSError:
                refused += 1
                continue
            raise LookupError(f"somebody answers at {address}")
    try:
        raise LookupError(f"interfaces {socket.if_nameindex()}")
    except OSError:
        refused += 1
    FIRED.append(f"{refused} refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 7 refused"},
    ),
    "changes_its_surroundings": Case(
        "changes to environment, working folder, umask, priority and limits stay in the process",
        files=witnessed("""
import itertools
import os
import resource


def make_grid(values):
    os.environ.clear()
    os.environ.update(PYTHONPATH="/tmp", LD_PRELOAD="/tmp/none.so", PATH="/tmp")
    os.chdir("/")
    os.umask(0o777)
    os.nice(19)
    refused = 0
    for name in ("NPROC", "NOFILE", "AS", "CPU"):
        kind = getattr(resource, f"RLIMIT_{name}")
        soft, hard = resource.getrlimit(kind)
        try:
            resource.setrlimit(kind, (soft * 2, hard * 2))
        except (OSError, ValueError):
            refused += 1
            continue
        raise LookupError(f"more {name} than allowed")
    FIRED.append(f"{refused} refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 4 refused"},
    ),
    "listens": Case(
        "a submission cannot start a server",
        files=witnessed("""
import itertools
import socket


def make_grid(values):
    try:
        socket.create_server(("127.0.0.1", 8080))
    except OSError:
        FIRED.append("refused")
        return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
    raise LookupError("a server listens")
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: refused"},
    ),
    "traces": Case(
        "a submission can trace and read only its own processes",
        files=witnessed("""
import ctypes
import itertools

LIBC = ctypes.CDLL(None)
ATTACH, SEIZE = 16, 0x4206
BUFFER = ctypes.create_string_buffer(8)
PLACE = (ctypes.c_void_p * 2)(ctypes.addressof(BUFFER), 8)


def make_grid(values):
    refused = 0
    for pid in range(2, 300):
        if LIBC.ptrace(ATTACH, pid, None, None) == 0 or LIBC.ptrace(SEIZE, pid, None, None) == 0:
            raise LookupError(f"traces {pid}")
        if LIBC.process_vm_readv(pid, PLACE, 1, PLACE, 1, 0) >= 0:
            raise LookupError(f"reads {pid}")
        refused += 1
    FIRED.append(f"{refused} refused")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: 298 refused"},
    ),
    "unshares": Case(
        "root in a new namespace still sees nothing else",
        files=witnessed("""
import ctypes
import itertools
import os

LIBC = ctypes.CDLL(None)
USER, MOUNT, PROCESSES, NETWORK = 0x10000000, 0x20000, 0x20000000, 0x40000000


def look():
    LIBC.unshare(USER | MOUNT | PROCESSES | NETWORK)
    for place in (b"/proc", b"/tmp", b"/course"):
        while LIBC.umount2(place, 2) == 0:
            pass
    LIBC.mount(None, b"/", None, 32, None)
    LIBC.mount(None, b"/course", None, 32 | 4096, None)
    if os.fork() == 0:
        LIBC.mount(b"proc", b"/proc", b"proc", 0, None)
        pids = [name for name in os.listdir("/proc") if name.isdigit()]
        writeable = os.access("/course", os.W_OK) or os.access("/usr", os.W_OK)
        os._exit(len(pids) > 1 or writeable)
    return os.waitstatus_to_exitcode(os.wait()[1])


def make_grid(values):
    child = os.fork()
    if child == 0:
        os._exit(look())
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise LookupError("others can be seen, or the course can be written to")
    FIRED.append("looked")
    return [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
"""),
        outcomes=GRID_ALONE,
        evidence={"hyperparameters.draws": "fired: looked"},
    ),
}
