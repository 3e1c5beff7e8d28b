"""What a student might try. Probing hands this file in as affine.py, and looks what succeeds."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import socket
from collections.abc import Iterable, Iterator

import numpy

__all__ = ["affine_forward"]

F_SETPIPE_SZ = 1031
LIBC = ctypes.CDLL(None, use_errno=True)


def affine_forward(what: str, where: str) -> bool | list[str]:
    """Return whether an attempt succeeds, or what it finds.

    Behind a complete wall all but the first two raise an OSError, or find nothing.
    """
    import colorsys  # noqa: F401 - not loaded yet: a worker must be able to read such modules

    os.listdir(os.path.dirname(numpy.__file__))  # and the packages
    try:
        match what:
            case "use up":
                _use_up()
            case "leave":
                mark, *mounts = where.splitlines()
                return _leave(mark, _find_places(mounts))
            case "find":
                mark, *mounts = where.splitlines()
                return _find(mark, _find_places(mounts))
            case "read":
                os.listdir(where) if os.path.isdir(where) else open(where).close()
            case "write":
                open(os.path.join(where, "written"), "w").close()
            case "connect":
                socket.create_connection(("127.0.0.1", int(where)), 1)
            case "signal":
                os.kill(int(where), 0)
            case "call the kernel's":
                return _is_answered(int(where))
    except OSError:
        return False
    return True


def _is_answered(number: int) -> bool:
    """Say whether Linux does more about a system call than to say that it has none."""
    ctypes.set_errno(0)
    failed = LIBC.syscall(number, 0, 0, 0, 0, 0, 0) == -1
    return not (failed and ctypes.get_errno() == errno.ENOSYS)


def _find_places(mounts: Iterable[str]) -> set[str]:
    """Return what is mounted, and what is just below that and in the upper two levels."""
    places = {place for mount in mounts for place in _find_folders(mount, 1)}
    return {*places, *_find_folders("/", 2)}


def _find_folders(folder: str, depth: int) -> Iterator[str]:
    """Yield a folder and what is in it, to a depth."""
    yield folder
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False) and depth > 1:
                yield from _find_folders(entry.path, depth - 1)
            elif not entry.is_symlink():
                yield entry.path


def _leave(mark: str, places: Iterable[str]) -> list[str]:
    """Leave a file and a date wherever that is possible; return what can be dated only now."""
    dated = []
    for place in sorted(places):
        with contextlib.suppress(OSError):
            os.close(os.open(f"{place}/{mark}", os.O_CREAT | os.O_EXCL))
        with contextlib.suppress(OSError):
            os.utime(place)
            dated.append(place)
            os.utime(place, (_make_date(mark), _make_date(mark)))
            dated.pop()
    return [f"the date of {place}" for place in dated]


def _find(mark: str, places: Iterable[str]) -> list[str]:
    """Return the places where a mark was left, and remove the files."""
    found = []
    for place in sorted(places):
        with contextlib.suppress(OSError):
            if os.path.exists(f"{place}/{mark}"):
                found.append(f"a file in {place}")
                os.unlink(f"{place}/{mark}")
            elif os.stat(place).st_mtime == _make_date(mark):
                found.append(f"the date of {place}")
    return found


def _make_date(mark: str) -> int:
    return int(mark, 16) // 2 * 2  # some file systems know only even seconds


def _use_up() -> None:
    """Start as many processes as possible; each holds what Linux may count by user."""
    ready, tell = os.pipe()
    children = 0
    with contextlib.suppress(OSError):
        while True:
            if os.fork() == 0:
                held = _hoard()
                os.write(tell, b".")
                while held:
                    signal.pause()
            children += 1
    for _ in range(children):
        os.read(ready, 1)


def _hoard() -> list[object]:
    """Return descriptors in messages, and pipes with large buffers."""
    held: list[object] = []
    with contextlib.suppress(OSError):
        for _ in range(9):
            held.append(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
            socket.send_fds(held[-1][0], [b"x"], [1] * 40)  # type: ignore[index]
    with contextlib.suppress(OSError):
        while True:
            held.append(os.pipe())
            with contextlib.suppress(OSError):
                fcntl.fcntl(held[-1][0], F_SETPIPE_SZ, 2**20)  # type: ignore[index]
    return held
