"""Grade a class of hostile submissions, in a process of its own: python -m ... CLASS RESULTS."""

from __future__ import annotations

import ctypes
import platform
import sys
from pathlib import Path

from autograder.grading import GradingError, grade_class
from autograder.wall import Limits

NO_WALL = 3  # exit code
KEYCTL, JOIN_SESSION_KEYRING = 250, 1  # on x86-64; a login or container has a keyring too
SECONDS = 4  # so that an endless loop costs little here


def main(submissions: Path, results: Path) -> int:
    """Grade, but only behind the full wall: without it such submissions are not let loose."""
    if (sys.platform, platform.machine()) == ("linux", "x86_64"):
        ctypes.CDLL(None).syscall(KEYCTL, JOIN_SESSION_KEYRING, None)
    limits = Limits(seconds=SECONDS, all_seconds=8 * SECONDS)
    try:
        grade_class(submissions, results, notebooks=False, require_isolation="full", limits=limits)
    except GradingError as error:
        print(error, file=sys.stderr)
        return NO_WALL
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
