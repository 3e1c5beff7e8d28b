"""Count the time that a process uses or sleeps, not that for which a busy machine lets it wait.

Linux notes how long each process was ready to run and had no processor: the second number in
``/proc/PID/schedstat``. A student's function must not pay for it. It is read from outside, and
nothing that runs in the process can change it. A worker that has started threads or processes
may itself have made the machine busy: then its waiting counts.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

import psutil

__all__ = ["SHORTEST_S", "Clock", "Moment"]

SLOWEST = 20  # if a process runs even slower than this, not all of its waiting is left out
SHORT_S = 0.1  # so much waiting does not count, whatever the worker has started
SHORTEST_S = 0.01  # for which to wait before time is measured again
PROC = "/proc"
TICKS = os.sysconf("SC_CLK_TCK")


class Moment(NamedTuple):
    """When a clock was read, and for how long its processes had waited by then, in seconds."""

    time: float
    waited: float


class Clock:
    """Counts the time of a process, and of this one, which waits for its answers.

    Where Linux does not tell how long they have waited, it counts the CPU time of the process.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._meters = [_Meter(pid, "stat")]
        if _has_schedstat():
            self._meters = [_Meter(one, "schedstat") for one in (pid, os.getpid())]

    def look(self) -> Moment:
        """Return the present moment."""
        now = time.monotonic()
        return Moment(now, sum(meter.read_waited(now) for meter in self._meters))

    def measure(self, since: Moment) -> float:
        """Return the seconds since a moment that count."""
        now = self.look()
        passed, waited = now.time - since.time, now.waited - since.waited
        if waited > SHORT_S and self._is_parallel():
            return passed
        return max(passed - waited, passed / SLOWEST)

    def _is_parallel(self) -> bool:
        """Say whether the process has threads or children."""
        with contextlib.suppress(psutil.Error):  # it has ended
            process = psutil.Process(self.pid)
            return process.num_threads() > 1 or bool(process.children())
        return False

    def close(self) -> None:
        """Close the files of /proc."""
        for meter in self._meters:
            meter.close()

    def __enter__(self) -> Clock:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class _Meter:
    """Reads for how long one process has waited; its file is kept open, as this is done often."""

    def __init__(self, pid: int, name: str) -> None:
        self.name = name
        self.waited = 0.0
        self.fd: int | None = None
        with contextlib.suppress(OSError):  # a process that has ended waits no more
            self.fd = os.open(f"{PROC}/{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC)

    def read_waited(self, now: float) -> float:
        """Return the seconds for which the process has waited, up to the monotonic time `now`."""
        with contextlib.suppress(OSError, TypeError):  # ended
            text = os.pread(self.fd, 1024, 0)  # type: ignore[arg-type]
            if self.name == "schedstat":
                self.waited = int(text.split()[1]) / 1e9
            else:
                user, system = text.rpartition(b")")[2].split()[11:13]
                self.waited = now - (int(user) + int(system)) / TICKS
        return self.waited

    def close(self) -> None:
        fd, self.fd = self.fd, None
        if fd is not None:
            os.close(fd)


def _has_schedstat() -> bool:
    """Say whether Linux tells how long a process has waited; else the file is missing, or all 0."""
    try:
        return Path(PROC, "self", "schedstat").read_bytes().split()[0] != b"0"
    except OSError:
        return False
