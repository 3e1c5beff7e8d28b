"""What a process asks of Linux about itself. The order of the calls matters: callers say why."""

from __future__ import annotations

import ctypes
import signal

__all__ = ["die_with_parent", "gain_no_privileges", "set_dumpable"]

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38

libc = ctypes.CDLL(None)


def die_with_parent() -> None:
    """Have this process killed when the one that started it ends; a fork has to ask again."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def set_dumpable(wanted: bool) -> None:
    """Let processes of the same user trace this one, or not: then its /proc/self is root's."""
    libc.prctl(PR_SET_DUMPABLE, int(wanted), 0, 0, 0)


def gain_no_privileges() -> None:
    """Take no privileges from a program that is run from now on, whatever its file says."""
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
