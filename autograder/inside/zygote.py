"""Inside the wall: fork workers from a clean process, the zygote, and confine each of them.

The zygote itself never runs student code. A worker gets another user if the grader is root,
namespaces of its own, limits, no capabilities, and no open file but its connection.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assignment.support.testing.debuggers import refuse_debuggers
from autograder.protocol.prctl import die_with_parent, gain_no_privileges, set_dumpable

__all__ = ["run_zygote"]

CLONE_NEWNS, CLONE_NEWIPC = 0x20000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID_NODEV = 2 | 4
MS_REMOUNT_BIND_RDONLY = 32 | 4096 | 1
MS_KEPT = 2 | 4 | 8 | 1024 | 2048  # nosuid, nodev, noexec, noatime, nodiratime
MS_RELATIME, ST_RELATIME = 1 << 21, 4096
KEYCTL, JOIN_SESSION_KEYRING = {"x86_64": 250, "aarch64": 219}, 1  # system call and operation
CAPABILITY_VERSION = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)
Serve = Callable[[socket.socket], None]


def run_zygote(control_fd: int, module: str) -> None:
    """Fork a worker for each connection that arrives, until the control socket closes.

    Parameters
    ----------
    control_fd : a socket. A message with a file descriptor is an order for a worker, as JSON, and
        the worker's end of its connection; one without asks for the CPU seconds used in here
    module : name of the module whose ``serve(connection)`` a worker runs
    """
    control = socket.socket(fileno=control_fd)
    serve: Serve = importlib.import_module(module).serve
    Path("/proc/self/oom_score_adj").write_text("1000")  # out of memory, Linux kills workers first
    gc.collect()
    gc.freeze()  # or a garbage collection in a worker would copy every page
    control.send(b"ready")
    while True:
        data, fds, _, _ = socket.recv_fds(control, 65536, 1)
        if not data:
            return
        _reap(wait=not fds)
        if not fds:
            control.send(str(_read_cpu()).encode())
        elif os.fork() == 0:
            control.close()
            try:
                _keep_worker(socket.socket(fileno=fds[0]), json.loads(data), serve)
            except OSError as error:
                print(error, file=sys.stderr, flush=True)
            finally:
                os._exit(1)
        for fd in fds:
            os.close(fd)


def _read_cpu() -> float:
    return sum(os.times()[:4])  # of this process and of the workers that were reaped


def _reap(wait: bool) -> None:
    """Reap the processes that have ended, or wait for all: only then are their times counted."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0 if wait else os.WNOHANG)[0]:
            pass


def _keep_worker(connection: socket.socket, order: dict[str, Any], serve: Serve) -> None:
    """Start the worker, and wait until it has ended.

    Once it is confined, the trusted side gets its pidfd; if that fails, it gets nothing.
    """
    os.setsid()
    if order["uid"] is not None:
        _become(order["uid"])
    if order["namespaces"]:
        _unshare()
    die_with_parent()
    pid = os.fork()  # the first process of the new pid namespace
    if pid == 0:
        _confine(connection, order)
        pidfd = os.pidfd_open(os.getpid())
        socket.send_fds(connection, [b"."], [pidfd])
        os.close(pidfd)
        try:
            with refuse_debuggers():
                serve(connection)
        finally:
            os._exit(0)
    connection.close()
    os.waitpid(pid, 0)
    os._exit(0)


def _become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    set_dumpable(True)  # else /proc/self/uid_map belongs to root


def _unshare() -> None:
    """Enter new namespaces: user, pid, mount, network and IPC."""
    uid, gid = os.geteuid(), os.getegid()
    flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC
    _require(libc.unshare(flags), "unshare")
    for name, text in [
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ]:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _confine(connection: socket.socket, order: dict[str, Any]) -> None:
    os.setsid()  # a signal to the worker's group must not reach the process that waits for it
    libc.syscall(KEYCTL.get(os.uname().machine, -1), JOIN_SESSION_KEYRING, None)
    die_with_parent()
    gain_no_privileges()
    if order["namespaces"]:
        size = f"mode=0700,size={order['scratch_bytes']},nr_inodes=4096".encode()
        scratch = order["scratch"].encode()
        _require(libc.mount(b"tmpfs", scratch, b"tmpfs", MS_NOSUID_NODEV, size), "mount scratch")
        os.environ |= {"HOME": order["scratch"], "TMPDIR": order["scratch"]}
        tempfile.tempdir = None  # to be looked up again
        _require(
            libc.mount(b"tmpfs", b"/proc", b"tmpfs", MS_NOSUID_NODEV, b"size=4k"), "hide /proc"
        )
        for device in order[
            "devices"
        ]:  # or a worker could leave a message in a device's time stamps
            flags = MS_REMOUNT_BIND_RDONLY | _read_mount_flags(device)
            _require(libc.mount(None, device.encode(), None, flags, None), f"close {device}")
        os.chdir(scratch)
        _drop_capabilities()
    for name, value in order["limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    _close_everything_but(connection.fileno())


def _read_mount_flags(path: str) -> int:
    """Return the flags of a mount that a remount must keep."""
    found = os.statvfs(path).f_flag
    return found & MS_KEPT | (MS_RELATIME if found & ST_RELATIME else 0)


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    _require(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def _close_everything_but(kept: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.closerange(3, kept)
    os.closerange(kept + 1, 4096)


def _require(status: int, what: str) -> None:
    if status != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
