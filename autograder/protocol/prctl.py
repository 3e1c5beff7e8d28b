"""Calls of prctl, by which a process changes itself. Their order matters: callers say why."""

from __future__ import annotations

import ctypes
import os
import signal

__all__ = ["die_with_parent", "filter_system_calls", "gain_no_privileges", "set_dumpable"]

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
INSTRUCTION_BYTES = 8

libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):  # struct sock_fprog
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def die_with_parent() -> None:
    """Have Linux kill this process when its parent ends; a fork must call this again."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def set_dumpable(wanted: bool) -> None:
    """Set whether the same user may trace this process; if not, its /proc/self is root's."""
    libc.prctl(PR_SET_DUMPABLE, int(wanted), 0, 0, 0)


def gain_no_privileges() -> None:
    """Ignore setuid bits and capabilities of program files from now on."""
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def filter_system_calls(program: bytes) -> None:
    """Let a program of the kernel's packet filter (BPF) decide on each system call from now on.

    It holds for all that this process starts as well. First call gain_no_privileges.
    """
    filtering = _Program(len(program) // INSTRUCTION_BYTES, program)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filtering), 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"this Linux filters no system calls: {os.strerror(error)}")
