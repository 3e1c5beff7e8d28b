"""Let a judge start a worker again while no other judge has one.

Linux counts some things by user, for all workers together. If a worker has used them up, another
one cannot start beside it; that must cost neither of them points.
"""

from __future__ import annotations

import fcntl
from pathlib import Path

__all__ = ["Turns"]


class Turns:
    """One judge's part in a lock: shared while it has a worker, exclusive to start one alone.

    Parameters
    ----------
    path : file that all judges of a run lock
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")

    def begin(self) -> None:
        """Have a worker, beside those of other judges."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def wait_for_others(self) -> None:
        """Wait until no other judge has a worker, and let none of them start one."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def end(self) -> None:
        """Have no worker any more."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Take no part any more."""
        self._file.close()
