"""Let a judge have a worker while no other judge has one.

Linux counts some things by user, for all workers together. If a worker has used them up, another
one cannot start beside it; and a worker that keeps the machine busy can slow another one down. That
must cost nobody points.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Turns"]


class Turns:
    """One judge's part in a lock: shared while it has a worker, exclusive to have one alone.

    Parameters
    ----------
    path : file that all judges of a run lock
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        self._is_alone = False

    def begin(self) -> None:
        """Have a worker, beside those of other judges."""
        if not self._is_alone:
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def wait_for_others(self) -> None:
        """Wait until no other judge has a worker, and let none of them start one."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def end(self) -> None:
        """Have no worker any more."""
        if not self._is_alone:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Wait for the other judges; inside this block none of them has a worker.

        This judge may have none when the block begins and when it ends.
        """
        self.wait_for_others()
        self._is_alone = True
        try:
            yield
        finally:
            self._is_alone = False
            self.end()

    def close(self) -> None:
        """Take no part any more."""
        self._file.close()
