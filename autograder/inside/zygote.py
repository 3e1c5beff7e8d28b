"""Inside the wall: fork workers from a clean process, the zygote, and confine each of them.

The zygote itself never runs student code. A worker gets another user if the grader is root,
namespaces of its own, limits, no capabilities, no open file but its connection, and only those
system calls that it needs.
"""

from __future__ import annotations

import base64
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
from autograder.protocol.prctl import (
    die_with_parent,
    filter_system_calls,
    gain_no_privileges,
    set_dumpable,
)

__all__ = ["run_zygote"]

CLONE_NEWNS, CLONE_NEWIPC = 0x20000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID_NODEV, MS_BIND, MS_REC_PRIVATE = 1, 2 | 4, 4096, 16384 | 1 << 18
MS_REMOUNT_BIND_RDONLY = 32 | MS_BIND | MS_RDONLY
MS_KEPT = 2 | 4 | 8 | 1024 | 2048  # nosuid, nodev, noexec, noatime, nodiratime
MS_RELATIME, ST_RELATIME = 1 << 21, 4096
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE = 442, -100, 0x8000  # the call since Linux 5.12
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
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

    Once it is confined, the trusted side gets its pidfd; if that fails, it gets nothing. This
    process opens and sends it, because it has no limits: Linux counts the file descriptors that
    are being sent by user, for all workers together, and compares with the limit of the sender.
    """
    os.setsid()
    is_private = order["level"] == "full"
    if order["level"] == "user":
        is_private = _close_mounts(order)
    if order["uid"] is not None:
        _become(order["uid"])
    if order["level"] == "full":
        _unshare()
    die_with_parent()
    told, tell = os.pipe()
    pid = os.fork()  # the first process of the new pid namespace, if there is one
    if pid == 0:
        _confine(connection, order, is_private, tell)
        try:
            with refuse_debuggers():
                serve(connection)
        finally:
            os._exit(0)
    os.close(tell)
    if os.read(told, 1):
        socket.send_fds(connection, [b"."], [os.pidfd_open(pid)])
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


def _close_mounts(order: dict[str, Any]) -> bool:
    """At level user: let nothing be written but one private folder; say whether Linux allows that.

    Only then can nothing that a worker leaves reach the next one.
    """
    if libc.unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC) != 0:
        return False
    if libc.mount(None, b"/", None, MS_REC_PRIVATE, None) != 0:
        return False
    devices = [device.encode() for device in order["devices"]]
    if any(libc.mount(device, device, None, MS_BIND, None) != 0 for device in devices):
        return False
    closed = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV
    if _set_mount(b"/", AT_RECURSIVE, closed, 0) != 0:
        return False  # an old Linux
    for device in devices:
        _require(_set_mount(device, 0, 0, MOUNT_ATTR_NODEV), f"open {device.decode()}")
    _mount_scratch(order)
    return True


def _set_mount(path: bytes, flags: int, attributes: int, cleared: int) -> int:
    """Set and clear attributes of a mount, or of all that are mounted below as well."""
    changes = (ctypes.c_uint64 * 4)(attributes, cleared)
    return int(libc.syscall(MOUNT_SETATTR, AT_FDCWD, path, flags, ctypes.byref(changes), 32))


def _mount_scratch(order: dict[str, Any]) -> None:
    """Mount the private folder, and hide /proc."""
    size = f"mode=0700,size={order['scratch_bytes']},nr_inodes=4096"
    if order["uid"] is not None:
        size += f",uid={order['uid']},gid={order['uid']}"
    scratch, flags = order["scratch"].encode(), MS_NOSUID_NODEV
    _require(libc.mount(b"tmpfs", scratch, b"tmpfs", flags, size.encode()), "mount scratch")
    _require(libc.mount(b"tmpfs", b"/proc", b"tmpfs", flags | MS_RDONLY, b"size=4k"), "hide /proc")


def _confine(connection: socket.socket, order: dict[str, Any], is_private: bool, tell: int) -> None:
    """Give up all that student code must not have, and tell the process that waits."""
    os.setsid()  # a signal to the worker's group must not reach the process that waits for it
    libc.syscall(KEYCTL.get(os.uname().machine, -1), JOIN_SESSION_KEYRING, None)
    die_with_parent()
    gain_no_privileges()
    if order["level"] == "full":
        _mount_scratch(order)
        for path in order["closed"]:  # what is written there the next worker could read
            flags = MS_REMOUNT_BIND_RDONLY | _read_mount_flags(path)
            _require(libc.mount(None, path.encode(), None, flags, None), f"close {path}")
        _drop_capabilities()
    if is_private:
        os.environ |= {"HOME": order["scratch"], "TMPDIR": order["scratch"]}
        tempfile.tempdir = None  # to be looked up again
        os.chdir(order["scratch"])
    for name, value in order["limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))
    _close_everything_but(connection.fileno(), tell)
    if order["filter"]:
        filter_system_calls(base64.b64decode(order["filter"]))
    os.write(tell, b".")
    os.close(tell)


def _read_mount_flags(path: str) -> int:
    """Return the flags of a mount that a remount must keep."""
    found = os.statvfs(path).f_flag
    return found & MS_KEPT | (MS_RELATIME if found & ST_RELATIME else 0)


def _drop_capabilities() -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    _require(libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")


def _close_everything_but(*kept: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    first = 3
    for fd in (*sorted(kept), 4096):
        os.closerange(first, fd)
        first = fd + 1


def _require(status: int, what: str) -> None:
    if status != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
