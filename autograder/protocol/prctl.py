"""Calls of prctl, by which a process changes itself. Their order matters: callers say why."""

from __future__ import annotations

import ctypes
import signal

__all__ = ["die_with_parent", "gain_no_privileges", "set_dumpable"]

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38

libc = ctypes.CDLL(None)


def die_with_parent() -> None:
    """Have Linux kill this process when its parent ends; a fork must call this again."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def set_dumpable(wanted: bool) -> None:
    """Set whether the same user may trace this process; if not, its /proc/self is root's."""
    libc.prctl(PR_SET_DUMPABLE, int(wanted), 0, 0, 0)


def gain_no_privileges() -> None:
    """Ignore setuid bits and capabilities of program files from now on."""
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
